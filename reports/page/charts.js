// Charts: drawn when they come near or when there is time, in the colours of the page; their options and data in HTML.
evo.charts = (() => {
  /** @typedef {HTMLElement & { layout: any }} Plot what plotly draws into, with what it adds once it has drawn */
  const plots = /** @type {Plot[]} */ ([...document.querySelectorAll(".plot")]);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 560;
  const PAPER = 690;
  // the tallest chart that a sheet holds with its words
  const SHEET = 860;
  // two charts and their words on a sheet
  const LOW = 300;
  const INK = { "--ink": "#000", "--line": "#bbb", "--grid": "#ddd", "--raised": "#fff", "--accent": "#000" };
  const chosen = new Map();
  let printing = false;
  let shared = null;
  let idle = Promise.resolve();

  // the template takes the colours of the page, so that both follow light, dark and paper alike
  function themed() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => (printing ? INK[name] : css.getPropertyValue(name).trim());
    const layout = structuredClone(shared.template.layout);
    layout.font.color = colour("--ink");
    layout.modebar = { ...layout.modebar, bgcolor: "rgba(0,0,0,0)", color: colour("--line"), activecolor: colour("--accent"),
      remove: ["zoom", "pan", "select", "lasso", "zoomin", "zoomout", "autoscale"] };
    // titles keep clear of the names and numbers along their axis
    layout.yaxis.title = { ...layout.yaxis.title, standoff: 10 };
    layout.hoverlabel = { ...layout.hoverlabel, bgcolor: colour("--raised"), bordercolor: colour("--line"),
      font: { color: colour("--ink") } };
    for (const axis of [layout.xaxis, layout.yaxis]) {
      axis.gridcolor = colour("--grid");
      axis.linecolor = axis.tickcolor = colour("--line");
    }
    return { layout };
  }

  function fitted(figure, width) {
    const copy = structuredClone(figure);
    copy.layout.template = themed();
    delete copy.layout.updatemenus;
    for (const [key, axis] of Object.entries(copy.layout)) {
      // a second line of a title goes towards the plot
      const lines = key.startsWith("yaxis") ? axis.title?.text?.split("<br>").length ?? 1 : 1;
      if (lines > 1) axis.title.standoff = 10 + 16 * (lines - 1);
    }
    return width < NARROW ? evo.narrow.fit(copy, width) : copy;
  }

  // the figure under the options that are chosen, for the width that the plot has now
  function wanted(plot) {
    return fitted(evo.chartData.applied(shared.figures[plot.dataset.figure], [...chosen.get(plot)?.values() ?? []]), plot.clientWidth);
  }

  function draw(plot) {
    if (plot.dataset.drawn || !window.Plotly || !shared) return;
    paint(plot, Plotly.newPlot);
    evo.pointNames.follow(plot);
    openCards(plot);
  }

  function paint(plot, how) {
    const figure = wanted(plot);
    plot.dataset.drawn = figure.layout.height;
    plot.style.height = `${figure.layout.height}px`;
    how(plot, figure.data, figure.layout, shared.config);
  }

  // once more, after its figure or its options have changed
  function redraw(plot) {
    if (plot.dataset.drawn) paint(plot, Plotly.react);
  }

  /** @returns {HTMLDetailsElement | null} the card of what a point stands for, where the page has one */
  function cardOf({ points: [point] }) {
    const name = evo.chartData.plain(point?.data.meta?.cards?.[point.pointNumber]);
    return name ? document.querySelector(`details[data-card="${CSS.escape(name)}"]`) : null;
  }

  function openCards(plot) {
    const point = (style) => plot.querySelectorAll(".nsewdrag").forEach((layer) => { layer.style.cursor = style; });
    plot.on("plotly_hover", (event) => point(cardOf(event) ? "pointer" : ""));
    plot.on("plotly_unhover", () => point(""));
    plot.on("plotly_click", (event) => {
      const card = cardOf(event);
      if (!card) return;
      evo.folds.reveal(card.parentElement);
      // the click on its heading opens it, and tells the address
      if (!card.open) card.querySelector("summary").click();
      card.scrollIntoView();
      card.querySelector("summary").focus({ preventScroll: true });
    });
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
        redraw(plot);
        if (plot.closest(".chart").querySelector(".data .table")) addData(plot);
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

  /** @param {(plot: Plot) => { width?: number, height?: number, autosize?: boolean }} size */
  function repaint(size = () => ({}), which = plots) {
    for (const plot of which) {
      if (!plot.dataset.drawn) continue;
      const { height, ...others } = size(plot);
      if (height) plot.style.height = `${height}px`;
      Plotly.relayout(plot, { template: themed(), ...(height ? { height } : {}), ...others });
    }
  }

  // rows of names need their height, other charts are lower on paper
  function paperHeight({ dataset, layout }) {
    const height = Math.min(Number(dataset.drawn), SHEET);
    return !layout.yaxis || layout.yaxis.type === "category" ? height : Math.min(height, Math.max(LOW, Math.round((layout.yaxis2 ? 0.85 : 0.56) * height)));
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
    return evo.whenIdle(plots, (plot) => { if (!evo.folds.hides(plot)) draw(plot); }, "charts drawn");
  }

  function addData(plot) {
    const name = plot.dataset.figure;
    const chart = plot.closest(".chart");
    const title = `Data of: ${chart.querySelector("h3").textContent}`;
    evo.chartData.show(chart.querySelector("details.data"), name, title, shared.figures[name], [...chosen.get(plot).values()]);
  }

  // on paper all is drawn that it shows, whoever asked for it
  function toPaper() {
    if (printing) return;
    printing = true;
    evo.paper.begin();
    const printed = plots.filter(evo.paper.has);
    printed.forEach(draw);
    repaint((plot) => ({ width: PAPER, height: paperHeight(plot) }), printed);
  }

  function fromPaper() {
    if (!printing) return;
    printing = false;
    evo.paper.end();
    repaint((plot) => ({ width: null, height: Number(plot.dataset.drawn), autosize: true }));
  }

  evo.start(() => {
    addEventListener("beforeprint", toPaper);
    addEventListener("afterprint", fromPaper);
    matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : fromPaper()));
    if (!plots.length) {
      performance.mark("charts drawn");
      return;
    }
    dark.addEventListener("change", () => repaint());
    document.addEventListener("themechange", () => repaint());
    const loaded = evo.loadPlotly();
    idle = evo.data.then((data) => {
      shared = data;
      for (const plot of plots) {
        addOptions(plot);
        /** @type {HTMLDetailsElement} */
        const details = plot.closest(".chart").querySelector("details.data");
        details.addEventListener("toggle", () => addData(plot), { once: true });
        details.open = evo.state.speaksOf(`data-${plot.dataset.figure}.`);
      }
      return loaded.then(drawWhenSeen);
    });
  });
  // settled: when nothing is left to draw
  return { redraw, settled: () => idle.catch((error) => console.error(error)) };
})();
