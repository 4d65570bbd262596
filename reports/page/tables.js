// Tables: rows of long ones are made when they are needed; sort, filter, choice of columns, copy; names lead to cards,
// and long texts are cut until they are opened.
// evo.tables.make(anchor, title, headings, rows) gives one of the script's own.
evo.tables = (() => {
  const FEW = 8;
  // letters: of a line, and of what is cut
  const [LINE, CUT] = [40, 80];
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
      const numeric = this.heads.map((head) => head.classList.contains("number"));
      const names = this.heads.map((head) => head.textContent);
      this.original = [...this.first, ...this.packed.map((cells) => {
        const row = document.createElement("tr");
        cells.forEach((cell, i) => {
          const [text, sort, kind, link] = typeof cell === "string" ? [cell] : cell;
          const made = document.createElement("td");
          if (link) {
            const anchor = document.createElement("a");
            anchor.href = link;
            anchor.textContent = text;
            if (!link.startsWith("#")) anchor.rel = "noreferrer";
            made.append(anchor);
          } else made.textContent = text;
          made.classList.add(...[numeric[i] && "number", kind, text.length > LINE && "words"].filter(Boolean));
          if (sort) made.dataset.sort = sort;
          if (cards) made.dataset.label = names[i];
          row.append(made);
        });
        this.finish(row);
        return row;
      })];
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
        label.append(box, ` ${head.textContent}${"empty" in head.dataset ? " (nothing in it)" : "same" in head.dataset ? " (the same in every row)" : ""}`);
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

    // by the text or number of a column; rows without a number stay at the end; -1 is the first order
    sort(column, descending) {
      this.order = { column, descending };
      this.heads.forEach((head, i) => {
        head.setAttribute("aria-sort", i !== column ? "none" : descending ? "descending" : "ascending");
      });
      if (this.table.tBodies[0].rows.length) this.arrange();
    }

    arrange() {
      const { column, descending } = this.order;
      const sign = descending ? -1 : 1;
      const numeric = this.heads[column]?.classList.contains("number");
      const items = this.rows.map((row) => {
        const cell = row.cells[column];
        return { row, number: cell?.dataset.sort === undefined ? NaN : Number(cell.dataset.sort), text: cell?.textContent };
      });
      const byText = new Intl.Collator("en", { numeric: true });
      if (column >= 0) {
        items.sort((a, b) => {
          if (!numeric) return sign * byText.compare(a.text, b.text);
          if (Number.isNaN(a.number) || Number.isNaN(b.number)) return Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number));
          return sign * (a.number - b.number);
        });
      }
      this.table.tBodies[0].append(...items.map(({ row }) => row));
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

  // as of the page's other tables, what all rows have in a column is said once, and the column hidden at first
  function share(box, headings, rows) {
    const textOf = (cell) => (typeof cell === "string" ? cell : cell[0]);
    const heads = box.querySelectorAll("th");
    const said = headings.flatMap(([title], i) => {
      const texts = new Set(rows.map((row) => textOf(row[i])));
      const [text] = texts;
      if (!i || rows.length < 2 || texts.size > 1) return [];
      heads[i].dataset[text === "" || text === "–" ? "empty" : "same"] = "";
      return "same" in heads[i].dataset ? [`${title[1] === title[1]?.toUpperCase() ? title : title[0].toLowerCase() + title.slice(1)} ${text}`] : [];
    });
    if (!said.length) return;
    const line = document.createElement("p");
    line.className = "same";
    line.textContent = `In every row: ${said.join("; ")}.`;
    box.querySelector("h3").after(line);
  }

  // headings: [text, is a number, its name over plain values]; rows: lists of a text, or of [text, number, class, link]
  function make(anchor, title, headings, rows) {
    const box = document.createElement("div");
    box.className = "table";
    box.id = `table-${anchor}`;
    box.innerHTML = '<h3></h3><div class="scroll" tabindex="0" role="group"><table><thead><tr></tr></thead><tbody></tbody></table></div>';
    box.querySelector("h3").textContent = title;
    box.querySelector(".scroll").setAttribute("aria-label", title);
    for (const [text, numeric, raw] of headings) {
      const head = document.createElement("th");
      const button = document.createElement("button");
      head.scope = "col";
      head.className = numeric ? "number" : "";
      head.setAttribute("aria-sort", "none");
      if (raw) head.dataset.raw = raw;
      button.type = "button";
      button.textContent = text;
      head.append(button);
      box.querySelector("tr").append(head);
    }
    share(box, headings, rows);
    add(box, rows).fill();
    return box;
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
  // menus close with Escape, or when the focus is elsewhere
  document.addEventListener("keydown", (event) => {
    /** @type {HTMLDetailsElement} */
    const menu = event.key === "Escape" ? /** @type {Element} */ (event.target).closest("details.menu[open]") : null;
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("pointerdown", (event) => closeOthers(event.target));

  function closeOthers(place) {
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const menus = document.querySelectorAll("details.menu[open]");
    for (const menu of menus) if (!menu.contains(place)) menu.open = false;
  }

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
  return { make, fillAll };
})();
