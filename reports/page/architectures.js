// Cards of the architectures: their bodies and tables of layers are made when they are opened. The address has the
// one that is chosen: #architectures?card=NAME.
(() => {
  const HEADS = [["Layer", false], ["Type", false], ["Output", false], ["Parameters", true], ["Multiply-adds", true]];
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const found = document.querySelectorAll("details[data-card]");
  const cards = new Map([...found].map((card) => [card.dataset.card, card]));
  let blocks = null;
  let chosen = "";

  function fill(card) {
    const body = card.querySelector(".body");
    if (!blocks || body.childNodes.length) return;
    body.innerHTML = blocks.cards[card.dataset.card];
    const layers = body.querySelector("details[data-layers]");
    layers?.addEventListener("toggle", () => list(layers), { once: true });
    const gallery = body.querySelector("[data-pictures]");
    if (gallery) show(gallery);
  }

  function list(place) {
    const name = place.dataset.layers;
    place.append(evo.makeTable(`layers-${evo.slug(name)}`, `Layers of ${name}`, HEADS, blocks.layers[name]));
  }

  // the pictures are in the page once, in the section that is theirs
  function show(gallery) {
    const group = [...document.querySelectorAll("#looking .pictures")]
      .find((other) => other.querySelector("h3")?.textContent === gallery.dataset.pictures);
    if (group) gallery.replaceChildren(...[...group.querySelectorAll(".picture")].map((picture) => picture.cloneNode(true)));
  }

  function choose(name) {
    const before = chosen;
    chosen = cards.has(name) ? name : "";
    if (before && before !== chosen) cards.get(before).open = false;
    if (!chosen) return;
    const card = cards.get(chosen);
    evo.folds.reveal(card);
    fill(card);
    // after the page has gone to the section
    setTimeout(() => card.scrollIntoView(), 0);
  }

  evo.start(() => {
    if (!cards.size) return;
    for (const card of cards.values()) {
      card.addEventListener("toggle", () => {
        if (card.open) fill(card);
        else if (card.dataset.card === chosen) evo.state.change("card", chosen = "");
      });
    }
    document.querySelector(".architectures").addEventListener("click", (event) => {
      const place = /** @type {Element} */ (event.target);
      const card = /** @type {HTMLDetailsElement | undefined} */ (place.closest("summary")?.parentElement);
      if (!card?.dataset.card || card.open) return;
      chosen = card.dataset.card;
      evo.state.change("card", chosen);
    });
    evo.state.register("card", choose);
    evo.data.then((data) => {
      blocks = data.blocks;
      for (const card of cards.values()) if (card.open) fill(card);
      if (chosen) cards.get(chosen).scrollIntoView();
    });
  });
})();
