// Rows of a table as the text of a format, from its heads, its rows, and which columns are numbers.
evo.tableFormats = {
  CSV(head, rows) {
    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
  },
  Markdown(head, rows, numeric) {
    const line = (cells) => `| ${cells.join(" | ")} |\n`;
    const plain = (text) => text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");
    const lines = [head, ...rows].map((row) => line(row.map(plain)));
    return [lines[0], line(numeric.map((is) => (is ? "---:" : "---"))), ...lines.slice(1)].join("");
  },
  LaTeX(head, rows, numeric) {
    const NAMES = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
      ">": "\\textgreater{}", "|": "\\textbar{}", "–": "--", "µ": "\\textmu{}", "×": "\\texttimes{}" };
    const plain = (text) => text.replace(/[&%$#_{}]|[\\~^<>|–µ×]/g, (c) => NAMES[c] ?? `\\${c}`).replace(/\s+/g, " ");
    const line = (cells) => `${cells.map(plain).join(" & ")} \\\\\n`;
    const columns = numeric.map((is) => (is ? "r" : "l")).join("");
    return `\\begin{tabular}{${columns}}\n\\hline\n${line(head)}\\hline\n${rows.map(line).join("")}\\hline\n\\end{tabular}\n`;
  },
};
