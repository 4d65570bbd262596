"""Verdicts for people: values in words, the list for the terminal, the errata sheet in Markdown. Pure."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.audit.verdicts import MISMATCHES, OF_LESSONS, VERDICTS
from bench.declare.claims import Printed
from bench.text.markdown import escaped, markdown

NOT_CHECKABLE, NOT_MEASURED = "not checkable", "not measured"
NOT_RUN = "not run"
"""Verdict shown for a claim that an interrupted audit did not come to."""
_MANY = 6
"""Length above which only the differences of a list are printed."""
_BETWEEN = {"one of": " or ", "says": " ... "}
"""Separators between the items of a list that stands within another list, or between the words of a source."""


@dataclass(frozen=True, kw_only=True)
class ErrataRow:
    """A claim with its verdict."""

    claim: str
    slide: str
    words: str
    where: str = ""
    printed: Printed
    unit: str = ""
    step: float = 0.0
    relation: str = "equal"
    verdict: str = NOT_RUN
    found: Printed | None = None
    recount: Printed | None = None
    explanation: str = ""
    note: str = ""
    failed: bool = False
    lesson: str = ""
    """Name of the lesson that decides the claim, or that adds to its check."""

    @classmethod
    def of(cls, entry: dict[str, Any], judged: dict[str, Any]) -> ErrataRow:
        """Row of a claim in the form of its file, with its verdict as plain data."""
        parts = ("slide", "words", "where", "printed", "unit", "step", "relation", "lesson")
        named = {name: entry[name] for name in parts if name in entry}
        return cls(claim=entry["id"], **named, **judged)

    @property
    def quoted(self) -> str:
        """The lecture's words in quotation marks, followed by where they stand."""
        return f"“{self.words}”" + (f" ({self.where})" if self.where else "")

    @property
    def texts(self) -> tuple[str, str]:
        """The printed and the found value in words; for long lists only where they differ."""
        if isinstance(self.printed, list) and isinstance(self.found, list) and len(self.printed) > _MANY:
            return _difference(self.printed, self.found)
        printed = self._shown(self.printed)
        found = "" if self.found is None else self._shown(self.found)
        if found == printed and self.verdict in MISMATCHES and self.found is not None:
            found = in_words(self.found, self.unit)  # what tells them apart is finer than what is printed
        if self.relation in ("more than", "at least"):
            printed = f"{self.relation} {printed}"
        if self.recount is not None:
            found = f"{found} in the work; beside it {in_words(self.recount, self.unit)}"
        return printed, found

    def _shown(self, value: Printed) -> str:
        between = _BETWEEN.get(self.relation)
        if between and isinstance(value, list):
            return between.join(in_words(item, self.unit) for item in value)
        return in_words(value, self.unit, self.step)


