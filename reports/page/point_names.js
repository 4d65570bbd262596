// The names beside the points of a chart: each stands where it is clear of points and of the names before it, or not
// at all.
evo.pointNames = (() => {
  const APART = 4;
  const GAP = 4;
  const boxOf = (element) => element.getBoundingClientRect();
  const meets = (box, other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
  /** @type {(box: { left: number, right: number, top: number, bottom: number }, by: number[]) => any} */
  const moved = ({ left, right, top, bottom }, [x, y]) => ({ left: left + x, right: right + x, top: top + y, bottom: bottom + y });
  const wider = ({ left, right, top, bottom }) => ({ left: left - APART, right: right + APART, top: top - APART, bottom: bottom + APART });
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];

  // where a name may stand beside its point, as ways from where it stands: there, at its sides, at its corners
  function ways(box, point) {
    const [x, y] = middle(box);
    const [atX, atY] = middle(point);
    const [wide, high] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2];
    const [beside, over] = [(point.right - point.left) / 2 + GAP + wide, (point.bottom - point.top) / 2 + high];
    const sides = [[beside, 0], [-beside, 0], [0, -over], [0, over]];
    const corners = [[beside, -over], [beside, over], [-beside, -over], [-beside, over]];
    return [[0, 0], ...[...sides, ...corners].map(([dx, dy]) => [atX + dx - x, atY + dy - y])];
  }

  // what plotly has bound to the mark of a point and to its name is of one and the same number
  function marks(plot) {
    const traces = [...plot.querySelectorAll(".scatterlayer .trace")];
    return new Map(traces.map((trace) => [trace, new Map([...trace.querySelectorAll(".point")].map((mark) => [mark.__data__?.i, boxOf(mark)]))]));
  }

  function place(plot) {
    const names = [...plot.querySelectorAll(".textpoint")].filter((name) => name.textContent);
    if (!names.length) return;
    for (const name of names) name.style.translate = "";
    const { left, right, top } = boxOf(plot);
    const points = marks(plot);
    const taken = [...plot.querySelectorAll(".xtick, .ytick, .xtitle, .ytitle, .legend")].map(boxOf);
    // a name that is as near to another point would be taken for that one's
    const meetsPoint = (own, box) => [...points.values()].some((of) => [...of.values()].some((point) => point !== own && meets(box, wider(point))));
    const found = names.map((name) => {
      const box = boxOf(name);
      const point = points.get(name.closest(".trace"))?.get(name.__data__?.i);
      const way = (point ? ways(box, point) : [[0, 0]]).find((by) => {
        const there = moved(box, by);
        return there.left >= left && there.right <= right && there.top >= top && !taken.some((other) => meets(there, other)) && !meetsPoint(point, there);
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
