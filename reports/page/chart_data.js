// What is behind a chart as a table: its points as they stand under the options that are chosen.
evo.chartData = (() => {
  // numpy arrays come as bytes in base64
  const KINDS = { f8: Float64Array, f4: Float32Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
    i4: Int32Array, u4: Uint32Array };
  const filled = (value) => value !== undefined && value !== null && value !== "" && !Number.isNaN(value);

  function listed(values) {
    if (values === undefined || values === null) return [];
    if (!values.bdata) return Array.isArray(values) ? values : [];
    const flat = [...new KINDS[values.dtype](Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0)).buffer)];
    const columns = values.shape ? Number(String(values.shape).split(",")[1]) : 0;
    if (!columns) return flat;
    return Array.from({ length: flat.length / columns }, (_, i) => flat.slice(i * columns, (i + 1) * columns));
  }

  // plotly's text without its few tags; it is shown as text whatever is left
  function plain(value) {
    if (value === undefined || value === null) return "";
    if (typeof value === "number") return String(Number(value.toPrecision(6)));
    return String(value).replace(/<br ?\/?>/g, "; ").replace(/<\/?(?:b|i|em|strong|su[bp]|span)(?: [^>]*)?>/g, "")
      .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  }

  function put(object, path, value) {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((inner, key) => (inner[key] ??= {}), object)[last] = value;
  }

  // the figure as plotly's restyle, relayout and update leave it
  function applied(figure, buttons) {
    const { data, layout } = structuredClone(figure);
    for (const { method, args } of buttons) {
      const [traces, whole] = { restyle: [args[0], {}], relayout: [{}, args[0]], update: args }[method] ?? [{}, {}];
      for (const [path, value] of Object.entries(traces ?? {})) {
        data.forEach((trace, i) => put(trace, path, Array.isArray(value) ? value[i % value.length] : value));
      }
      for (const [path, value] of Object.entries(whole ?? {})) put(layout, path, value);
    }
    return { data, layout };
  }

  const axisOf = (layout, trace, which) => layout[(trace[`${which}axis`] ?? which).replace(which, `${which}axis`)] ?? {};

  // the heading above the panel that a trace is drawn in; without one, the title at its side
  function panelOf(layout, trace) {
    const [x, y] = ["x", "y"].map((which) => axisOf(layout, trace, which).domain ?? [0, 1]);
    const heading = (layout.annotations ?? []).find((note) => note.xref === "paper" && note.yref === "paper"
      && note.x >= x[0] && note.x <= x[1] && Math.abs(note.y - y[1]) < 0.01);
    return plain(heading?.text) || (layout.yaxis2 ? plain(axisOf(layout, trace, "y").title?.text) : "");
  }

  // what stands at the side: lanes that have names and no scale, their points a little above or below
  function lane({ type, title, tickvals, ticktext }, value) {
    if (type === "log" || title?.text || !ticktext || typeof value !== "number") return value;
    const away = listed(tickvals).map((at) => Math.abs(at - value));
    return ticktext[away.indexOf(Math.min(...away))];
  }

  // of a place on an axis of years, on which a step may be of several
  function year({ tickvals, ticktext }, value) {
    const at = listed(tickvals).indexOf(Math.round(value));
    return at < 0 ? Math.round(value) : Number(ticktext[at]);
  }

  // one row a point, or a cell of a heat map: panel, series, x, y, value, bounds, text
  function points(layout, trace) {
    const at = (values, i) => (Array.isArray(values) ? values[i] : values);
    const z = listed(trace.z);
    const [x, y] = [listed(trace.x), listed(trace.y)];
    const words = [trace.text, trace.hovertext, trace.customdata].map((all) => (all?.bdata ? listed(all) : all));
    // what is written at a point, and what it says when it is pointed at
    const told = (...place) => [...new Set(words.map((all) => place.reduce(at, all)).flat().map(plain))].filter(Boolean).join("; ");
    const start = [panelOf(layout, trace), trace.name ?? ""];
    // boxes within boxes have names and widths, and no axes
    if (trace.ids) return trace.ids.map((id, i) => ["", "", listed(trace.values)[i], plain(id), "", "", "", told(i)]);
    // without positions the rows are counted; a position that is not known is not a position
    const place = (values, i) => (values.length ? values[i] : i);
    // on an axis of years points stand beside their place only to be seen
    const along = axisOf(layout, trace, "x");
    const column = (i) => (along.tickformat === "d" && typeof place(x, i) === "number" ? year(along, place(x, i)) : place(x, i));
    const row = (i) => lane(axisOf(layout, trace, "y"), place(y, i));
    if (z.length) {
      return z.flatMap((values, i) => listed(values).map((value, j) => [...start, column(j), row(i), value, "", "", told(i, j)]));
    }
    const [bars, base] = trace.error_x?.array ? [trace.error_x, x] : [trace.error_y, y];
    const [over, under] = [listed(bars?.array), listed(bars?.arrayminus ?? bars?.array)];
    // bars without a length stand for what has no interval
    const bound = (i, half, sign) => ((over[i] || under[i]) && filled(half[i]) && filled(base[i]) ? base[i] + sign * half[i] : "");
    return Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
      [...start, column(i), row(i), "", bound(i, under, -1), bound(i, over, 1), told(i)])
      .filter((point) => filled(point[2]) && filled(point[3]));
  }

  // the titles of the axes of a kind; where there are none, what stands along them
  function titleOf(layout, rows, which, column) {
    const axes = Object.keys(layout).filter((key) => key.startsWith(`${which}axis`));
    const titles = new Set(axes.map((key) => plain(layout[key].title?.text)).filter(Boolean));
    return [...titles].join(" or ") || (rows.some((row) => typeof row[column] === "number") ? which : "Name");
  }

  // puts the table in its place, or in that of the table under other options
  function show(place, name, title, figure, buttons) {
    const { data, layout } = applied(figure, buttons);
    const shown = data.filter((trace) => trace.visible !== false && trace.visible !== "legendonly");
    const rows = shown.flatMap((trace) => points(layout, trace));
    const along = shown.some((trace) => trace.ids) ? "Width" : titleOf(layout, rows, "x", 2);
    const titles = ["Panel", "Series", along, titleOf(layout, rows, "y", 3), "Value", "Low", "High", "Text"];
    const used = titles.map((_, i) => i === 2 || i === 3 || rows.some((row) => filled(row[i])));
    const keep = (cells) => cells.filter((_, i) => used[i]);
    const numeric = titles.map((_, i) => rows.some((row) => typeof row[i] === "number"));
    const cell = (value) => (typeof value === "number" ? [plain(value), String(value), ""] : plain(value));
    const headings = keep(titles.map((text, i) => [text, numeric[i]]));
    const table = evo.makeTable(`data-${name}`, title, headings, rows.map((row) => keep(row.map(cell))));
    place.querySelector(".table")?.remove();
    place.append(table);
  }

  return { applied, plain, show };
})();
