// Tables of the script's own: evo.makeTable(anchor, title, headings, rows) gives the box of one.
evo.makeTable = (() => {
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
    evo.tables.add(box, rows).fill();
    return box;
  }

  return make;
})();
