"use strict";
(() => {
  const { figures, template, config } = JSON.parse(document.getElementById("charts").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 560;
  let printing = false;

  // the template takes the colours of the page, so that both follow light, dark and paper alike
  function themed() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => (printing ? { "--ink": "#000", "--line": "#bbb", "--grid": "#ddd", "--raised": "#fff" }[name]
      : css.getPropertyValue(name).trim());
    const layout = structuredClone(template.layout);
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
    if (plot.dataset.drawn || !window.Plotly) return;
    plot.dataset.drawn = "true";
    const figure = fitted(figures[plot.dataset.figure], plot.clientWidth);
    plot.style.height = `${figure.layout.height}px`;
    Plotly.newPlot(plot, figure.data, figure.layout, config);
  }

  function repaint() {
    for (const plot of plots) if (plot.dataset.drawn) Plotly.relayout(plot, { template: themed() });
  }

  async function loadPlotly() {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const url = URL.createObjectURL(new Blob([await new Response(stream).text()], { type: "text/javascript" }));
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
  }

  function sortBy(header) {
    const ascending = header.getAttribute("aria-sort") !== "ascending";
    const table = header.closest("table");
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => {
      const cell = row.cells[header.cellIndex];
      return { row, number: cell.dataset.sort === undefined ? NaN : Number(cell.dataset.sort), text: cell.textContent };
    });
    const numeric = header.classList.contains("number");
    rows.sort((a, b) => {
      if (!numeric) return (ascending ? 1 : -1) * a.text.localeCompare(b.text, "en", { numeric: true });
      if (Number.isNaN(a.number) || Number.isNaN(b.number)) return Number.isNaN(a.number) - Number.isNaN(b.number);
      return (ascending ? 1 : -1) * (a.number - b.number);
    });
    body.append(...rows.map(({ row }) => row));
  }

  function filter(input) {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of document.getElementById(input.dataset.filters).querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  }

  document.addEventListener("click", (event) => {
    const header = event.target.closest("th");
    if (header && event.target.closest("button")) sortBy(header);
  });
  document.addEventListener("input", (event) => {
    if (event.target.dataset.filters) filter(event.target);
  });
  if (plots.length) {
    loadPlotly().then(drawWhenSeen);
    dark.addEventListener("change", repaint);
    addEventListener("beforeprint", () => { printing = true; plots.forEach(draw); repaint(); });
    addEventListener("afterprint", () => { printing = false; repaint(); });
  }
})();
