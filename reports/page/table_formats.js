// Rows of a table as the text of a format, from its heads, its rows, and which columns are numbers.
evo.tableFormats = {
  CSV(head, rows) {
    // a spreadsheet would compute a text that begins so
    const inert = (text) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text);
    const quoted = (cell) => {
      const text = inert(cell);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
  },
  Markdown(head, rows, numeric) {
    const line = (cells) => `| ${cells.join(" | ")} |\n`;
    const inWord = (text, i) => /[\p{L}\p{N}]/u.test(text[i - 1] ?? "") && /[\p{L}\p{N}]/u.test(text[i + 1] ?? "");
    const entity = (c) => `&#${c.charCodeAt(0)};`;
    const plain = (text) => text.replace(/\s+/g, " ").replace(/[\\`*|{}]|\](?=[([:])/g, "\\$&")
      .replace(/_/g, (c, i, all) => (inWord(all, i) ? c : "\\_")).replace(/[<>~$]|&(?=#?\w+;)|:(?=\/\/)/g, entity)
      .replace(/\b(www)\./gi, "$1&#46;");
    const lines = [head, ...rows].map((row) => line(row.map(plain)));
    return [lines[0], line(numeric.map((is) => (is ? "---:" : "---"))), ...lines.slice(1)].join("");
  },
  LaTeX(head, rows, numeric) {
    const NAMES = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
      ">": "\\textgreater{}", "|": "\\textbar{}", "–": "--", "µ": "\\textmu{}", "×": "\\texttimes{}" };
    const plain = (text) => text.replace(/[&%$#_{}]|[\\~^<>|–µ×]/g, (c) => NAMES[c] ?? `\\${c}`).replace(/\s+/g, " ");
    const line = (cells) => `${cells.map(plain).join(" & ").replace(/^[[*]/, "{}$&")} \\\\\n`;
    const columns = numeric.map((is) => (is ? "r" : "l")).join("");
    return `\\begin{tabular}{${columns}}\n\\hline\n${line(head)}\\hline\n${rows.map(line).join("")}\\hline\n\\end{tabular}\n`;
  },
};
