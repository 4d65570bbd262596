// Which backbone for me? The answer to the limits of the section's fields: `answer` does what `answer` of
// reports/candidates/choice.py does, and a test compares the two.
evo.recommend = (() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("recommend-fields"));

  function wantedOf(respects, options, limits) {
    const compared = options.filter(({ values }) => "top1" in values);
    const known = new Set((compared.length ? compared : options).flatMap((option) => Object.keys(option.values)));
    const costs = Object.keys(limits).some((name) => name !== "top1");
    return respects.filter(({ name }) => name in limits || (known.has(name) && (!costs || name === "top1")));
  }

  const badness = (respect, value) => (respect.better === "lower" ? value : -value);

  function reasonOf(option, wanted, limits) {
    for (const { name, lacks } of wanted) {
      if (!(name in option.values)) return option.lacks[name] ? `${lacks} (${option.lacks[name]})` : lacks;
    }
    return wanted.find((respect) => respect.name in limits
      && badness(respect, option.values[respect.name]) > badness(respect, limits[respect.name]))?.misses ?? "";
  }

  function beats(one, other) {
    return one.every((value, i) => value <= other[i]) && one.some((value, i) => value < other[i]);
  }

  function compare(one, other) {
    const i = one.findIndex((value, j) => value !== other[j]);
    return i < 0 ? 0 : one[i] - other[i];
  }

  function nearestOf(options, wanted, limits) {
    const limited = wanted.filter(({ name }) => name in limits);
    let [found, least] = ["", Infinity];
    for (const { name, values } of options) {
      if (!limited.length || !wanted.every((respect) => respect.name in values)) continue;
      const worst = Math.max(...limited.map((respect) => (respect.better === "lower"
        ? values[respect.name] / limits[respect.name] : limits[respect.name] / values[respect.name])));
      if (worst < least) [found, least] = [name, worst];
    }
    return found;
  }

  // options: [{ name, values, lacks }], limits by name of the respect
  function answer(respects, beaten, options, limits) {
    const wanted = wantedOf(respects, options, limits);
    const leftOut = new Map();
    const leave = (reason, name) => leftOut.set(reason, [...(leftOut.get(reason) ?? []), name]);
    const kept = [];
    for (const option of options) {
      const reason = reasonOf(option, wanted, limits);
      if (reason) leave(reason, option.name);
      else kept.push({ name: option.name, rank: wanted.map((respect) => badness(respect, option.values[respect.name])) });
    }
    const best = kept.filter(({ rank }) => !kept.some((other) => beats(other.rank, rank)));
    for (const option of kept) if (!best.includes(option)) leave(beaten, option.name);
    return {
      wanted: wanted.map(({ name }) => name),
      chosen: best.sort((a, b) => compare(a.rank, b.rank)).map(({ name }) => name),
      left_out: Object.fromEntries(leftOut),
      nearest: best.length ? "" : nearestOf(options, wanted, limits),
    };
  }

  // what the fields say; a field that is empty or not a number above zero is not a limit, and what an address of another
  // run asks for is the first that there is here
  function question(content) {
    const value = (name) => {
      const field = /** @type {HTMLSelectElement} */ (form.elements[name]);
      if (field?.options && field.selectedIndex < 0) field.selectedIndex = 0;
      return field?.value ?? "";
    };
    const limits = {};
    const notes = [];
    for (const [name, [times, over]] of Object.entries(content.fields)) {
      const typed = Number(value(name));
      // as in the shell, where 0.9 and 90% are the same
      const share = name === "top1" && typed > 0 && typed <= 1;
      if (typed > 0) limits[name] = share ? typed : typed * times / over;
      if (share) notes.push(`${value(name)} is read as ${Number((100 * typed).toPrecision(6))} %`);
      else if (value(name) && !(typed > 0)) notes.push(`${value(name)} is not a limit: it must be a number above 0`);
    }
    // what has one answer is not a field
    const [kind, device] = [value("of") || content.kind, value("device") || content.device];
    const against = value("against") || content.respects.find(({ name }) => name !== "top1" && name in content.fields)?.name;
    return { kind, device, against, limits, notes };
  }

  // the architectures by the kind of accuracy that is asked for: their costs are those at its input size
  const candidatesOf = (content, { kind }) => content.candidates[kind];
  const keyOf = (content, name, { device }) => content.keys[`${name} ${device}`];

  function optionsOf(content, asked) {
    const keys = content.respects.map(({ name }) => [name, keyOf(content, name, asked)]);
    const some = (from, change) => Object.fromEntries(keys.filter(([, key]) => key in from).map(([name, key]) => [name, change(from[key])]));
    return candidatesOf(content, asked).map(({ name, figures, lacks }) => ({
      name, values: some(figures, ([value]) => value), lacks: some(lacks, (word) => word),
    }));
  }

  function ask(content, asked = question(content)) {
    return answer(content.respects, content.beaten, optionsOf(content, asked), asked.limits);
  }

  // without its interval, which the table has
  const briefly = (content, asked, item, name) => item.figures[keyOf(content, name, asked)][1].replace(/ \[[^\]]*\]$/, "");

  // a title within a sentence
  const inside = (title) => (/^.[A-Z]/.test(title) ? title : title[0].toLowerCase() + title.slice(1));

  const listed = (words) => [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" and ");

  // a title with where its figure comes from: counts are the same everywhere
  function sourced(content, asked, { name, title, counted }) {
    const { published } = content.kinds.find((kind) => kind.name === asked.kind) ?? {};
    if (name === "top1") return `${published ? "published" : "measured"} ${inside(title)}`;
    return counted ? inside(title) : `measured ${inside(title)}`;
  }

  // what the answers are told apart in by their middle alone: the intervals of some of them meet
  function notApart(content, asked, { wanted, chosen }) {
    const items = candidatesOf(content, asked).filter(({ name }) => chosen.includes(name));
    return content.respects.filter(({ name }) => wanted.includes(name)).filter(({ name }) => {
      const bounds = items.map(({ figures }) => figures[keyOf(content, name, asked)]).filter(([, , low]) => low !== null);
      return bounds.some(([, , low, high], i) => bounds.slice(i + 1).some(([, , low2, high2]) => low <= high2 && low2 <= high));
    });
  }

  // the first answer with its figures in all that is wanted
  function told(content, asked, found) {
    const [name] = found.chosen.length ? found.chosen : [found.nearest];
    const item = candidatesOf(content, asked).find((one) => one.name === name);
    const wanted = content.respects.filter((respect) => found.wanted.includes(respect.name));
    const words = wanted.map((respect) => `${sourced(content, asked, respect)} ${briefly(content, asked, item, respect.name)}`);
    return `${name} (${words.join(", ")})`;
  }

  function showWords(content, asked, found) {
    const { chosen, nearest } = found;
    const titles = content.respects.filter(({ name }) => found.wanted.includes(name)).map(({ title }) => inside(title));
    const best = () => (found.wanted[0] === "top1" ? "The most accurate architecture" : `The best architecture by ${titles[0]}`);
    const limited = Object.keys(asked.limits).length ? " that keeps your limits" : "";
    const said = chosen.length ? `${best()}${limited}: ${told(content, asked, found)}.`
      : nearest ? `No architecture of this run keeps these limits; the nearest is ${told(content, asked, found)}.`
        : "No architecture of this run has a figure for every criterion.";
    const kept = chosen.length + (found.left_out[content.beaten] ?? []).length;
    const all = candidatesOf(content, asked).length;
    const what = limited ? `keep${kept === 1 ? "s" : ""} your limits` : `${kept === 1 ? "has" : "have"} a figure in all that is compared`;
    const open = notApart(content, asked, found).map(({ title }) => inside(title));
    const order = open.length ? ` The order by ${listed(open)} is not certain: intervals overlap.` : "";
    const unbeaten = kept < 2 ? "" : kept === chosen.length ? "; none of them beats another" : `; no other beats ${chosen.length} of them`;
    const count = `${kept} of ${all} architecture${all === 1 ? "" : "s"} ${what}${unbeaten}. Compared by ${listed(titles)}.${order}`;
    document.querySelector("#recommend-answer .said").textContent = said;
    document.querySelector("#recommend-answer .count").textContent = chosen.length ? count : "";
    document.querySelector("#recommend-answer .about").textContent = asked.notes.map((note) => `${note}.`).join(" ");
    const reasons = Object.entries(found.left_out).sort(([, a], [, b]) => b.length - a.length);
    document.getElementById("recommend-left-out").replaceChildren(...reasons.map(([reason, names]) => {
      const item = document.createElement("li");
      const number = document.createElement("b");
      number.textContent = `${names.length} left out: ${reason}`;
      item.append(number, ` – ${names.join(", ")}`);
      return item;
    }));
  }

  function showTable(content, asked, found) {
    const candidates = candidatesOf(content, asked);
    const shown = content.respects.filter(({ name }) => candidates.some(({ figures }) => keyOf(content, name, asked) in figures));
    const names = found.chosen.length ? found.chosen : [found.nearest].filter(Boolean);
    const rows = names.map((name) => {
      const { figures, lacks, input, side, of } = candidates.find((item) => item.name === name);
      const cells = shown.map((respect) => {
        const key = keyOf(content, respect.name, asked);
        return key in figures ? [figures[key][1], String(figures[key][0]), ""] : (lacks[key] ?? "–");
      });
      return [name, ...cells, side ? [input, String(side), ""] : "", of];
    });
    const units = (unit) => (unit === "1" ? "" : ` (${unit})`);
    const headings = [["Architecture", false], ...shown.map(({ title, unit }) => [title, true, title + units(unit)]),
      ["Input", true, "Input (px)"], [content.kinds.find(({ name }) => name === asked.kind)?.of ?? "Source", false]];
    const title = found.chosen.length ? "Architectures that remain, the best first" : "The nearest";
    document.getElementById("recommend-table").replaceChildren(...(rows.length ? [evo.makeTable("recommend", title, headings, rows)] : []));
  }

  // each asks for its limit alone
  function showExamples(content, asked) {
    const place = document.getElementById("recommend-examples");
    const examples = content.examples[`${asked.kind} ${asked.device}`] ?? [];
    place.hidden = !examples.length;
    place.replaceChildren("Examples: ", ...examples.map(({ name, typed, label }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.dataset.limit = name;
      button.dataset.typed = typed;
      return button;
    }));
  }

  // plotly reads tags in its texts
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  function points(content, asked, found) {
    const why = new Map(Object.entries(found.left_out).flatMap(([reason, names]) => names.map((name) => [name, reason])));
    const [x, y] = [asked.against, "top1"].map((name) => keyOf(content, name, asked));
    const shown = candidatesOf(content, asked).filter(({ figures }) => x in figures && y in figures);
    const traces = [shown.filter(({ name }) => why.has(name)), shown.filter(({ name }) => !why.has(name))];
    const symbol = content.kinds.find(({ name }) => name === asked.kind)?.symbol;
    return {
      x: traces.map((items) => items.map(({ figures }) => figures[x][0])),
      y: traces.map((items) => items.map(({ figures }) => 100 * figures[y][0])),
      text: traces.map((items) => items.map(({ name }) => escaped(name))),
      meta: traces.map((items) => ({ cards: items.map(({ name }) => escaped(name)) })),
      customdata: traces.map((items) => items.map(({ name, figures, input }) =>
        [escaped(`${figures[y][1]}, ${figures[x][1]}, ${input}`), escaped(why.get(name) ?? "an answer")])),
      "marker.symbol": traces.map(() => symbol),
    };
  }

  // the limits as dotted lines
  function lines({ limits, against }) {
    const line = { type: "line", line: { color: "#8A8A8A", dash: "dot", width: 1.5 } };
    const [x, y] = [limits[against], limits.top1];
    return [
      ...(x ? [{ ...line, x0: x, x1: x, yref: "paper", y0: 0, y1: 1 }] : []),
      ...(y ? [{ ...line, xref: "paper", x0: 0, x1: 1, y0: 100 * y, y1: 100 * y }] : []),
    ];
  }

  // the figure that all charts are drawn from, changed and drawn once more where it has been drawn
  function showChart(figure, content, asked, found) {
    const plot = document.querySelector('.plot[data-figure="which_backbone"]');
    if (!plot || !figure) return;
    const data = points(content, asked, found);
    figure.data.forEach((trace, i) => {
      for (const name of ["x", "y", "text", "customdata", "meta"]) trace[name] = data[name][i];
      trace.marker.symbol = data["marker.symbol"][i];
    });
    const { layout } = figure;
    const { costs, merits } = structuredClone(layout.meta);
    Object.assign(layout.xaxis, costs[`${asked.kind} ${keyOf(content, asked.against, asked)}`]);
    Object.assign(layout.yaxis, merits[asked.kind]);
    layout.shapes = lines(asked);
    evo.charts.redraw(plot);
  }

  // these limits and no others, in the address too
  function set(limits) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const fields = form.querySelectorAll("input");
    for (const field of fields) {
      field.value = limits[field.name] ?? "";
      evo.state.change(field.dataset.state, field.value);
    }
  }

  if (form) {
    form.addEventListener("submit", (event) => event.preventDefault());
    evo.start(() => {
      evo.data.then(({ blocks, figures }) => {
        const content = blocks.recommend;
        let examples = "";
        const show = () => {
          const asked = question(content);
          const found = ask(content, asked);
          // buttons that somebody is about to press stay
          if (examples !== (examples = `${asked.kind} ${asked.device}`)) showExamples(content, asked);
          showWords(content, asked, found);
          showTable(content, asked, found);
          showChart(figures.which_backbone, content, asked, found);
        };
        form.addEventListener("input", show);
        form.addEventListener("reset", (event) => {
          event.preventDefault();
          set({});
          show();
        });
        document.getElementById("recommend-examples").addEventListener("click", (event) => {
          /** @type {HTMLElement | null} */
          const button = /** @type {Element} */ (event.target).closest("button[data-limit]");
          if (!button) return;
          set({ [button.dataset.limit]: button.dataset.typed });
          show();
        });
        show();
      });
    });
  }
  return { ask };
})();
