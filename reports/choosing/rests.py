"""Comparisons that a choice rests on: other answers to them would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bench.compare.choosing.settling import LimitQuestion, PairQuestion, Question
from reports.candidates.choice import BEATEN, ChoiceAnswer, Option, Respect, answer, respects_of


def questions_of(
    options: Sequence[Option], limits: Mapping[str, float], respects: Sequence[Respect]
) -> tuple[Question, ...]:
    """The pairs and limits that decide which options are chosen, the best first.

    They are those chosen that are neighbours in how good they are: were they equal, the cheaper one would do. Each
    that is beaten, with the best of those that beat it: were it the better one, it would be an answer. And where a
    least value is asked for, each that keeps all other limits, unless it would be beaten at that very value.

    Args:
        options: candidates that were chosen from.
        limits: limits by the name of the respect.
        respects: all; the first says how good an option is.
    """
    found = answer(options, limits, respects)
    if respects[0].name not in found.wanted:
        return ()
    values = {option.name: option for option in options}
    return (
        *(PairQuestion((worse, better)) for better, worse in zip(found.chosen, found.chosen[1:], strict=False)),
        *(PairQuestion((name, _winner(values, name, found, respects))) for name in found.left_out.get(BEATEN, ())),
        *(LimitQuestion((name,), limits[respects[0].name]) for name in _at_limit(options, limits, respects)),
    )


def _winner(options: Mapping[str, Option], name: str, found: ChoiceAnswer, respects: Sequence[Respect]) -> str:
    """The best of the chosen that beat it; those are sorted so."""
    wanted = respects_of(found.wanted, respects)
    own = options[name].values
    return next(
        other
        for other in found.chosen
        if all(item.badness(options[other].values[item.name]) <= item.badness(own[item.name]) for item in wanted)
    )


def _at_limit(
    options: Sequence[Option], limits: Mapping[str, float], respects: Sequence[Respect]
) -> Iterator[str]:
    """Architectures that would be chosen if they were exactly at the least value."""
    merit = respects[0].name
    if merit not in limits:
        return
    for option in options:
        if merit in option.values:
            just = replace(option, values={**option.values, merit: limits[merit]})
            others = [just if other is option else other for other in options]
            if option.name in answer(others, limits, respects).chosen:
                yield option.name
