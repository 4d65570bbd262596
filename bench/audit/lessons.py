"""Claims that a lesson decides, by the result of an experiment at small scale. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from bench.audit.errata import ErrataRow
from bench.audit.verdicts import OF_LESSONS, ClaimVerdict, Verdict

COMMAND = "evobench run --suite lessons"
"""Command that measures lessons."""


@dataclass(frozen=True)
class Said:
    """The result of a lesson in a run."""

    verdict: Literal["confirmed", "refuted", "no difference", "undecided"]
    title: str
    run: str


def judged_by(lesson: str, said: Mapping[str, Said]) -> ClaimVerdict:
    """The verdict on a claim that a lesson alone decides.

    Args:
        lesson: name of the lesson.
        said: results of the measured lessons, by name.
    """
    found = said.get(lesson)
    if found is None:
        return ClaimVerdict("not measured", explanation=f"{COMMAND} puts its lesson '{lesson}' to the test")
    return ClaimVerdict(
        cast("Verdict", f"lesson: {found.verdict}"), note=f"lesson '{lesson}' ({found.title}) in run {found.run}"
    )


def with_lessons(rows: Iterable[ErrataRow], said: Mapping[str, Said]) -> list[ErrataRow]:
    """The claims with the current results of their lessons; for a claim with a check these follow its evidence."""
    return [_with_lesson(row, said) if row.lesson else row for row in rows]


def _with_lesson(row: ErrataRow, said: Mapping[str, Said]) -> ErrataRow:
    if row.verdict in OF_LESSONS:
        return replace(row, **judged_by(row.lesson, said).to_dict())
    found = judged_by(row.lesson, said)
    told = f"{found.note}: {found.verdict.removeprefix('lesson: ')}" if found.note else found.explanation
    return replace(row, note="; ".join(filter(None, (row.note, told))))
