"""Words about the effect of a treatment on accuracy: the answer, and the counts behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.compare.experiments.answers import UNDECIDED, Answer
from bench.compare.experiments.contrasts import Family
from bench.statistics.intervals import LEVEL
from bench.statistics.pooled import PooledEffect
from bench.words import comparisons, few
from reports.learning.overall import Overall

ANSWERS: tuple[Answer, ...] = ("helps", "hurts", "no difference", "undecided")
"""Answers in the order in which they are told."""
_MOSTLY = 0.8
"""Share of the comparisons that must have the same answer for it to be the answer of the whole sort."""
_EITHER = 0.25
"""Share of the comparisons that must help, and as many hurt, for a treatment that goes either way."""


@dataclass(frozen=True)
class _Subject:
    """Treatment as the subject of a sentence."""

    words: str
    against: str = ""
    """What it is compared with, behind the number of comparisons."""
    plural: bool = False

    @property
    def it(self) -> str:
        return "they" if self.plural else "it"

    def verb(self, plural: str, singular: str) -> str:
        return plural if self.plural else singular

    def does(self, answer: Answer) -> str:
        """`helps`, `hurt`, `makes no difference`; what is undecided does nothing."""
        words = {"helps": ("help", "helps"), "hurts": ("hurt", "hurts")}
        return self.verb(*words.get(answer, ("make no difference", "makes no difference")))


_SUBJECTS: Mapping[Family, _Subject] = {
    "pretraining": _Subject("Pretrained weights", " with training from scratch", plural=True),
    "augmentation": _Subject("Augmentation"),
    "tuning": _Subject("Fine-tuning instead of a new head on fixed features"),
    "strategy": _Subject("Another strategy than the usual one"),
}


def told(over: Overall, targets: Sequence[str]) -> tuple[str, str]:
    """The answer, and what it rests on: together one sentence.

    Where nearly all comparisons have the same answer, that is told with their number. Elsewhere the effect pooled
    over the networks decides where its interval excludes 0, and else how many comparisons help and hurt.

    Args:
        over: comparisons of one sort; one or more.
        targets: data sets that they are of.
    """
    subject, on = _SUBJECTS[over.family], f" ({few(targets)})"
    common = max(ANSWERS, key=lambda item: over.answers[item])
    others = [_counted(subject, item, over.answers[item]) for item in ANSWERS if over.answers[item]]
    if _is_common(common, over):
        answer = _of_nearly_all(subject, common, over)
        del others[[item for item in ANSWERS if over.answers[item]].index(common)]
        begins = f": {subject.it} " if common == UNDECIDED else " and " if len(others) == 1 else ", "
        return answer, f"{begins if others else ''}{_listed(others)}{on}{_mean(over.pooled, common)}."
    others[0] += f" of {comparisons(over.of)}{subject.against}"
    rest = f": {subject.it} {_listed(others)}{on}{_mean(over.pooled)}."
    return f"{subject.words} {_in_general(subject, over)}", rest


def _is_common(answer: Answer, over: Overall) -> bool:
    """Whether it holds for the whole sort: most comparisons without an answer leave nothing else to tell."""
    least = 0.5 if answer == UNDECIDED else _MOSTLY
    return over.answers[answer] >= least * over.of


def _of_nearly_all(subject: _Subject, common: Answer, over: Overall) -> str:
    number = over.answers[common]
    among = f"{number} of {over.of}" if number < over.of else f"all {over.of}"
    whole = {1: "the only comparison", 2: "both comparisons"} if number == over.of else {}
    among = whole.get(number, f"{among} comparisons")
    if common != UNDECIDED:
        return f"{subject.words} {subject.does(common)} in {among}{subject.against}"
    what = subject.words[0].lower() + subject.words[1:]
    return f"Whether {what} {subject.does('helps')} is undecided in {among}{subject.against}"


def _in_general(subject: _Subject, over: Overall) -> str:
    """Words that hold for comparisons with several answers."""
    helps, hurts = over.answers["helps"], over.answers["hurts"]
    if over.pooled and not over.pooled.interval.low <= 0 <= over.pooled.interval.high:
        return f"{subject.does('helps' if over.pooled.mean > 0 else 'hurts')} on average, but not always"
    if min(helps, hurts) >= _EITHER * over.of and 2 * max(helps, hurts) <= over.of:
        return f"{subject.verb('go', 'goes')} either way"
    if over.pooled:
        return f"{subject.verb('make', 'makes')} no clear difference on average"
    if helps == hurts:
        return f"{subject.verb('make', 'makes')} no clear difference"
    more, less = ("helps", "hurts") if helps > hurts else ("hurts", "helps")
    return f"{subject.does(more)} more often than {subject.it} {subject.does(less)}"  # type: ignore[arg-type]


def _counted(subject: _Subject, answer: Answer, number: int) -> str:
    """`hurts in 3`; of what is undecided the comparisons are the subject."""
    if answer == UNDECIDED:
        return f"{number} {'is' if number == 1 else 'are'} undecided"
    return f"{subject.does(answer)} in {number}"


def _mean(pooled: PooledEffect | None, common: Answer | None = None) -> str:
    """Over networks, in points of accuracy, with the interval of the mean."""
    if pooled is None:
        return ""
    low, high = 100 * pooled.interval.low, 100 * pooled.interval.high
    text = f"; {100 * pooled.mean:+z.1f} points on average over {pooled.n} networks"
    varies = common in ("helps", "hurts") and low <= 0 <= high and pooled.between > 0
    more = ": how much depends on the network" if varies else ""
    return f"{text} ({100 * LEVEL:.0f} % interval {low:+z.1f} to {high:+z.1f}{more})"


def _listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, and c`."""
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
