// Contents: beside the page where it is wide, else behind a button. Marked is the section in view, and below its entry
// stand its headings.
evo.contents = (() => {
  const nav = document.getElementById("contents");
  const links = new Map();
  let shown = null;
  let waiting = false;

  // what has a place of its own, under a name that does not change with the figures
  function places(section) {
    /** @type {HTMLElement[]} */
    const headings = [...section.querySelectorAll("h3")].filter((heading) => !heading.closest("dialog, .data, .folded > :not(summary)"));
    const found = headings.map((heading) => {
      /** @type {HTMLElement} */
      const owner = heading.closest("[id]");
      const whole = owner === section ? heading : owner;
      whole.id ||= `${section.id}-${evo.slug(heading.textContent)}`;
      return { place: whole, text: owner.dataset.title ?? heading.textContent };
    });
    // a chart and its table have one name
    const twice = ({ place, text }) => place.matches(".table") && found.some((other) => other.text === text && other.place.matches(".chart"));
    return found.map((one) => (twice(one) ? { ...one, text: `${one.text} (table)` } : one));
  }

  function list(section) {
    const made = document.createElement("ul");
    for (const { place, text } of places(section)) {
      const entry = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${encodeURIComponent(place.id)}`;
      link.textContent = text;
      entry.append(link);
      made.append(entry);
    }
    return made;
  }

  function open(section) {
    shown?.link.removeAttribute("aria-current");
    shown?.list.remove();
    const link = links.get(section);
    shown = { section, link, list: list(section) };
    link.setAttribute("aria-current", "true");
    if (shown.list.childElementCount) link.after(shown.list);
    // its own scrolling: the page stays where it is
    nav.scrollTop = Math.max(0, link.offsetTop - nav.clientHeight / 3);
  }

  function mark() {
    waiting = false;
    const quarter = document.querySelector("header").offsetHeight + innerHeight / 4;
    const section = [...links.keys()].find((part) => part.getBoundingClientRect().bottom > quarter) ?? [...links.keys()].at(-1);
    if (section !== shown?.section) open(section);
    const entries = [...shown.list.querySelectorAll("a")];
    const before = entries.filter((link) => {
      const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      return !evo.folds.hides(place) && place.getBoundingClientRect().top < quarter;
    });
    for (const link of entries) {
      if (link === before.at(-1)) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  }

  function markSoon() {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }

  evo.start(() => {
    for (const section of document.querySelectorAll("main > section")) {
      links.set(section, nav.querySelector(`a[href="#${section.id}"]`));
      places(section);
    }
    if (!links.size) return;
    addEventListener("scroll", markSoon, { passive: true });
    addEventListener("resize", markSoon);
    document.addEventListener("toggle", markSoon, true);
    mark();
  });
})();
