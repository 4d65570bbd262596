// A cell of the table of records, opened: its conditions, and of each process its details and raw samples.
evo.start(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [WIDTH, HEIGHT, EDGE] = [600, 80, 6];
  // from the largest unit down
  const SCALES = { s: [[1, "s"], [1e3, "ms"], [1e6, "µs"]], B: [[1e-9, "GB"], [1e-6, "MB"], [1e-3, "kB"]] };
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("record"));
  const box = document.getElementById("table-cells");
  if (!dialog || !box) return;
  const keys = [...box.querySelectorAll("thead th")].findIndex((head) => head.textContent === "Key");
  let shown = "";
  let opener = null;

  function make(name, text = "", kind = "") {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = kind;
    return made;
  }

  function facts(pairs) {
    const list = make("dl", "", "facts");
    for (const [name, text] of pairs) {
      const pair = make("div");
      pair.append(make("dt", name), make("dd", text));
      list.append(pair);
    }
    return list;
  }

  function drawn(name, parent, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
  }

  // a point a sample from left to right as they were taken, and a line at the median of all
  function strip(samples, median) {
    const values = [...samples.filter((value) => value !== null), ...(median === null ? [] : [median])];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const y = (value) => (high > low ? HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low) : HEIGHT / 2);
    const x = (i) => EDGE + ((WIDTH - 2 * EDGE) * (i + 0.5)) / samples.length;
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `${samples.length} samples in their order`);
    if (median !== null) drawn("path", picture, { class: "median", d: `M0 ${y(median)}H${WIDTH}` });
    const points = samples.flatMap((value, i) => (value === null ? [] : [`M${x(i).toFixed(1)} ${y(value).toFixed(1)}h0`]));
    drawn("path", picture, { class: "samples", d: points.join("") });
    return picture;
  }

  // the unit that the largest sample is read in, and how much of it is one of the record's
  function scale(samples, unit) {
    const most = Math.max(...samples.map((value) => Math.abs(value ?? 0)));
    const [found = [1, unit]] = (SCALES[unit] ?? []).filter(([times]) => most * times >= 1);
    return found;
  }

  // with the digits that a step can tell apart
  function listed(samples, unit, step) {
    const more = make("details");
    const [times, name] = scale(samples, unit);
    const digits = Math.max(0, -Math.floor(Math.log10(step * times) + 1e-9));
    const values = samples.map((value) => (value === null ? "none" : (value * times).toFixed(digits)));
    more.append(make("summary", `Values${name === "1" ? "" : ` (${name})`}`), make("p", values.join(", "), "values"));
    return more;
  }

  function process(item, i, count, most) {
    const part = make("section");
    const outcome = item.reason ? `${item.status}: ${item.reason}` : item.status;
    part.append(make("h4", count > 1 ? `Process ${i + 1} of ${count}: ${outcome}` : outcome, item.status === "ok" ? "" : "bad"));
    if (item.samples.length) {
      const samples = item.samples.map((value) => (value === null ? null : (item.base + value) * item.step));
      if (item.samples.length > 1) part.append(strip(samples, item.median));
      const rest = item.n > samples.length ? ` The first ${most} of ${item.n} are here; evobench export has all.` : "";
      part.append(make("p", `${item.samples.length > 1 ? "In the order in which they were taken; the line is the median of all." : "One sample."}${rest}`, "about"));
      part.append(listed(samples, item.unit, item.step));
    }
    part.append(facts(item.facts));
    return part;
  }

  async function open(key) {
    shown = key;
    const { most, cells } = (await evo.data).blocks.records;
    if (shown !== key) return;
    if (!Object.hasOwn(cells, key)) {
      dialog.close();
      return;
    }
    const { cell, facts: conditions, processes } = cells[key];
    dialog.querySelector("h3").textContent = cell;
    const content = dialog.querySelector(".content");
    content.replaceChildren(facts(conditions));
    if (!processes.length) content.append(make("p", "Not run: it was planned, and the run had no time for it, or ended before it.", "nothing"));
    content.append(...processes.map((item, i) => process(item, i, processes.length, most)));
    evo.folds.reveal(dialog);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  // the name of a cell is what opens it
  function addButtons() {
    /** @type {NodeListOf<HTMLTableRowElement>} */
    const rows = box.querySelectorAll("tbody tr:not([data-key])");
    for (const row of rows) {
      row.dataset.key = row.cells[keys].textContent;
      const button = make("button", row.cells[0].textContent, "open");
      button.type = "button";
      button.setAttribute("aria-haspopup", "dialog");
      row.cells[0].replaceChildren(button);
    }
  }

  box.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button.open");
    if (!button) return;
    opener = button;
    const { key } = button.closest("tr").dataset;
    evo.state.change("cells.open", key);
    open(key);
  });
  dialog.addEventListener("click", (event) => {
    const place = /** @type {Element} */ (event.target);
    if (place === dialog || place.closest(".title button")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    if (shown) evo.state.change("cells.open", "");
    shown = "";
    opener?.focus({ preventScroll: true });
  });
  new MutationObserver(addButtons).observe(box.querySelector("tbody"), { childList: true });
  addButtons();
  evo.state.register("cells.open", (key) => {
    if (key === shown) return;
    if (key) open(key);
    else {
      shown = "";
      dialog.close();
    }
  });
});
