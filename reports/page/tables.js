// Tables: rows of long ones are made when they are needed; sort, filter, choice of columns, copy; names lead to cards,
// and long texts are cut until they are opened.
evo.tables = (() => {
  const FEW = 8;
  // letters of what is cut
  const CUT = 80;
  const narrow = matchMedia("(max-width: 40rem)");
  const all = new Map();
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => hint(target.closest(".scroll"))));

  class Table {
    constructor(box, rows = null) {
      this.box = box;
      this.name = box.id.replace(/^table-/, "");
      this.scroll = box.querySelector(".scroll");
      this.table = box.querySelector("table");
      this.heads = [...this.table.tHead.rows[0].cells];
      this.slugs = evo.slugs(this.heads.map((head) => head.textContent));
      this.names = this.heads.findIndex((head) => head.textContent === "Architecture");
      this.packed = rows;
      this.order = { column: -1, descending: false };
      this.query = "";
      const hidden = narrow.matches && !this.scroll.classList.contains("cards");
      this.usual = this.heads.map((head) => !("empty" in head.dataset || "same" in head.dataset || (hidden && "more" in head.dataset)));
      this.shown = [...this.usual];
      /** @type {CSSStyleSheet | undefined} */
      this.style = undefined;
      // of a long table the first rows are there
      this.first = [...this.table.tBodies[0].rows];
      this.original = rows === null && !this.scroll.classList.contains("packed") ? this.first : null;
      this.addTools();
      for (const row of this.first) this.finish(row);
    }

    // the rows in their first order; of a long table nobody has needed yet, they are made now
    get rows() {
      if (this.original || !this.packed) return this.original ?? [];
      const cards = this.scroll.classList.contains("cards");
      this.original = [...this.first, ...this.packed.map((cells) => this.finish(evo.tableRows.make(cells, this.heads, cards)))];
      this.packed = null;
      return this.original;
    }

    // a name leads to its card, where the page has one; the first column stays whole
    finish(row) {
      const name = row.cells[this.names];
      if (name && !name.firstElementChild && document.getElementById(`architecture-${name.textContent}`)) {
        const anchor = document.createElement("a");
        anchor.href = `#architectures?card=${encodeURIComponent(name.textContent)}`;
        anchor.append(...name.childNodes);
        name.append(anchor);
      }
      for (const cell of row.querySelectorAll("td.words:not(:first-child)")) if (cell.textContent.length > CUT) evo.texts.cut(cell);
      return row;
    }

    fill() {
      const body = this.table.tBodies[0];
      if (body.rows.length < this.rows.length) {
        this.arrange();
        this.scroll.classList.remove("packed");
        requestAnimationFrame(() => evo.texts.fit(this.table));
      }
    }

    addTools() {
      const template = /** @type {HTMLTemplateElement} */ (document.getElementById("tools"));
      const tools = /** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild;
      this.input = tools.querySelector("input");
      this.output = tools.querySelector("output");
      this.boxes = tools.querySelector("fieldset");
      const title = this.box.querySelector("h3").textContent;
      for (const summary of tools.querySelectorAll("summary")) summary.setAttribute("aria-label", `${summary.textContent}: ${title}`);
      this.input.setAttribute("aria-label", `Filter rows: ${title}`);
      this.input.addEventListener("input", () => {
        this.filter(this.input.value);
        evo.state.change(`${this.name}.filter`, this.input.value, true);
      });
      tools.querySelector(".copy").addEventListener("click", (event) => {
        const place = /** @type {Element} */ (event.target);
        if (place.closest("button")) this.copy(place.textContent);
      });
      /** @type {HTMLElement} */
      const columns = tools.querySelector(".columns");
      columns.addEventListener("toggle", () => this.addBoxes(), { once: true });
      columns.hidden = this.heads.length < 3;
      this.hideFilter(tools);
      this.scroll.before(tools);
      this.scroll.addEventListener("scroll", () => hint(this.scroll), { passive: true });
      sizes.observe(this.scroll);
      sizes.observe(this.table);
    }

    hideFilter(tools) {
      tools.querySelector(".search").hidden = (this.packed ?? this.original ?? { length: Infinity }).length <= FEW;
    }

    // the first column names the row: it stays
    addBoxes() {
      this.heads.forEach((head, i) => {
        if (i === 0) return;
        const label = document.createElement("label");
        const box = document.createElement("input");
        box.type = "checkbox";
        box.checked = this.shown[i];
        box.addEventListener("change", () => {
          this.choose(this.shown.map((shown, j) => (j === i ? box.checked : shown)));
          evo.state.change(`${this.name}.columns`, this.columns());
        });
        label.append(box, ` ${head.textContent}${"empty" in head.dataset ? " (empty)" : "same" in head.dataset ? " (the same in every row)" : ""}`);
        this.boxes.append(label);
      });
    }

    columns() {
      if (this.shown.every((shown, i) => shown === this.usual[i])) return "";
      return this.slugs.filter((_, i) => this.shown[i]).join(",");
    }

    choose(shown) {
      this.shown = shown;
      this.boxes.querySelectorAll("input").forEach((box, i) => { box.checked = shown[i + 1]; });
      if (!this.style) document.adoptedStyleSheets.push(this.style = new CSSStyleSheet());
      const hidden = shown.flatMap((is, i) => (is ? [] : [`#${CSS.escape(this.box.id)} tr > :nth-child(${i + 1})`]));
      this.style.replaceSync(hidden.length ? `${hidden.join(", ")} { display: none !important; }` : "");
    }

    sort(column, descending) {
      this.order = { column, descending };
      this.heads.forEach((head, i) => {
        head.setAttribute("aria-sort", i !== column ? "none" : descending ? "descending" : "ascending");
      });
      if (this.table.tBodies[0].rows.length) this.arrange();
    }

    arrange() {
      const numeric = this.heads[this.order.column]?.classList.contains("number");
      this.table.tBodies[0].append(...evo.tableRows.sorted(this.rows, this.order, numeric));
    }

    filter(query) {
      this.query = query;
      if (this.input.value !== query) this.input.value = query;
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length) this.fill();
      let found = 0;
      for (const row of this.original ?? []) {
        row.words ??= [...row.cells].map((cell) => cell.textContent.toLowerCase()).join(" ");
        row.hidden = !words.every((word) => row.words.includes(word));
        found += Number(!row.hidden);
      }
      this.output.textContent = words.length ? `${found} of ${this.rows.length} rows` : "";
    }

    restore() {
      // an address that says anything of a table opens it
      const register = (what, set) => evo.state.register(`${this.name}.${what}`, (value) => {
        if (value) evo.folds.reveal(this.box);
        set(value);
      });
      register("sort", (value) => {
        const [name, way] = value.split(":");
        const column = this.slugs.indexOf(name);
        if (column !== this.order.column || (way === "desc") !== this.order.descending) this.sort(column, way === "desc");
      });
      register("filter", (value) => { if (value !== this.query) this.filter(value); });
      register("columns", (value) => {
        const names = value.split(",").filter((name) => this.slugs.includes(name));
        this.choose(names.length ? this.slugs.map((name, i) => i === 0 || names.includes(name)) : [...this.usual]);
      });
      if (this.usual.includes(false) && !this.style) this.choose(this.shown);
    }

    copy(format) {
      this.fill();
      // programs read numbers, and their unit above them
      const raw = format === "CSV" ? (cell) => cell.dataset.raw ?? cell.dataset.sort ?? cell.textContent : (cell) => cell.textContent;
      const visible = (row) => [...row.cells].filter((_, i) => this.shown[i]).map(raw);
      const rows = [...this.table.tBodies[0].rows].filter((row) => !row.hidden).map(visible);
      const numeric = this.heads.map((head) => head.classList.contains("number")).filter((_, i) => this.shown[i]);
      evo.copy(evo.tableFormats[format](visible(this.table.tHead.rows[0]), rows, numeric), `${rows.length} rows as ${format}`);
    }
  }

  // the edge fades where columns go on behind it
  function hint(scroll) {
    scroll.classList.toggle("beyond", scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft > 2);
  }

  function add(box, rows = null) {
    const table = new Table(box, rows);
    all.set(box.id, table);
    table.restore();
    return table;
  }

  function fillAll(which) {
    for (const table of all.values()) if (which(table.box)) table.fill();
  }

  // long tables are made when they come near, and the others when there is time
  function fillLater() {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        all.get(entry.target.id).fill();
      }
    }, { rootMargin: "600px" });
    const long = [...all.values()].filter((table) => table.packed);
    for (const table of long) observer.observe(table.box);
    // thousands of rows would slow down every chart that is drawn after them
    evo.charts.settled().then(() => evo.whenIdle(long, (table) => table.fill(), "tables filled"));
  }

  document.addEventListener("click", (event) => {
    const place = /** @type {Element} */ (event.target);
    const head = place.closest("th");
    if (!head || !place.closest("button")) return;
    const table = all.get(head.closest(".table").id);
    const descending = table.order.column === head.cellIndex && !table.order.descending;
    table.fill();
    table.sort(head.cellIndex, descending);
    evo.state.change(`${table.name}.sort`, `${table.slugs[head.cellIndex]}:${descending ? "desc" : "asc"}`);
  });

  evo.start(() => {
    for (const box of document.querySelectorAll(".table")) if (box.querySelector("table")) add(box);
    evo.data.then(({ tables }) => {
      for (const [anchor, rows] of Object.entries(tables)) {
        const table = all.get(anchor);
        table.packed = rows;
        if (table.query) table.filter(table.query);
      }
      performance.mark("tables usable");
      requestAnimationFrame(() => evo.texts.fit(document));
      fillLater();
    });
  });
  return { add, fillAll };
})();
