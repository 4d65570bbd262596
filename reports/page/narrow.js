// Charts on a phone: panels one below the other, long names in lines, and the labels of scales that have room.
evo.narrow = (() => {
  const LETTER = 6.6;
  const [DIGIT, GAP] = [7.6, 6];

  // lines of whole words; the tags of plotly's texts take no room
  function wrapped(text, letters) {
    const seen = (line) => line.replace(/<[^>]*>/g, "").length;
    return String(text).split("<br>").map((line) => line.split(" ").reduce(([...lines], word) => {
      const last = lines.pop();
      return seen(`${last} ${word}`) > letters ? [...lines, last, word] : [...lines, `${last} ${word}`.trim()];
    }, [""]).filter(Boolean).join("<br>")).join("<br>");
  }

  const axes = (layout, which) => Object.keys(layout).filter((key) => new RegExp(`^${which}axis\\d*$`).test(key));
  const domain = (axis) => axis.domain ?? [0, 1];

  // the pairs of axes of the panels, as they are read: from the top, from the left
  function panels(layout) {
    const pairs = axes(layout, "y").map((key) => [layout[(layout[key].anchor ?? "x").replace("x", "xaxis")], layout[key]]);
    return pairs.filter(([x]) => x).sort(([x, y], [x2, y2]) => domain(y2)[1] - domain(y)[1] || domain(x)[0] - domain(x2)[0]);
  }

  // subplots side by side come to stand one below the other, each with its title and its names
  function stack(layout) {
    const all = panels(layout);
    if (new Set(all.map(([x]) => domain(x)[0])).size < 2) return;
    const rows = new Set(all.map(([, y]) => domain(y)[1])).size;
    const inner = layout.height - 150;
    const each = Math.max(170, inner / rows) + 70;
    layout.height = Math.round(150 + each * all.length);
    const share = 1 / all.length;
    const gap = share * (120 / each);
    all.forEach(([x, y], i) => {
      const title = layout.annotations?.find((note) => note.xref === "paper" && note.yref === "paper" && !note.moved
        && note.x >= domain(x)[0] && note.x <= domain(x)[1] && Math.abs(note.y - domain(y)[1]) < 0.01);
      const top = 1 - i * share;
      const place = [top - share + (i < all.length - 1 ? gap / 2 : 0), top - (i ? gap / 2 : 0)];
      if (title) Object.assign(title, { x: 0.5, y: place[1], moved: true });
      x.domain = [0, 1];
      y.domain = place;
      for (const axis of [x, y]) axis.showticklabels = true;
    });
    for (const note of layout.annotations ?? []) delete note.moved;
  }

  // names along an axis, in lines; those of a heat map or of rows are words
  function wrapNames(data, layout) {
    for (const key of axes(layout, "y")) {
      const id = key.replace("axis", "");
      const rows = data.filter((trace) => (trace.yaxis ?? "y") === id).flatMap((trace) => (Array.isArray(trace.y) ? trace.y : []));
      const names = [...new Set(rows)].filter((name) => typeof name === "string");
      if (!names.some((name) => name.length > 16)) continue;
      const texts = names.map((name) => wrapped(name, 20));
      Object.assign(layout[key], { tickmode: "array", tickvals: names, ticktext: texts, tickfont: { size: 10 } });
      // every row is as high as the longest name
      const lines = Math.max(...texts.map((text) => text.split("<br>").length));
      const [low, high] = domain(layout[key]);
      layout.height = Math.max(layout.height, Math.round(170 + names.length * (13 * lines + 6) / (high - low)));
    }
  }

  const longest = (texts) => Math.max(0, ...texts.flatMap((text) => String(text).split("<br>").map((line) => line.replace(/<[^>]*>/g, "").length)));

  // pixels between the axis at the left and the right edge
  function inside(data, layout, width) {
    const names = data.flatMap((trace) => (Array.isArray(trace.y) ? trace.y : [])).filter((name) => typeof name === "string");
    const ticks = axes(layout, "y").flatMap((key) => layout[key].ticktext ?? []);
    const lines = Math.max(0, ...axes(layout, "y").map((key) => (layout[key].title?.text ? layout[key].title.text.split("<br>").length : 0)));
    return width - 40 - 26 * lines - LETTER * Math.min(20, longest([...names, ...ticks]));
  }

  // of the labels of a scale those stay that have room beside each other; where it has a one or a zero, that before others
  function thinTicks(data, layout, width) {
    const room = inside(data, layout, width);
    for (const key of axes(layout, "x")) {
      const axis = layout[key];
      if (axis.title?.text) axis.title.text = wrapped(axis.title.text, room / LETTER);
      if (axis.type === "category" || !Array.isArray(axis.tickvals) || axis.tickvals.length < 2) continue;
      const places = axis.tickvals.map((value) => (axis.type === "log" ? Math.log10(value) : value));
      const [low, high] = axis.range ?? [Math.min(...places), Math.max(...places)];
      const [left, right] = domain(axis);
      const pixel = (0.92 * (right - left) * room) / (high - low || 1);
      const first = (i) => (["0", "1"].includes(axis.ticktext[i]) ? 0 : 1);
      const taken = [];
      for (const i of [...places.keys()].sort((one, other) => first(one) - first(other) || one - other)) {
        const half = (longest([axis.ticktext[i]]) * DIGIT + GAP) / 2;
        const middle = places[i] * pixel;
        if (taken.some(([start, end]) => middle - half < end && middle + half > start)) axis.ticktext[i] = "";
        else taken.push([middle - half, middle + half]);
      }
      axis.tickangle = 0;
    }
  }

  // the scale of a heat map lies below it
  function layScale(layout) {
    if (!layout.coloraxis) return;
    const title = layout.coloraxis.colorbar?.title?.text ?? layout.coloraxis.colorbar?.title ?? "";
    layout.coloraxis.colorbar = { ...layout.coloraxis.colorbar, orientation: "h", thickness: 12, yref: "container", y: 0,
      yanchor: "bottom", x: 0.5, xanchor: "center", len: 1, title: { text: String(title).replaceAll("<br>", " "), side: "top" } };
    layout.margin = { ...layout.margin, b: 130 };
    layout.height += 60;
  }

  function longNames(layout) {
    Object.assign(layout.yaxis, { showticklabels: false, ticks: "" });
    const names = layout.yaxis.categoryarray;
    const above = (name) => ({ text: name, y: name, x: 0, xref: "paper", xanchor: "left", yshift: 20,
      align: "left", showarrow: false, font: { size: 9 } });
    layout.annotations = names.map(above);
    layout.height = 190 + 58 * names.length;
  }

  // a figure, which is changed, for a plot of that many pixels
  function fit({ data, layout }, width) {
    // the key has few columns here, and plotly would cut it off at half the height of the plot
    const keys = data.filter((trace) => trace.showlegend !== false && trace.type !== "heatmap").length;
    layout.legend = { ...layout.legend, maxheight: 32 * keys + 32 };
    layout.height = Math.round(layout.height * 1.12) + 60 + 12 * keys;
    // a figure may bring its own layout for here
    const own = Object.entries(layout.meta?.narrow ?? {});
    for (const [key, value] of own) layout[key] = Array.isArray(value) || typeof value !== "object" ? value : { ...layout[key], ...value };
    if (own.length) return { data, layout };
    if (layout.meta?.long_names) {
      longNames(layout);
      return { data, layout };
    }
    stack(layout);
    thinTicks(data, layout, width);
    wrapNames(data, layout);
    layScale(layout);
    for (const note of layout.annotations ?? []) note.text = wrapped(note.text, (width - 110) / LETTER);
    return { data, layout };
  }

  return { fit };
})();
