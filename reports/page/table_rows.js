// Rows of tables: made of packed cells, and ordered.
evo.tableRows = (() => {
  // letters of a line
  const LINE = 40;
  const byText = new Intl.Collator("en", { numeric: true });

  // a cell is a text, or a list of text, number, class, link
  function cellOf(packed, numeric) {
    const [text, sort, kind, link] = typeof packed === "string" ? [packed] : packed;
    const cell = document.createElement("td");
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = text;
      if (!link.startsWith("#")) anchor.rel = "noreferrer";
      cell.append(anchor);
    } else cell.textContent = text;
    cell.classList.add(...[numeric && "number", kind, text.length > LINE && "words"].filter(Boolean));
    if (sort) cell.dataset.sort = sort;
    return cell;
  }

  // in cards every cell says what it is of
  function make(cells, heads, cards) {
    const row = document.createElement("tr");
    row.append(...cells.map((packed, i) => {
      const cell = cellOf(packed, heads[i].classList.contains("number"));
      if (cards) cell.dataset.label = heads[i].textContent;
      return cell;
    }));
    return row;
  }

  // by the text or number of a column; rows without a number stay at the end; -1 is the order that they have
  function sorted(rows, { column, descending }, numeric) {
    if (column < 0) return rows;
    const sign = descending ? -1 : 1;
    const items = rows.map((row) => {
      const cell = row.cells[column];
      return { row, number: cell?.dataset.sort === undefined ? NaN : Number(cell.dataset.sort), text: cell?.textContent };
    });
    items.sort((a, b) => {
      if (!numeric) return sign * byText.compare(a.text, b.text);
      if (Number.isNaN(a.number) || Number.isNaN(b.number)) return Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number));
      return sign * (a.number - b.number);
    });
    return items.map(({ row }) => row);
  }

  return { make, sorted };
})();
