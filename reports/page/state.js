// The state of the page in its address: #SECTION?TABLE.sort=macs:desc&TABLE.filter=resnet&CHART.option=...
// evo.state.register(key, set, fallback) gives a key to what can be set; evo.state.change(key, value) tells of a
// choice. Fields with data-state="KEY" need neither.
evo.state = (() => {
  const known = new Map();
  let place = "";
  let values = new Map();
  let typed = "";

  // URLSearchParams reads anything without an error: what it does not know is left aside
  function read() {
    const [before, ...after] = location.hash.slice(1).split("?");
    place = new URLSearchParams(`place=${before.replaceAll("+", "%2B")}`).get("place");
    values = new Map(new URLSearchParams(after.join("?")));
  }

  function address() {
    // half of a surrogate pair has no address
    const plain = (text) => encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd")).replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%20", "+");
    const pairs = [...values].filter(([key]) => known.has(key)).map(([key, value]) => `${plain(key)}=${plain(value)}`);
    return `#${encodeURIComponent(place)}${pairs.length ? "?" : ""}${pairs.join("&")}`;
  }

  // a key and what its value does; the value is a text, of which whoever sets it must expect anything
  function register(key, set, fallback = "") {
    known.set(key, { set, fallback });
    if (values.has(key)) set(values.get(key));
  }

  // while somebody types, one step back is enough to undo it
  function change(key, value, typing = false) {
    if ((values.get(key) ?? known.get(key).fallback) === value) return;
    if (value === known.get(key).fallback) values.delete(key);
    else values.set(key, value);
    history[typing && typed === key ? "replaceState" : "pushState"](null, "", address());
    typed = typing ? key : "";
  }

  // whether the address has something for a key that begins so
  function speaksOf(beginning) {
    return [...values.keys()].some((key) => key.startsWith(beginning));
  }

  function restore() {
    read();
    typed = "";
    for (const [key, { set, fallback }] of known) set(values.get(key) ?? fallback);
  }

  // what the header covers is not seen: places come to stand below it
  function keepClear() {
    const header = document.querySelector("header");
    const set = () => { document.documentElement.style.setProperty("--header", `${header.offsetHeight}px`); };
    set();
    new ResizeObserver(set).observe(header);
  }

  // where the reader is: at the place of the address while that is seen, else in the section that fills the top of it
  function here() {
    const top = document.querySelector("header").offsetHeight + 9;
    const seen = (box) => box.bottom > top && box.top < innerHeight;
    const target = place && document.getElementById(place);
    if (target && seen(target.getBoundingClientRect())) return place;
    const quarter = top + innerHeight / 4;
    return [...document.querySelectorAll("main > section")].find((part) => part.getBoundingClientRect().bottom > quarter)?.id ?? place;
  }

  // scrolling is not a choice: it comes into the address with the copy, and not into the steps back
  function copyLink() {
    place = here();
    history.replaceState(null, "", address());
    evo.copy(location.href, "Link");
  }

  function show(focus) {
    const target = place && document.getElementById(place);
    if (!target) return;
    evo.folds.reveal(target);
    target.scrollIntoView();
    if (!focus) return;
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }

  // a link within the page keeps what is chosen
  function follow(event) {
    const link = /** @type {Element} */ (event.target).closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [before, after] = link.getAttribute("href").slice(1).split("?");
    if (after !== undefined) {
      history.pushState(null, "", link.getAttribute("href"));
      restore();
    } else {
      place = decodeURIComponent(before);
      if (address() !== location.hash) history.pushState(null, "", address());
    }
    show(true);
  }

  function registerFields() {
    /** @type {NodeListOf<HTMLInputElement>} */
    const fields = document.querySelectorAll("[data-state]");
    for (const field of fields) {
      const key = field.dataset.state;
      const get = () => (field.type === "checkbox" ? String(field.checked) : field.value);
      const set = (value) => {
        if (get() === value) return;
        if (field.type === "checkbox") field.checked = value === "true";
        else if (field.type === "number" && !Number.isFinite(Number(value))) field.value = ""; // the browser complains of words
        else field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
      const fallback = get();
      field.addEventListener("input", (event) => { if (event.isTrusted) change(key, get(), true); });
      field.addEventListener("change", () => { typed = ""; });
      register(key, set, fallback);
    }
  }

  read();
  addEventListener("popstate", () => {
    const before = place;
    restore();
    if (place !== before) show(false);
  });
  document.addEventListener("click", follow);
  document.getElementById("copy-link").addEventListener("click", copyLink);
  evo.start(registerFields);
  evo.start(keepClear);
  addEventListener("load", () => show(false));
  return { register, change, speaksOf };
})();
