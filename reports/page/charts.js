// Charts: drawn when they come near or when there is time, in the colours of the page; their options and data in HTML.
evo.charts = (() => {
  const plots = [...document.querySelectorAll(".plot")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 560;
  const PAPER = 690;
  const INK = { "--ink": "#000", "--line": "#bbb", "--grid": "#ddd", "--raised": "#fff" };
  const chosen = new Map();
  let printing = false;
  let shared = null;

  // the template takes the colours of the page, so that both follow light, dark and paper alike
  function themed() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => (printing ? INK[name] : css.getPropertyValue(name).trim());
    const layout = structuredClone(shared.template.layout);
    layout.font.color = colour("--ink");
    layout.hoverlabel = { ...layout.hoverlabel, bgcolor: colour("--raised"), bordercolor: colour("--line"),
      font: { color: colour("--ink") } };
    for (const axis of [layout.xaxis, layout.yaxis]) {
      axis.gridcolor = colour("--grid");
      axis.linecolor = axis.tickcolor = colour("--line");
    }
    return { layout };
  }

  // on a phone names would cover the points: they stay in the hover text, and long rows get their name above them
  function fitted(figure, width) {
    const copy = structuredClone(figure);
    copy.layout.template = themed();
    delete copy.layout.updatemenus;
    if (width >= NARROW) return copy;
    // the key has few columns here, and plotly would cut it off at half the height of the plot
    const keys = copy.data.filter((trace) => trace.showlegend !== false).length;
    copy.layout.legend = { ...copy.layout.legend, maxheight: 32 * keys + 32 };
    copy.layout.height = Math.round(copy.layout.height * 1.12) + 60 + 12 * keys;
    for (const trace of copy.data) if (trace.mode === "markers+text") trace.mode = "markers";
    if (copy.layout.meta?.long_names) {
      Object.assign(copy.layout.yaxis, { showticklabels: false, ticks: "" });
      const names = copy.layout.yaxis.categoryarray;
      const above = (name) => ({ text: name, y: name, x: 0, xref: "paper", xanchor: "left", yshift: 20,
        align: "left", showarrow: false, font: { size: 9 } });
      copy.layout.annotations = names.map(above);
      copy.layout.height = 190 + 58 * names.length;
    }
    return copy;
  }

  function draw(plot) {
    if (plot.dataset.drawn || !window.Plotly || !shared) return;
    plot.dataset.drawn = "true";
    const figure = fitted(shared.figures[plot.dataset.figure], plot.clientWidth);
    plot.style.height = `${figure.layout.height}px`;
    Plotly.newPlot(plot, figure.data, figure.layout, shared.config);
    for (const button of chosen.get(plot)?.values() ?? []) press(plot, button);
  }

  function press(plot, { method, args }) {
    if (plot.dataset.drawn && ["restyle", "relayout", "update"].includes(method)) Plotly[method](plot, ...structuredClone(args));
  }

  // menus of a figure become fields of the page: for the keyboard, for a phone, and in the address
  function addOptions(plot) {
    const name = plot.dataset.figure;
    const menus = shared.figures[name].layout.updatemenus ?? [];
    chosen.set(plot, new Map());
    menus.forEach((menu, i) => {
      const buttons = menu.buttons ?? [];
      const slugs = evo.slugs(buttons.map((button) => button.label));
      const label = document.createElement("label");
      const select = document.createElement("select");
      select.append(...buttons.map((button, j) => new Option(button.label, slugs[j])));
      const usual = slugs[menu.active ?? 0];
      const set = (value) => {
        select.value = slugs.includes(value) ? value : usual;
        const button = buttons[select.selectedIndex];
        if (chosen.get(plot).get(i) === button || (!chosen.get(plot).has(i) && select.value === usual)) return;
        chosen.get(plot).set(i, button);
        press(plot, button);
      };
      const key = `${name}.${menu.name ? evo.slug(menu.name) : i ? `option${i + 1}` : "option"}`;
      select.value = usual;
      select.addEventListener("change", () => {
        set(select.value);
        evo.state.change(key, select.value);
      });
      label.className = "option";
      label.append(`${menu.name ?? "Show"} `, select);
      plot.before(label);
      evo.state.register(key, set, usual);
    });
  }

  function repaint(size = {}) {
    for (const plot of plots) if (plot.dataset.drawn) Plotly.relayout(plot, { template: themed(), ...size });
  }

  async function loadPlotly() {
    const url = URL.createObjectURL(new Blob([await evo.unpack("plotly")], { type: "text/javascript" }));
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.onload = resolve;
      script.onerror = reject;
      script.src = url;
      document.head.append(script);
    });
    URL.revokeObjectURL(url);
  }

  function drawWhenSeen() {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          observer.unobserve(entry.target);
          draw(entry.target);
        }
      }
    }, { rootMargin: "400px" });
    for (const plot of plots) observer.observe(plot);
    evo.whenIdle(plots, draw, "charts drawn");
  }

  // numpy arrays come as bytes in base64
  const KINDS = { f8: Float64Array, f4: Float32Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
    i4: Int32Array, u4: Uint32Array };
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

  // one row a point, or a cell of a heat map: series, x, y, value, bounds, text
  function points(trace) {
    const at = (values, i) => (Array.isArray(values) ? values[i] : values);
    const z = listed(trace.z);
    const [x, y] = [listed(trace.x), listed(trace.y)];
    const words = [trace.text, trace.hovertext, trace.customdata].map((all) => (all?.bdata ? listed(all) : all));
    // what is written at a point, and what it says when it is pointed at
    const told = (...place) => [...new Set(words.map((all) => place.reduce(at, all)).flat().map(plain))].filter(Boolean).join("; ");
    const series = trace.name ?? "";
    if (z.length) {
      return z.flatMap((row, i) => listed(row).map((value, j) => [series, x[j] ?? j, y[i] ?? i, value, "", told(i, j)]));
    }
    const horizontal = trace.error_x?.array ? "error_x" : "error_y";
    const [over, under] = [listed(trace[horizontal]?.array), listed(trace[horizontal]?.arrayminus)];
    const spread = (i) => (over[i] === undefined || over[i] === null ? ""
      : `+${plain(over[i])} −${plain(under[i] ?? over[i])}`);
    return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => [series, x[i] ?? i, y[i] ?? i, "", spread(i), told(i)])
      .filter(([, a, b]) => a !== null && b !== null);
  }

  function addData(plot) {
    const name = plot.dataset.figure;
    const { data, layout } = shared.figures[name];
    const details = plot.closest(".chart").querySelector("details.data");
    const rows = data.flatMap(points);
    const titles = ["Series", plain(layout.xaxis?.title?.text) || "x", plain(layout.yaxis?.title?.text) || "y", "Value", "Interval", "Text"];
    const used = titles.map((_, i) => (i > 0 && i < 3) || rows.some((row) => row[i] !== "" && row[i] !== undefined && row[i] !== null));
    const keep = (cells) => cells.filter((_, i) => used[i]);
    const numeric = titles.map((_, i) => rows.some((row) => typeof row[i] === "number"));
    const cell = (value) => (typeof value === "number" ? [plain(value), String(value), ""] : plain(value));
    const title = `Data of: ${plot.closest(".chart").querySelector("h3").textContent}`;
    const box = evo.tables.make(`data-${name}`, title, keep(titles.map((text, i) => [text, numeric[i]])), rows.map((row) => keep(row.map(cell))));
    details.append(box);
  }

  function drawAll() {
    plots.forEach(draw);
  }

  // on paper all is drawn and open, whoever asked for it
  function toPaper() {
    if (printing) return;
    printing = true;
    evo.tables.fillAll();
    for (const details of document.querySelectorAll("details:not(.menu, .data, [open])")) {
      details.open = true;
      details.dataset.printed = "true";
    }
    drawAll();
    repaint({ width: PAPER });
  }

  function fromPaper() {
    if (!printing) return;
    printing = false;
    for (const details of document.querySelectorAll("details[data-printed]")) {
      details.open = false;
      delete details.dataset.printed;
    }
    repaint({ width: null, autosize: true });
  }

  evo.start(() => {
    addEventListener("beforeprint", toPaper);
    addEventListener("afterprint", fromPaper);
    matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : fromPaper()));
    if (!plots.length) return;
    dark.addEventListener("change", () => repaint());
    const loaded = loadPlotly();
    evo.data.then((data) => {
      shared = data;
      for (const plot of plots) {
        addOptions(plot);
        const details = plot.closest(".chart").querySelector("details.data");
        details.addEventListener("toggle", () => addData(plot), { once: true });
        details.open = evo.state.speaksOf(`data-${plot.dataset.figure}.`);
      }
      loaded.then(drawWhenSeen);
    });
  });
  return { drawAll };
})();
