"""What a run without lessons says of what the lecture teaches: its comparisons, and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bench.audit.errata import NOT_RUN, Row, counts, in_words
from bench.compare.experiments.answers import Answer
from bench.words import comparisons
from reports.highlights.findings import ANSWERS
from reports.learning.effects import FAMILIES
from reports.learning.overall import whole
from reports.tables.audit import judged
from reports.tidy.frame import Frames

MOST = 5
"""Figures that are contradicted which are told: the audit has all."""
_WORDS = {
    "published: agrees": "as the quoted works have them, though not as they are counted here",
    "published: disagrees": "not as the quoted works have them",
}
"""Of verdicts that say little by themselves."""
_SLIDE = "Evolution of deep learning: "


def answered(frames: Frames) -> str:
    """How many comparisons of transfer learning are answered, and how; empty where the run has none."""
    answers: Counter[Answer] = Counter()
    for over in (whole(frames, family) for family in FAMILIES):
        answers.update(over.answers if over else {})
    if not answers:
        return ""
    total = answers.total()
    told = ", ".join(f"{answer} in {answers[answer]}" for answer in ANSWERS if answers[answer])
    return f"{total - answers['undecided']} of {comparisons(total)} of transfer learning are answered: {told}."


def counted(frames: Frames) -> str:
    """What came of the lecture's figures that are counts; empty where the run knows of no verdict on them."""
    found = counts(row.verdict for row in judged(frames)) if frames.counts_from else {}
    if not found or set(found) == {NOT_RUN}:
        return ""
    most_first = sorted(found.items(), key=lambda item: -item[1])
    told = ", ".join(f"{number} {_WORDS.get(verdict, verdict)}" for verdict, number in most_first)
    return f"Of {sum(found.values())} figures of the lecture that can be counted: {told}."


def contradicted(frames: Frames) -> Iterator[str]:
    """Numbers of the lecture that a count contradicts, one for each of the first slides that has one."""
    slides: dict[str, Row] = {}
    for row in judged(frames) if frames.counts_from else ():
        if row.verdict == "contradicted" and _is_number(row.printed) and _is_number(row.found):
            slides.setdefault(row.slide.partition(" [")[0], row)
    for slide, row in list(slides.items())[:MOST]:
        assert row.found is not None
        printed, _ = row.texts
        yield f"{slide.removeprefix(_SLIDE)}: “{row.words}”, {printed}; counted here: {in_words(row.found)}."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
