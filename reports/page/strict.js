"use strict";
// Beside a page whose server allows nothing but files of its own: what plotly makes otherwise is made of what such a
// server allows. Style elements and style attributes become sheets and declarations of the script; the pictures of
// heatmaps, which are `data:` addresses, become rectangles.
{
  const SVG = "http://www.w3.org/2000/svg";
  const MOST = 40_000; // rectangles: beyond it is not a heatmap of cells
  const drawings = new Map();

  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  // plotly takes this for the style element that it would add
  document.head.append(Object.assign(document.createElement("meta"), { id: "plotly.js-style-global", sheet }));

  const { setAttribute, setAttributeNS } = Element.prototype;
  Element.prototype.setAttribute = function set(name, value) {
    if (name === "style" && "style" in this) /** @type {HTMLElement} */ (this).style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  Element.prototype.setAttributeNS = function set(space, name, value) {
    if (this.localName === "image" && drawings.has(value)) put(this, drawings.get(value));
    else setAttributeNS.call(this, space, name, value);
  };

  // in the place of an image, which stays for plotly to find and shows nothing
  function put(image, drawing) {
    for (const earlier of image.parentNode.querySelectorAll("svg.cells")) earlier.remove();
    for (const name of ["x", "y", "width", "height"]) drawing.setAttribute(name, image.getAttribute(name));
    image.after(drawing);
  }

  const { toDataURL } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.toDataURL = function address(...of) {
    const drawing = this.width && this.height ? drawn(this) : null;
    if (!drawing) return toDataURL.apply(this, of);
    const name = `#cells-${drawings.size}`;
    drawings.set(name, drawing);
    return name;
  };

  // where the colour changes from a line to the next, along one side of the picture
  function edges(length, across, at) {
    const found = [0];
    for (let i = 1; i < length; i += 1) {
      for (let j = 0; j < across; j += 1) {
        if (at(i, j) !== at(i - 1, j)) {
          found.push(i);
          break;
        }
      }
    }
    return [...found, length];
  }

  // a picture of cells as rectangles; null where it has too many colours to be one
  function drawn(canvas) {
    const { width, height } = canvas;
    const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const colours = new Uint32Array(bytes.buffer);
    const columns = edges(width, height, (x, y) => colours[y * width + x]);
    const rows = edges(height, width, (y, x) => colours[y * width + x]);
    if (columns.length * rows.length > MOST) return null;
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("class", "cells");
    made.setAttribute("viewBox", `0 0 ${width} ${height}`);
    made.setAttribute("preserveAspectRatio", "none");
    made.setAttribute("shape-rendering", "crispEdges");
    for (let i = 1; i < rows.length; i += 1) {
      for (let j = 1; j < columns.length; j += 1) {
        const [x, y] = [columns[j - 1], rows[i - 1]];
        const [red, green, blue, alpha] = bytes.subarray(4 * (y * width + x));
        if (!alpha) continue;
        const cell = document.createElementNS(SVG, "rect");
        const place = { x, y, width: columns[j] - x, height: rows[i] - y, fill: `rgb(${red} ${green} ${blue} / ${alpha / 255})` };
        for (const [name, value] of Object.entries(place)) cell.setAttribute(name, String(value));
        made.append(cell);
      }
    }
    return made;
  }
}
