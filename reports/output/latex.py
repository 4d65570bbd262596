"""Tables as LaTeX: booktabs, one unit a column in its heading, numbers of three significant digits below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import pandas as pd

from bench.text.plain import harmless
from reports import formats
from reports.tables import Column, Table
from reports.tidy.frame import Frames, rows_of

_LONG = 40
"""Rows that a page has room for; a longer table breaks across pages."""
_PREFIXES = {12: "T", 9: "G", 6: "M", 3: "k", 0: "", -3: "m", -6: "\N{MICRO SIGN}", -9: "n"}
_FRACTIONS = ("s", "J")
"""Units that have prefixes below one: there are no millibytes."""
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\N{MICRO SIGN}": r"$\mu$",
    "\N{MINUS SIGN}": "$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{ALMOST EQUAL TO}": r"$\approx$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\le$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\ge$",
    "\N{EN DASH}": "--",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
}
_OF_A_LINE_END = ("[", "*")
r"""Beginnings of a text that `\\` of the line before would take for its own."""


def as_latex(item: Table, frames: Frames) -> str:
    r"""One table: `\begin{table}`, or `longtable` where a page would not hold it.

    Columns that have nothing in this run are left out. A document that takes it in needs the packages booktabs
    and, for the latter, longtable.
    """
    plain = item.plain(frames)
    if plain.empty:
        return f"% {item.title}: nothing to show.\n"
    columns = item.filled(plain)
    scales = {column.heading: _exponent(column, plain) for column in columns}
    headings = [_heading(column, scales[column.heading]) for column in columns]
    rows = [[_entry(column, row, scales[column.heading]) for column in columns] for row in rows_of(plain)]
    lines = _long if len(rows) > _LONG else _short
    return (
        "\n".join(
            lines(
                "".join("r" if column.is_figure else "l" for column in columns),
                rf"\caption{{{escape(item.title)}. {escape(item.about)}}}\label{{tab:{item.name}}}",
                _row(headings),
                map(_row, rows),
            )
        )
        + "\n"
    )


def _row(cells: Sequence[str]) -> str:
    return rf"{' & '.join(cells)} \\"


def escape(text: str) -> str:
    """Text with every character that LaTeX would take for a command written as one that prints it."""
    written = "".join(_SPECIAL.get(character, character) for character in harmless(" ".join(text.split())))
    return f"{{}}{written}" if written[:1] in _OF_A_LINE_END else written


def _short(layout: str, caption: str, head: str, body: Iterable[str]) -> list[str]:
    return [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        caption,
        rf"\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def _long(layout: str, caption: str, head: str, body: Iterable[str]) -> list[str]:
    return [
        r"% needs \usepackage{booktabs,longtable}",
        rf"\begin{{longtable}}{{{layout}}}",
        rf"{caption}\\",
        r"\toprule",
        head,
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *body,
        r"\end{longtable}",
    ]


def _exponent(column: Column, plain: pd.DataFrame) -> int:
    """Power of ten of a column's prefix: that of its median, so that most numbers are neither long nor small."""
    if column.unit in ("", "%", "px", "points"):
        return 0
    values = (abs(float(value)) for value in plain[column.heading].dropna())
    sizes = [value for value in values if value and math.isfinite(value)]
    if not sizes or (column.unit == "1" and max(sizes) < 10_000):
        return 0
    lowest = -9 if column.unit in _FRACTIONS else 0
    return max(lowest, min(12, 3 * math.floor(math.log10(median(sizes)) / 3)))


def _heading(column: Column, exponent: int) -> str:
    prefix = _PREFIXES[exponent]
    unit = {"1": prefix, "1/s": f"{prefix}/s" if prefix else "1/s"}.get(column.unit, f"{prefix}{column.unit}")
    return escape(f"{column.heading} ({unit})" if unit else column.heading)


def _entry(column: Column, row: Mapping[str, Any], exponent: int) -> str:
    value = row[column.heading]
    if pd.isna(value):
        status = column.missing(row)
        return escape(status) if status else "--" if column.is_figure else ""
    if not column.is_figure:
        return escape(str(value))
    bound, status = column.bound_and_status(row)
    if column.units:
        return escape(formats.quantity(float(value), row[column.units], bound, status))
    text = _number(float(value), column.unit, exponent)
    if bound == formats.AT_LEAST:
        text = rf"$\ge$ {text}"
    if status == formats.NOISY:
        text += f" ({status})"
    if not column.low or pd.isna(row[column.low]):
        return text
    low, high = (_number(float(row[name]), column.unit, exponent) for name in (column.low, column.high))
    return f"{text} {{[{low}, {high}]}}"  # in braces: after a line's end LaTeX takes [ for a distance


def _number(value: float, unit: str, exponent: int) -> str:
    if unit == "%":
        return f"{value:.1f}"
    if unit == "points":
        return f"${value:+z.1f}$"
    scaled = value / 10.0**exponent
    if not exponent and value.is_integer():
        return str(int(value))
    if scaled == 0:
        return "0"
    if not math.isfinite(scaled):
        return r"$\infty$" if scaled > 0 else r"$-\infty$"
    digits = max(0, 2 - math.floor(math.log10(abs(float(f"{scaled:.2e}")))))
    return f"{scaled:.{digits}f}" if digits <= 6 else f"{scaled:.2e}"
