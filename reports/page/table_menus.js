// Menus above tables close with Escape, or when the focus or the pointer is elsewhere.
(() => {
  document.addEventListener("keydown", (event) => {
    /** @type {HTMLDetailsElement} */
    const menu = event.key === "Escape" ? /** @type {Element} */ (event.target).closest("details.menu[open]") : null;
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("pointerdown", (event) => closeOthers(event.target));

  function closeOthers(place) {
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const menus = document.querySelectorAll("details.menu[open]");
    for (const menu of menus) if (!menu.contains(place)) menu.open = false;
  }
})();
