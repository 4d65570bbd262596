"""What the check says: one line a question, with what it was compared with, and a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "skip", "note"]
HEADINGS = ("step", "what", "value", "against", "ratio", "verdict", "why")
NOT_REACHED = "not reached: the time was over"


@dataclass(frozen=True)
class Line:
    """One answer. `note` is for figures that have no right value; `skip` says in `why` what was missing."""

    step: str
    what: str
    verdict: Verdict
    value: str = ""
    against: str = ""
    ratio: float | None = None
    """Of the value to what it stands against."""
    why: str = ""

    def cells(self) -> tuple[str, ...]:
        """The texts of the line in the order of `HEADINGS`."""
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        return (self.step, self.what, self.value, self.against, ratio, self.verdict, " ".join(self.why.split()))


@dataclass(frozen=True)
class Band:
    """How far a ratio may be from one, and why so far."""

    share: float
    why: str
    judged: bool = True
    """Whether a ratio outside of it fails; else the line is a note."""

    def verdict(self, ratio: float) -> Verdict:
        """What a ratio of two figures that should be equal comes to."""
        if not self.judged:
            return "note"
        return "pass" if abs(ratio - 1) <= self.share else "fail"


def compared(step: str, what: str, value: float, against: float, unit: str, band: Band) -> Line:
    """A line for two positive figures of one unit (`s`, `B`, `1/s`) that should be equal."""
    ratio = value / against
    return Line(step, what, band.verdict(ratio), shown(value, unit), shown(against, unit), ratio, band.why)


def not_reached(step: str, what: Iterable[str]) -> list[Line]:
    """A line for each thing that there was no time for."""
    return [Line(step, name, "skip", why=NOT_REACHED) for name in what]


def shown(value: float, unit: str) -> str:
    """A figure for people: `12.3 ms`, `1.20 GB`, `3200/s`."""
    if unit == "s":
        return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "B":
        return f"{value / 1e9:.3g} GB" if value >= 1e9 else f"{value / 1e6:.3g} MB"
    return f"{value:.4g}{'/s' if unit == '1/s' else f' {unit}'.rstrip()}"


def exit_code(lines: Iterable[Line]) -> int:
    """1 where a line failed, else 0."""
    return 1 if any(line.verdict == "fail" for line in lines) else 0


def summary(lines: Sequence[Line]) -> str:
    """How many lines have which verdict, in words."""
    verdicts = ("pass", "fail", "skip", "note")
    return ", ".join(f"{sum(line.verdict == name for line in lines)} {name}" for name in verdicts)


def as_text(line: Line) -> str:
    """One line of a terminal."""
    step, what, value, against, ratio, verdict, why = line.cells()
    figures = " ".join(part for part in (value, f"against {against}" if against else "", ratio) if part)
    return f"{verdict:4}  {step}: {what}" + (f": {figures}" if figures else "") + (f" ({why})" if why else "")


def as_table(lines: Sequence[Line]) -> str:
    """All lines as one table in columns."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    return "".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def as_markdown(lines: Sequence[Line]) -> str:
    """All lines as a table of Markdown."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(line.cells() for line in lines)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)
