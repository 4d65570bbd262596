// Mistakes of further scenarios: made when they are opened; each picture is in the page once.
evo.start(() => {
  async function fill(details) {
    const { folded, pictures } = (await evo.data).blocks.mistakes;
    const body = document.createElement("div");
    body.innerHTML = folded[Number(details.dataset.mistakes)];
    /** @type {NodeListOf<HTMLImageElement>} */
    const images = body.querySelectorAll("img[data-picture]");
    for (const image of images) image.src = pictures[Number(image.dataset.picture)];
    details.append(body);
  }

  /** @type {NodeListOf<HTMLDetailsElement>} */
  const folded = document.querySelectorAll("details[data-mistakes]");
  for (const details of folded) details.addEventListener("toggle", () => fill(details), { once: true });
});
