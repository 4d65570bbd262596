"use strict";
// What the other files of this folder share; they are joined into one script, this one first.
const evo = (() => {
  const starters = [];
  const status = document.getElementById("status");
  let fading;

  // a gzipped block of the page as text
  async function unpack(id) {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // where plotly is: a file beside the page, or a block of it
  async function addressOfPlotly() {
    const { address } = document.getElementById("plotly").dataset;
    return address ?? URL.createObjectURL(new Blob([await unpack("plotly")], { type: "text/javascript" }));
  }

  // Plotly, from then on in `window`
  async function loadPlotly() {
    const script = document.createElement("script");
    script.src = await addressOfPlotly();
    await new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    if (script.src.startsWith("blob:")) URL.revokeObjectURL(script.src);
  }

  // told to everybody: shown for a while, and read out
  function say(text) {
    status.textContent = text;
    status.classList.add("shown");
    clearTimeout(fading);
    fading = setTimeout(() => status.classList.remove("shown"), 4000);
  }

  // browsers refuse the clipboard to some pages that are opened from disk: then a selected field is copied
  async function copy(text, what) {
    const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copySelected(text);
    say(done ? `${what} copied` : "The browser does not let this page copy");
  }

  function copySelected(text) {
    const field = document.createElement("textarea");
    const before = /** @type {HTMLElement} */ (document.activeElement);
    field.value = text;
    field.className = "aside";
    field.setAttribute("aria-hidden", "true");
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus({ preventScroll: true });
    return done;
  }

  // letters and digits of a name, for the address
  function slug(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "x";
  }

  // slugs that differ where names do not
  function slugs(names) {
    const seen = new Map();
    return names.map((name) => {
      const short = slug(name);
      seen.set(short, (seen.get(short) ?? 0) + 1);
      return seen.get(short) > 1 ? `${short}-${seen.get(short)}` : short;
    });
  }

  // what is to run when all files of the script are there, in their order
  function start(run) {
    starters.push(run);
  }

  // one after the other, each when there is nothing better to do; then a mark of that name for whoever measures
  async function whenIdle(items, act, mark) {
    for (const item of items) {
      await new Promise((resolve) => { (window.requestIdleCallback ?? setTimeout)(resolve); });
      act(item);
    }
    performance.mark(mark);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const note of document.querySelectorAll(".unscripted")) note.remove();
    for (const run of starters) run();
    document.documentElement.dataset.ready = "true";
  });
  // data: { figures, template, config, tables, blocks }, of which sections fill `blocks` by Page.pack
  return { data: unpack("data").then(JSON.parse), loadPlotly, say, copy, slug, slugs, start, whenIdle };
})();
