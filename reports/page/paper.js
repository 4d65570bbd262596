// Paper: what a print in the chosen manner has. `summary` is what the page tells, `all` is that with the results.
// Sections and tables are open on paper; what else is folded stays folded.
evo.paper = (() => {
  const page = document.documentElement;
  let opened = [];

  // whether charts and long tables of a part of the page will be on paper
  function has(element) {
    const part = element.closest("main > section")?.dataset.part;
    return part === "story" || (part === "results" && page.dataset.print !== "summary");
  }

  function print(manner) {
    page.dataset.print = manner;
    window.print();
  }

  function begin() {
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const closed = document.querySelectorAll(":is(details.appendix, details.table):not([open])");
    opened = [...closed].filter((fold) => has(fold) || fold.matches(".appendix"));
    for (const fold of opened) fold.open = true;
    evo.tables.fillAll(has);
  }

  function end() {
    delete page.dataset.print;
    for (const fold of opened) fold.open = false;
  }

  return { has, print, begin, end };
})();
