// Paper: what a print in the chosen manner has. `summary` is what the page tells, `all` is that with the results.
// What is folded stays folded.
evo.paper = (() => {
  const page = document.documentElement;

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
    evo.tables.fillAll(has);
  }

  function end() {
    delete page.dataset.print;
  }

  return { has, print, begin, end };
})();
