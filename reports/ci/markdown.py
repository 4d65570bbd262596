"""Markdown for GitHub: the summary of a job, and the comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ci import form
from reports.ci.text import ENDED, band, change, code, note_of, pairs, sides, verdict_of, words
from reports.comparing import causes

if TYPE_CHECKING:
    from bench.compare.judgement import Judgement
    from bench.compare.verdict import Comparison

_MARKER = "<!-- evobench comparison{} -->"
COMMENT_BYTES = 60_000
"""GitHub refuses comments of more than 65 536 characters."""
SUMMARY_BYTES = 900_000
"""GitHub drops the summary of a step that has more than 1 MiB."""
_COLUMNS = ("cell", "base", "head", "change", "pairs", "band", "verdict", "note")
_ACCEPTED = "\nChanges that are accepted:\n\n"
_MOST_NOTES = 20
_SHARE_OF_NOTES = 4
"""Notes have one part in so many of the room."""
_SHARE_OF_SHAPES = 8
"""The lines that show how values lie have one part in so many of the room."""
_OTHERS = "\n<details><summary>{} that do not fail</summary>\n\n"
_END_OF_OTHERS = "\n</details>\n"
_LEFT_OUT = "\n{} of {} cells left out, for want of room: the worst are shown.\n"


@form(appends=True)
def summary(judgement: Judgement) -> str:
    """Markdown for the summary of a job: added to the file that $GITHUB_STEP_SUMMARY names."""
    return _document(judgement, SUMMARY_BYTES)


@form()
def comment(judgement: Judgement) -> str:
    """Markdown for a comment on a pull request, at most 60 kB, the worst first; its first line is hidden."""
    hidden = marker(judgement)
    return f"{hidden}\n{_document(judgement, COMMENT_BYTES - len(hidden) - 1)}"


def marker(judgement: Judgement) -> str:
    """First line of a comment, which nobody sees: by it this job finds the comment that it is to replace."""
    return _MARKER.format(f" {judgement.key}" if judgement.key else "")


def _document(judgement: Judgement, room: int) -> str:
    """The document, at most `room` bytes long."""
    opening, notes = _opening(judgement), _notes(judgement.notes, room // _SHARE_OF_NOTES)
    shapes = _shapes(judgement.worst_first, room // _SHARE_OF_SHAPES)
    everything = len(judgement.found)
    failing, accepted = len(judgement.failing), len(judgement.accepted)
    others = judgement.worst_first[failing + accepted :]
    folded = _OTHERS.format(f"{len(others)} cells")
    fixed = opening + shapes + notes + _ACCEPTED + folded + _END_OF_OTHERS
    tables = _Tables(judgement, room - _bytes(f"{fixed}{_LEFT_OUT.format(everything, everything)}\n"))
    table = tables.of(judgement.worst_first[:failing])
    meant = tables.of(judgement.worst_first[failing : failing + accepted])
    rest = tables.of(others)
    left_out = everything - tables.shown
    parts = [opening, f"\n{table}" if table else "", f"{_ACCEPTED}{meant}" if meant else ""]
    parts.append(f"{folded}{rest}{_END_OF_OTHERS}" if rest else "")
    parts.append(_LEFT_OUT.format(left_out, everything) if left_out else "")
    return "".join([*parts, shapes, notes])


def _opening(judgement: Judgement) -> str:
    failing, everything = len(judgement.failing), len(judgement.found)
    title = f"{failing} of {everything} cells fail" if failing else f"none of {everything} cells fails"
    name = f"evobench {code(judgement.key)}" if judgement.key else "evobench"
    ended = f", {ENDED[judgement.ended]}" if judgement.ended in ENDED else ""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in judgement.counts.items())
    meant = f", {len(judgement.accepted)} of them accepted" if judgement.accepted else ""
    fail_on = " or ".join(sorted(judgement.fail_on)) or "nothing"
    said = f"{counts or 'nothing compared'}{meant} (fails on {fail_on})"
    between = f"{code(judgement.base)} → {code(judgement.head)}: " if judgement.base else ""
    return f"## {name}: {title}{ended}\n\n{between}{said}\n"


@dataclass
class _Tables:
    """Tables that share the room of a document: one after the other, until a row no longer fits."""

    judgement: Judgement
    room: int
    """Bytes that are left."""
    shown: int = 0
    """Rows so far."""

    def of(self, items: Sequence[Comparison]) -> str:
        """The rows that there is room for; empty where none fits, or an earlier table was cut."""
        heading = self._heading()
        rows: list[str] = []
        self.room -= len(heading) if items else 0
        for item in items:
            row = self._row(item)
            self.room -= _bytes(row)
            if self.room < 0:
                break
            rows.append(row)
        self.shown += len(rows)
        return heading + "".join(rows) if rows else ""

    def _heading(self) -> str:
        columns = (*(["job"] if self.judgement.jobs else []), *_COLUMNS)
        return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"

    def _row(self, item: Comparison) -> str:
        base, head = sides(item)
        figures = [words(base), words(head), change(item), pairs(item), band(item)]  # units are users' words, too
        note = "<br>".join(map(words, [note_of(self.judgement, item), *causes.lines(item)]))
        said = [verdict_of(self.judgement, item), note]
        job = [code(item.job)] if self.judgement.jobs else []
        return f"| {' | '.join([*job, code(item.cell), *figures, *said])} |\n"


def _shapes(items: Iterable[Comparison], room: int) -> str:
    """How the values of cells with two modes or a new spread lie: as many as `room` bytes take."""
    from reports.comparing.distributions import is_told, lines

    told: list[str] = []
    for item in filter(is_told, items):
        shown = "".join(f"<br>{code(line)}\n" for line in lines(item))
        entry = f"\n{code(item.cell)}: {item.verdict}\n{shown}"
        room -= _bytes(entry)
        if room < 0:
            break
        told.append(entry)
    return "".join(told)


def _notes(notes: Sequence[str], room: int) -> str:
    """The notes that `room` bytes take, and how many more there are."""
    told: list[str] = []
    for note in notes[:_MOST_NOTES]:
        # a digit or a plus may begin a list within the list
        line = f"- {'' if note[:1].isalpha() else '&#8203;'}{words(note)}\n"
        room -= _bytes(line)
        if room < 0:
            break
        told.append(line)
    more = [f"- and {len(notes) - len(told)} more notes\n"] if len(told) < len(notes) else []
    return "".join(["\n", *told, *more]) if notes else ""


def _bytes(text: str) -> int:
    return len(text.encode())
