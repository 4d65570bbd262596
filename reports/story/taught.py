"""Statements of a run without lessons about what the lecture teaches: its comparisons, and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bench.audit.errata import NOT_RUN, ErrataRow, counts, in_words
from bench.compare.experiments.answers import Answer
from reports.learning.effects import FAMILIES
from reports.learning.overall import whole
from reports.tables.audit import judged
from reports.tidy.frame import Frames

MOST = 5
"""Figures that are contradicted which are told: the audit has all."""
_WORDS = {
    "reproduced": "match",
    "contradicted": "do not match",
    "published: agrees": "match the cited paper but not a recount",
    "published: disagrees": "do not match the cited paper",
    NOT_RUN: "are not judged yet",
}
"""Verbs for the figures of a verdict."""
_RESULTS: Mapping[Answer, str] = {"helps": "a gain", "hurts": "a loss", "no difference": "no difference"}
_SLIDE = "Evolution of deep learning: "


def answered(frames: Frames) -> str:
    """Number of comparisons of transfer learning that have a clear result, and which; empty where the run has
    none."""
    answers: Counter[Answer] = Counter()
    for over in (whole(frames, family) for family in FAMILIES):
        answers.update(over.answers if over else {})
    if not answers:
        return ""
    of, clear = answers.total(), answers.total() - answers["undecided"]
    told = ", ".join(f"{answers[answer]} {what}" for answer, what in _RESULTS.items() if answers[answer])
    result = f"{clear} of {of} transfer-learning comparisons {'has' if clear == 1 else 'have'} a clear result"
    return f"{result}: {told}." if told else f"{result}."


def counted(frames: Frames) -> str:
    """Result for the lecture's figures that are counts; empty where the run knows no verdict on them."""
    found = counts(row.verdict for row in judged(frames)) if frames.counts_from else {}
    if not found or set(found) == {NOT_RUN}:
        return ""
    most_first = sorted(found.items(), key=lambda item: -item[1])
    told = ", ".join(f"{number} {_WORDS.get(verdict, f'are {verdict}')}" for verdict, number in most_first)
    return f"{sum(found.values())} figures and statements of the lecture were checked by counting: {told}."


def opening(frames: Frames, shown: int) -> str:
    """Words before so many of the numbers that a count contradicts."""
    wrong = sum(row.verdict == "contradicted" for row in judged(frames)) if frames.counts_from else 0
    which = f"the {wrong}" if shown == wrong else f"{shown} of the {wrong}"
    return f"{which[0].upper()}{which[1:]} that {'does' if wrong == 1 else 'do'} not match:" if shown else ""


def contradicted(frames: Frames) -> Iterator[str]:
    """Numbers of the lecture that a count contradicts, one for each of the first slides that has one."""
    slides: dict[str, ErrataRow] = {}
    for row in judged(frames) if frames.counts_from else ():
        if row.verdict == "contradicted" and _is_number(row.printed) and _is_number(row.found):
            slides.setdefault(row.slide.partition(" [")[0], row)
    for slide, row in list(slides.items())[:MOST]:
        assert row.found is not None
        printed, _ = row.texts
        yield f"{slide.removeprefix(_SLIDE)}: “{row.words}”, {printed}; counted here: {in_words(row.found)}."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
