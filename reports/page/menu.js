// The menu: colours, printing, the data of the page as a file. "Copy link" is in state.js.
evo.menu = (() => {
  const KEY = "evobench.theme";
  const page = document.documentElement;
  const menu = document.getElementById("menu");

  // charts take their colours from the page and are told when these change
  function paint(theme) {
    if (theme === "system") delete page.dataset.theme;
    else page.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  }

  function choose(theme) {
    paint(theme);
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      evo.say("The browser does not let this page remember the colours");
    }
  }

  // what a program reads of a cell: the number behind its text, or the text
  function value([text, sort]) {
    return sort ? Number(sort) : text;
  }

  // of a long table that nobody has needed yet, the rows behind the first are in the packed block
  function rowsOf(box, packed = []) {
    const others = box.querySelector(".scroll.packed") ? packed : [];
    /** @type {NodeListOf<HTMLTableRowElement>} */
    const rows = box.querySelectorAll("tbody tr");
    return [
      ...[...rows].map((row) => [...row.cells].map((cell) => value([cell.textContent, cell.dataset.sort]))),
      ...others.map((row) => row.map((cell) => value(typeof cell === "string" ? [cell] : cell))),
    ];
  }

  function tablesOf(packed) {
    const boxes = [...document.querySelectorAll("main .table[id]")].filter((box) => box.querySelector("th") && !box.closest(".data, .layers"));
    return Object.fromEntries(boxes.map((box) => {
      /** @type {NodeListOf<HTMLElement>} */
      const heads = box.querySelectorAll("thead th");
      const columns = [...heads].map((head) => head.dataset.raw ?? head.textContent.trim());
      return [box.id.replace(/^table-/, ""), { title: box.querySelector("h3").textContent, columns, rows: rowsOf(box, packed[box.id]) }];
    }));
  }

  // JSON with what the page shows: figures' points, tables in SI units, records with their samples
  async function save(name) {
    const { figures, tables, blocks } = await evo.data;
    const charts = Object.fromEntries(Object.entries(figures).map(([key, figure]) => [key, figure.data]));
    const content = { page: document.title, charts, tables: tablesOf(tables), records: blocks.records ?? null };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    evo.say(`${name} saved`);
  }

  // below the edge of what opened it, within the window
  function place(box, { left, bottom }) {
    box.style.top = `${Math.max(4, Math.min(bottom + 4, innerHeight - box.offsetHeight - 4))}px`;
    box.style.left = `${Math.max(4, Math.min(left, innerWidth - box.offsetWidth - 4))}px`;
  }

  evo.start(() => {
    /** @type {HTMLInputElement} */
    const chosen = menu.querySelector(`input[value="${page.dataset.theme ?? "system"}"]`);
    chosen.checked = true;
    menu.addEventListener("change", (event) => choose(/** @type {HTMLInputElement} */ (event.target).value));
    menu.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (!button) return;
      menu.hidePopover();
      if (button.dataset.print) evo.paper.print(button.dataset.print);
      if (button.dataset.file) save(button.dataset.file);
    });
    // what a link leads to is not to be covered by what it stands in; then the focus is free to go there
    document.addEventListener("click", (event) => {
      const link = /** @type {Element} */ (event.target).closest("[popover]:popover-open a");
      /** @type {HTMLElement} */ (link?.closest("[popover]"))?.hidePopover();
    }, true);
    // the browser puts what opens into the middle: it comes to stand beside its button
    document.addEventListener("toggle", (event) => {
      const box = /** @type {HTMLElement} */ (event.target);
      if (!box.matches?.("[popover]:popover-open") || box.id === "contents") return;
      const opener = [...document.querySelectorAll(`[popovertarget="${CSS.escape(box.id)}"]`)];
      const near = opener.find((button) => button === document.activeElement) ?? opener[0];
      if (near) place(box, near.getBoundingClientRect());
    }, true);
  });
})();
