"""Markdown for GitHub: the summary of a job, and the comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reports.ci import form
from reports.ci.text import band, change, code, pairs, sides, words
from reports.comparing.causes import lines

if TYPE_CHECKING:
    from bench.compare.judgement import Judgement
    from bench.compare.verdict import Comparison

MARKER = "<!-- evobench comparison -->"
"""First line of a comment, which nobody sees: by it the comment is found when it is to be replaced."""
COMMENT_BYTES = 60_000
"""GitHub refuses comments of more than 65 536 characters."""
SUMMARY_BYTES = 900_000
"""GitHub drops the summary of a step that has more than 1 MiB."""
_COLUMNS = ("cell", "base", "head", "change", "pairs", "band", "verdict", "note")
_HEADING = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}\n"
_MOST_NOTES = 20
_SHARE_OF_NOTES = 4
"""Notes have one part in so many of the room."""
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
    return f"{MARKER}\n{_document(judgement, COMMENT_BYTES - len(MARKER) - 1)}"


def _document(judgement: Judgement, room: int) -> str:
    """At most `room` bytes."""
    opening, notes = _opening(judgement), _notes(judgement.notes, room // _SHARE_OF_NOTES)
    everything = len(judgement.found)
    failing = len(judgement.failing)
    others = judgement.worst_first[failing:]
    folded = _OTHERS.format(f"{len(others)} cells")
    room -= _bytes(opening + notes + folded + _END_OF_OTHERS + _LEFT_OUT.format(everything, everything) + "\n")
    table, shown = _table(judgement.worst_first[:failing], room)
    rest, shown_of_rest = _table(others, room - _bytes(table)) if shown == failing else ("", 0)
    left_out = everything - shown - shown_of_rest
    parts = [opening, f"\n{table}" if table else ""]
    parts.append(f"{folded}{rest}{_END_OF_OTHERS}" if rest else "")
    parts.append(_LEFT_OUT.format(left_out, everything) if left_out else "")
    return "".join([*parts, notes])


def _opening(judgement: Judgement) -> str:
    failing, everything = len(judgement.failing), len(judgement.found)
    title = f"{failing} of {everything} cells fail" if failing else f"none of {everything} cells fails"
    counts = ", ".join(f"{count} {verdict}" for verdict, count in judgement.counts.items())
    fail_on = " or ".join(sorted(judgement.fail_on)) or "nothing"
    said = f"{counts or 'nothing compared'} (fails on {fail_on})"
    return f"## evobench: {title}\n\n{code(judgement.base)} → {code(judgement.head)}: {said}\n"


def _table(items: Iterable[Comparison], room: int) -> tuple[str, int]:
    """As many rows as `room` bytes take, and how many these are; no text where none fits."""
    rows: list[str] = []
    room -= len(_HEADING)
    for item in items:
        row = _row(item)
        room -= _bytes(row)
        if room < 0:
            break
        rows.append(row)
    return _HEADING + "".join(rows) if rows else "", len(rows)


def _row(item: Comparison) -> str:
    base, head = sides(item)
    figures = [words(base), words(head), change(item), pairs(item), band(item)]  # units are users' words, too
    told = "<br>".join(map(words, [item.note, *lines(item)]))
    return f"| {' | '.join([code(item.cell), *figures, item.verdict, told])} |\n"


def _notes(notes: Sequence[str], room: int) -> str:
    """As many as `room` bytes take, and how many more there are."""
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