def in_words(value: Printed, unit: str = "", step: float = 0.0) -> str:
    """A value as a person reads it: yes and no, thousands separated, lists in brackets, the unit after a number.

    Args:
        value: value that is printed or found.
        unit: unit of a number.
        step: one unit of the last printed digit; a fraction is shown to it.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(in_words(item) for item in value)}]"
    if isinstance(value, str):
        return value
    if unit == "year":
        return str(value)
    if 0 < step < 1 and math.isfinite(value):
        return f"{value:,.{math.ceil(-math.log10(step) - 1e-9)}f} {unit}".rstrip()
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
    return f"{text} {unit}".rstrip()


def counts(verdicts: Iterable[str]) -> dict[str, int]:
    """Number of claims with each verdict, those that need attention first."""
    count = Counter(verdicts)
    return {verdict: count[verdict] for verdict in (*VERDICTS, NOT_RUN) if count[verdict]}


def for_terminal(rows: Sequence[ErrataRow], width: int, everything: bool) -> str:
    """The mismatches slide by slide, the failed checks, and a count of each verdict.

    Args:
        rows: rows in the order of the lecture.
        width: columns of the terminal.
        everything: also what agrees here, what cannot be checked, and what no lesson has tested yet.
    """
    lines = []
    for verdict in VERDICTS:
        some = [row for row in rows if row.verdict == verdict and (everything or _asks(row))]
        if not some:
            continue
        lines += [f"{verdict.upper()} ({len(some)})", ""]
        for slide, group in _by_slide(some):
            lines.append(slide)
            for row in group:
                lines += _told(row, width)
            lines.append("")
    return "\n".join([*lines, *_summary(rows)]) + "\n"


def errata(rows: Sequence[ErrataRow]) -> str:
    """The errata sheet: what is wrong slide by slide, what could not be checked, and how many claims agree."""
    wrong = [row for row in rows if row.verdict in MISMATCHES]
    lines = ["# Errata", "", _opening(rows, len(wrong)), ""]
    for slide, group in _by_slide(wrong):
        lines += [f"## {escaped(slide)}", "", *(_erratum(row) for row in group), ""]
    quoted = [row for row in rows if row.recount is not None]
    if quoted:
        lines += ["## Agrees with the work but not with a recount", "", *map(_erratum, quoted), ""]
    tested = [row for row in rows if _is_tested(row)]
    if tested:
        lines += ["## Put to the test by lessons", ""]
        lines += [f"- {escaped(row.quoted)}: **{row.verdict}**. *{escaped(row.note)}*" for row in tested]
        lines.append("")
    unchecked = [row for row in rows if row.verdict in (NOT_CHECKABLE, NOT_MEASURED, NOT_RUN)]
    if unchecked:
        lines += ["## What could not be checked", ""]
        lines += [
            f"- {escaped(row.slide)}: {escaped(row.quoted)}: {escaped(row.explanation or row.verdict)}"
            for row in unchecked
        ]
        lines.append("")
    table = markdown(("Verdict", "Claims"), list(counts(row.verdict for row in rows).items()))
    return "\n".join([*lines, "## Verdicts", "", table])


def _asks(row: ErrataRow) -> bool:
    return row.verdict in MISMATCHES or row.failed or row.recount is not None or _is_tested(row)


def _is_tested(row: ErrataRow) -> bool:
    return row.verdict in OF_LESSONS and row.verdict != NOT_MEASURED


def _by_slide(rows: Sequence[ErrataRow]) -> Iterator[tuple[str, list[ErrataRow]]]:
    for slide in dict.fromkeys(row.slide for row in rows):
        yield slide, [row for row in rows if row.slide == slide]


def _told(row: ErrataRow, width: int) -> list[str]:
    printed, found = row.texts
    facts = {"printed": printed, "found": found, "why": row.explanation, "how": row.note, "claim": row.claim}
    lines = _wrapped(row.quoted, width, "  ", "   ")
    for name, text in facts.items():
        if text:
            lines += _wrapped(text, width, f"    {name:<9}", " " * 13)
    return lines


def _wrapped(text: str, width: int, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, max(width, 40), initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def _summary(rows: Sequence[ErrataRow]) -> list[str]:
    found = counts(row.verdict for row in rows)
    wide = len(f"{len(rows)}")
    claims = "claim" if len(rows) == 1 else "claims"
    lines = [f"{number:>{wide}} {verdict}" for verdict, number in found.items()]
    return [*lines, f"{len(rows)} {claims} in all: {how(rows)}"]


def how(rows: Sequence[ErrataRow]) -> str:
    """Numbers of claims that were measured or counted here, looked up, decided by lessons, or none of these."""
    here = sum(row.verdict in ("reproduced", "contradicted") for row in rows)
    looked_up = sum(row.verdict.startswith("published") for row in rows)
    counted = f"{here} measured or counted here, {looked_up} looked up in the works that are quoted"
    tested = sum(map(_is_tested, rows))
    by_lessons = f", {tested} put to the test by lessons" if tested else ""
    return f"{counted}{by_lessons}, {len(rows) - here - looked_up - tested} neither"


def _opening(rows: Sequence[ErrataRow], wrong: int) -> str:
    said = {0: "All that could be checked agree", 1: "1 does not agree"}.get(wrong, f"{wrong} do not agree")
    what = "1 figure or statement" if len(rows) == 1 else f"{len(rows)} figures and statements"
    return f"{what}: {how(rows)}. {said}. What is printed stands beside what was found."


def _erratum(row: ErrataRow) -> str:
    printed, found = map(escaped, row.texts)
    note = f" *{escaped(row.note)}*" if row.note else ""
    why = escaped(_sentence(row.explanation))
    return f"- {escaped(row.quoted)}: printed {printed}; found **{found}**. {why}{note}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _difference(printed: list[Any], found: list[Any]) -> tuple[str, str]:
    lacking = [item for item in printed if item not in found]
    more = [item for item in found if item not in printed]
    if not lacking and not more:  # in another order, or other repeats
        return in_words(printed), in_words(found)
    parts = [f"all but {', '.join(map(in_words, lacking))}"] if lacking else []
    parts += [f"also {', '.join(map(in_words, more))}"] if more else []
    return f"a list of {len(printed)}", "; ".join(parts)
