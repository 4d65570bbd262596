// The names beside the points of a chart: each stands where it is clear of points and of the names before it, or not
// at all.
evo.pointNames = (() => {
  const EDGE = 3;
  const GAP = 4;
  const boxOf = (element) => element.getBoundingClientRect();
  const meets = (box, other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
  /** @type {(box: { left: number, right: number, top: number, bottom: number }, by: number[]) => any} */
  const moved = ({ left, right, top, bottom }, [x, y]) => ({ left: left + x, right: right + x, top: top + y, bottom: bottom + y });
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];

  // where a name may stand beside its point, as ways from where it stands: there, right, left, above, below
  function ways(box, point) {
    const [x, y] = middle(box);
    const [atX, atY] = middle(point);
    const [wide, high] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2];
    const [beside, over] = [(point.right - point.left) / 2 + GAP + wide, (point.bottom - point.top) / 2 + high];
    return [[0, 0], ...[[beside, 0], [-beside, 0], [0, -over], [0, over]].map(([dx, dy]) => [atX + dx - x, atY + dy - y])];
  }

  function nearest(box, points) {
    const [x, y] = middle(box);
    const far = (point) => { const [atX, atY] = middle(point); return Math.hypot(atX - x, atY - y); };
    return points.reduce((best, point) => (!best || far(point) < far(best) ? point : best), undefined);
  }

  function place(plot) {
    const names = [...plot.querySelectorAll(".textpoint")];
    if (!names.length) return;
    for (const name of names) name.style.translate = "";
    const frame = boxOf(plot);
    const inner = ({ left, right, top, bottom }) => ({ left: left + EDGE, right: right - EDGE, top: top + EDGE, bottom: bottom - EDGE });
    const points = new Map([...plot.querySelectorAll(".scatterlayer .trace")]
      .map((trace) => [trace, [...trace.querySelectorAll(".point")].map(boxOf)]));
    const taken = [...points.values()].flat().map(inner);
    const found = names.map((name) => {
      const box = boxOf(name);
      const point = nearest(box, points.get(name.closest(".trace")) ?? []);
      const way = (point ? ways(box, point) : [[0, 0]]).find((by) => {
        const there = moved(box, by);
        return there.left >= frame.left && there.right <= frame.right && there.top >= frame.top && !taken.some((other) => meets(there, other));
      });
      if (way) taken.push(moved(box, way));
      return way;
    });
    names.forEach((name, i) => {
      name.style.visibility = found[i] ? "" : "hidden";
      if (found[i]) name.style.translate = found[i].map((by) => `${by}px`).join(" ");
    });
  }

  function follow(plot) {
    place(plot);
    plot.on("plotly_afterplot", () => place(plot));
  }

  return { follow };
})();
