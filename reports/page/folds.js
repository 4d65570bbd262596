// Folds: sections of the appendix and tables are closed until somebody goes to them, in whatever way.
evo.folds = (() => {
  // opens all that a place stands in, the place itself where it is a fold, and what a section folds
  function reveal(place) {
    /** @type {Element | null} */
    let outer = place.matches("main > section") ? place.querySelector(":scope > details") : place;
    for (; outer; outer = outer.parentElement.closest("details")) {
      if (outer instanceof HTMLDetailsElement) outer.open = true;
    }
  }

  // whether a place is within a fold that is closed
  function hides(place) {
    return place.parentElement.closest("details:not([open])") !== null;
  }

  return { reveal, hides };
})();
