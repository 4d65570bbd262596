"""The selection of architectures as one pure function; `page/recommend.js` gives the same answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reports import formats

ACCURACY, BALANCED = "top1", "balanced_accuracy"


@dataclass(frozen=True)
class Respect:
    """A figure that people want of an architecture, and which way it is better."""

    name: str
    title: str
    unit: str
    """SI unit; of an accuracy `1`, a share."""
    better: Literal["lower", "higher"]
    lacks: str
    """Reason why an architecture without the figure is left out."""
    misses: str
    """Reason why an architecture beyond the limit is left out."""
    share: bool = False
    """Whether the figure is a share of one, which is shown in percent."""
    counted: bool = False
    """Whether the figure is the same on every machine."""

    def told(self, value: float) -> str:
        """A figure for people."""
        return formats.quantity(100 * value, "%") if self.share else formats.quantity(value, self.unit)

    def span(self, low: float, high: float) -> str:
        """An interval for people, behind its figure."""
        return formats.span(100 * low, 100 * high, "%") if self.share else formats.span(low, high, self.unit)

    def badness(self, value: float) -> float:
        """The value, turned so that less is better."""
        return value if self.better == "lower" else -value

    def excess(self, value: float, limit: float) -> float:
        """Factor by which the value is beyond the limit: at most 1 where it keeps it; both are above zero."""
        over, under = (value, limit) if self.better == "lower" else (limit, value)
        return over / under if under else math.inf


def _merit(name: str, title: str, better: Literal["lower", "higher"], share: bool = True) -> Respect:
    said = title if title[1].isupper() else title[0].lower() + title[1:]
    return Respect(name, title, "1", better, f"no {said}", f"{said} beyond the limit", share)


MERITS = (
    Respect(ACCURACY, "Top-1 accuracy", "1", "higher", "no accuracy", "not accurate enough", share=True),
    _merit(BALANCED, "Balanced accuracy", "higher"),
    _merit("macro_f1", "Macro F1", "higher"),
    _merit("average_precision", "Average precision", "higher"),
    _merit("nll", "NLL", "lower", share=False),
    _merit("ece", "Calibration error", "lower"),
)
"""Merits of trainings, each one figure of them, named as a column of the records."""
COSTS = (
    Respect("latency", "Latency", "s", "lower", "no latency", "too slow"),
    Respect("memory", "Peak memory", "B", "lower", "no peak memory", "too much memory"),
    Respect("parameters", "Parameters", "1", "lower", "no parameters", "too many parameters", counted=True),
    Respect("macs", "MACs", "1", "lower", "no MACs", "too many MACs", counted=True),
)
RESPECTS = (MERITS[0], *COSTS)
"""Respects in the order in which answers are sorted: the merit, then the costs."""
BEATEN = "another is at least as good by every criterion, and better by one"


@dataclass(frozen=True)
class Option:
    """One architecture to choose from."""

    name: str
    values: Mapping[str, float]
    """Figures by the name of the respect; those that it lacks are not in it."""
    lacks: Mapping[str, str] = field(default_factory=dict)
    """Reason why it has no figure in a respect, where that is known."""


@dataclass(frozen=True)
class ChoiceAnswer:
    """Options that are to be chosen from, and the reasons against the others."""

    wanted: tuple[str, ...]
    """Names of the respects that counted."""
    chosen: tuple[str, ...]
    """Names of the options that keep every limit and that no other beats, the best first."""
    left_out: Mapping[str, tuple[str, ...]]
    """Names of the other options by the first reason that leaves them out."""
    nearest: str
    """The option that is least beyond its limits, where none is chosen; empty where none has all figures."""


def ranked_by(name: str) -> tuple[Respect, ...]:
    """Respects that are chosen by: the merit of trainings, one of `MERITS`, then the costs."""
    return (next(merit for merit in MERITS if merit.name == name), *COSTS)


def answer(
    options: Sequence[Option], limits: Mapping[str, float], respects: Sequence[Respect] = RESPECTS
) -> ChoiceAnswer:
    """Which options keep all limits and are beaten by no other in all that is wanted.

    Wanted are how good they are (an accuracy) and each respect with a limit; where no limit is on a cost, every
    cost that some option with an accuracy has a figure of. One option beats another that is not better in any
    wanted respect and worse in one (Pareto).

    Args:
        options: candidates to choose from; of several equal ones all are kept, in this order.
        limits: least (accuracy, a share) or greatest (costs, SI units) value by the name of the respect, above
            zero.
        respects: all that there are; the first says how good an option is.
    """
    wanted = _wanted(options, limits, respects)
    left_out: dict[str, list[str]] = {}
    kept: list[Option] = []
    for option in options:
        reason = _reason(option, wanted, limits)
        if reason:
            left_out.setdefault(reason, []).append(option.name)
        else:
            kept.append(option)
    best = front(kept, wanted)
    beaten = [option.name for option in kept if option not in best]
    if beaten:
        left_out[BEATEN] = beaten
    return ChoiceAnswer(
        wanted=tuple(respect.name for respect in wanted),
        chosen=tuple(option.name for option in sorted(best, key=lambda option: _rank(option, wanted))),
        left_out={reason: tuple(names) for reason, names in left_out.items()},
        nearest="" if best else _nearest(options, wanted, limits),
    )


def front(options: Sequence[Option], wanted: Sequence[Respect]) -> list[Option]:
    """The options that no other beats in the wanted respects, of which each has all figures."""
    ranks = [_rank(option, wanted) for option in options]
    return [
        option
        for option, rank in zip(options, ranks, strict=True)
        if not any(_beats(other, rank) for other in ranks)
    ]


def respects_of(names: Iterable[str], respects: Sequence[Respect] = RESPECTS) -> tuple[Respect, ...]:
    """The respects of these names, in the order of all."""
    chosen = set(names)
    return tuple(respect for respect in respects if respect.name in chosen)


def _wanted(
    options: Sequence[Option], limits: Mapping[str, float], respects: Sequence[Respect]
) -> tuple[Respect, ...]:
    merit = respects[0].name
    compared = [option for option in options if merit in option.values] or options
    known = {name for option in compared for name in option.values}
    if any(name != merit for name in limits):
        known &= {merit}
    return respects_of({*known, *limits}, respects)


def _reason(option: Option, wanted: Iterable[Respect], limits: Mapping[str, float]) -> str:
    """Reason against an option: a figure that it lacks before a limit that it misses; empty where neither is."""
    for respect in wanted:
        if respect.name not in option.values:
            known = option.lacks.get(respect.name, "")
            return f"{respect.lacks} ({known})" if known else respect.lacks
    for respect in wanted:
        if respect.name in limits and _misses(respect, option.values[respect.name], limits[respect.name]):
            return respect.misses
    return ""


def _misses(respect: Respect, value: float, limit: float) -> bool:
    return respect.badness(value) > respect.badness(limit)


def _rank(option: Option, wanted: Iterable[Respect]) -> tuple[float, ...]:
    return tuple(respect.badness(option.values[respect.name]) for respect in wanted)


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _nearest(options: Iterable[Option], wanted: Sequence[Respect], limits: Mapping[str, float]) -> str:
    limited = [respect for respect in wanted if respect.name in limits]
    found, least = "", math.inf
    for option in options:
        if limited and all(respect.name in option.values for respect in wanted):
            worst = max(respect.excess(option.values[respect.name], limits[respect.name]) for respect in limited)
            if worst < least:
                found, least = option.name, worst
    return found
