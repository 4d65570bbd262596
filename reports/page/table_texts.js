// Long texts in cells keep a few lines, and a button opens them; its word is not text of the cell, which is copied.
evo.texts = (() => {
  function cut(cell) {
    const text = document.createElement("span");
    const button = document.createElement("button");
    text.className = "cut";
    text.append(...cell.childNodes);
    button.type = "button";
    button.className = "rest";
    button.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", "The whole text");
    cell.append(text, button);
  }

  // texts that have room get no button; all are measured before any is changed
  function fit(place) {
    /** @type {HTMLElement[]} */
    const texts = [...place.querySelectorAll(".cut:not(.whole)")].filter((text) => text.clientHeight);
    const longer = texts.map((text) => text.scrollHeight > text.clientHeight + 1);
    texts.forEach((text, i) => { /** @type {HTMLElement} */ (text.nextElementSibling).hidden = !longer[i]; });
  }

  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button.rest");
    if (!button) return;
    const open = button.previousElementSibling.classList.toggle("whole");
    button.setAttribute("aria-expanded", String(open));
  });
  // what was folded has no height until it is opened
  document.addEventListener("toggle", (event) => fit(event.target), true);
  addEventListener("resize", () => fit(document));
  return { cut, fit };
})();
