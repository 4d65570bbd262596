"""Annotations of GitHub: workflow commands, which a step prints."""

# no `annotations` from the future: it is the name of the form
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bench.compare.judgement import Judgement
from reports.ci import form
from reports.ci.text import ENDED, plain, sentence, verdict_of

if TYPE_CHECKING:
    from bench.compare.verdict import Comparison

MOST = 10
"""Annotations of one level that GitHub shows of a step; it drops the rest without a word."""
_LEVELS = {
    **dict.fromkeys(("regression", "dropped", "erratic", "changed", "undecided"), "warning"),
    "improvement": "notice",
}
"""Annotation levels of verdicts that do not make the job fail; fine verdicts get no annotation."""


@form()
def annotations(judgement: Judgement) -> str:
    """Workflow commands of GitHub: errors for what fails, warnings, notices; at most 10 each, the worst first.

    What fails for no cell, such as several jobs of which one is missing, is one error with the notes.
    """
    levels: dict[str, list[Comparison]] = {"error": [], "warning": [], "notice": []}
    for item in judgement.worst_first:
        level = _level(judgement, item)
        if level:
            levels[level].append(item)
    cells = "".join(line for level, items in levels.items() for line in _commands(judgement, level, items))
    if judgement.failing or judgement.ended not in ENDED:
        return cells
    return _command("error", ENDED[judgement.ended], plain("; ".join(judgement.notes))) + cells


def _level(judgement: Judgement, item: "Comparison") -> str | None:
    if judgement.fails(item):
        return "error"
    return "notice" if item.key in judgement.accepted else _LEVELS.get(item.verdict)


def _commands(judgement: Judgement, level: str, items: "Sequence[Comparison]") -> Iterator[str]:
    shown = items if len(items) <= MOST else items[: MOST - 1]
    for item in shown:
        job = f"{item.job}: " if item.job else ""
        yield _command(level, f"{job}{verdict_of(judgement, item)}: {item.cell}", sentence(judgement, item))
    if len(shown) < len(items):
        left = len(items) - len(shown)
        yield _command(level, f"{left} more", f"{left} more cells than a step may annotate")


def _command(level: str, title: str, message: str) -> str:
    named = _data(plain(f"evobench {title}")).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={named}::{_data(message)}\n"


def _data(text: str) -> str:
    """Line breaks cannot come this far; they are escaped all the same, for whoever changes what does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
