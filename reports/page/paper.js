// Paper: what a print in the chosen manner has. `summary` is what the page tells, `all` is that with the results.
evo.paper = (() => {
  const page = document.documentElement;
  const NEVER = "details:not(.menu, .data, .layers, .folded, .architecture, [open])";

  // whether charts and long tables of a part of the page will be on paper
  function has(element) {
    const part = element.closest("main > section")?.dataset.part;
    return part === "story" || (part === "results" && page.dataset.print !== "summary");
  }

  function print(manner) {
    page.dataset.print = manner;
    window.print();
  }

  // what is folded and belongs to a text is read on paper, too
  function unfold() {
    evo.tables.fillAll(has);
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const closed = document.querySelectorAll(NEVER);
    for (const details of closed) {
      details.open = true;
      details.dataset.printed = "true";
    }
  }

  function fold() {
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const opened = document.querySelectorAll("details[data-printed]");
    for (const details of opened) {
      details.open = false;
      delete details.dataset.printed;
    }
    delete page.dataset.print;
  }

  return { has, print, unfold, fold };
})();
