"""What ten more minutes would settle, in words and as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from bench.compare.choosing.settling import TIME, LimitQuestion, Standing
from reports.candidates.choice import ACCURACY, Respect
from reports.choosing.further import Further
from reports.choosing.telling import in_sentence

_MOST = 4
"""Lines of a sort."""
_MINUTES = f"{'ten' if TIME == 600 else round(TIME / 60)} more minutes of measuring"


def lines(found: Further, merit: Respect) -> Iterator[str]:
    """Lines on open comparisons and on what would settle them; those told apart are not repeated."""
    soon = found.more.standings
    late = [item for item in found.standings if item.state == "open" and item not in soon]
    if soon:
        yield f"{_MINUTES} would probably settle:"
        yield from _some(soon, merit)
    else:
        yield f"{_MINUTES} would settle nothing: {_why(found, late, merit)}"
    if late:
        yield "not within that time:" if soon else "still open:"
        yield from _some(late, merit)
    equal = [item for item in found.standings if item.state == "no difference"]
    yield from (_said(item, merit) for item in equal[:_MOST])


def _some(items: Sequence[Standing], merit: Respect) -> Iterator[str]:
    yield from (f"- {_told(item, merit)}" for item in items[:_MOST])
    if len(items) > _MOST:
        yield f"- and {len(items) - _MOST} more"


def _why(found: Further, late: Sequence[Standing], merit: Respect) -> str:
    if late:
        return "what is open would take longer, or no further seed would settle it"
    if not found.standings:
        return f"this choice rests on no comparison of {_name(merit)}"
    far = sum(item.state == "far apart" for item in found.standings)
    images = f"; {far} of {len(found.standings)} by the test images alone, with too few seeds" if far else ""
    return f"every {_name(merit)} that this choice rests on is told apart or within the margin{images}"


def _told(item: Standing, merit: Respect) -> str:
    """Line about an open comparison."""
    return f"{_said(item, merit)}; {_remedy(item)}"


def _said(item: Standing, merit: Respect) -> str:
    """Name of the comparison, and its known difference."""
    if isinstance(item.question, LimitQuestion):
        what = f"whether {item.question.names[0]} keeps {merit.told(item.question.least)}"
    else:
        worse, better = item.question.names
        what = f"{better} or {worse} in {_name(merit)}"
    state = "not told apart" if item.state == "open" else "no difference beyond the margin"
    return f"{what}: {state} after {_after(item)}{_difference(item, merit)}"


def _after(item: Standing) -> str:
    return _seeds(item.there) + (f" of {item.folds} folds" if item.folds > 1 else "")


def _difference(item: Standing, merit: Respect) -> str:
    """Text of the difference of the better one from the worse, or from its limit; shares are in percentage
    points."""
    if item.found is None:
        return ""
    unit = " points" if merit.share else ""
    times = 100 if merit.share else 1
    digits = 1 if merit.share else 3
    span = item.found.interval
    if span and merit.share and not -1 <= span.low <= span.high <= 1:  # wider than accuracies can differ
        return f" ({times * item.found.mean:+.{digits}f}{unit}, too few seeds for an interval)"
    between = f" [{times * span.low:.{digits}f}, {times * span.high:.{digits}f}]" if span else ""
    return f" ({times * item.found.mean:+.{digits}f}{unit}{between})"


def _remedy(item: Standing) -> str:
    if item.seeds is None:
        return "no number of further seeds would tell, but more images would"
    folds = f" of all {item.folds} folds" if item.folds > 1 else ""
    what = f"{_seeds(item.further, 'further ')}{folds}, {roughly(item.seconds)},"
    return f"{what} would be a first look" if item.is_first_look else f"about {what} would"


def _seeds(number: int, what: str = "") -> str:
    return f"1 {what}seed" if number == 1 else f"{number} {what}seeds"


def _name(merit: Respect) -> str:
    return "accuracy" if merit.name == ACCURACY else in_sentence(merit)


def in_lines(command: Sequence[str], width: int) -> Iterator[str]:
    """A command line of several lines that a shell takes as one; an option stays beside its values."""
    line = ""
    for word in command:
        if line and len(line) + len(word) + 3 > width:
            yield f"{line} \\"
            line = f"    {word}"
        else:
            line = f"{line} {word}" if line else f"  {word}"
    if line:
        yield line


def roughly(seconds: float | None) -> str:
    """Wall time as somebody says it who does not know it better: `under a minute`, `6 minutes`, `3 hours`."""
    if seconds is None:
        return "of unknown length"
    if seconds < 60:
        return "under a minute"
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{math.ceil(seconds / 3600)} hours"


def as_data(found: Further, chosen: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Open comparisons of each of the chosen, JSON-plain: differences as of what is compared, times in seconds.

    The first of them also has the open comparisons that belong only to architectures that are left out.
    """
    told: list[list[dict[str, Any]]] = [[] for _ in chosen]
    for item in found.standings:
        if item.state == "open" and chosen:
            places = [chosen.index(name) for name in item.question.names if name in chosen] or [0]
            for place in places:
                told[place].append(_data(item, found))
    return told


def _data(item: Standing, found: Further) -> dict[str, Any]:
    span = item.found.interval if item.found else None
    soon = item in found.more.standings
    return {
        "architectures": list(item.question.names),
        "limit": item.question.least if isinstance(item.question, LimitQuestion) else None,
        "difference": item.found.mean if item.found else None,
        "low": span.low if span else None,
        "high": span.high if span else None,
        "pairs": item.found.pairs if item.found else 0,
        "further_seeds": item.further if item.seeds else None,
        "seconds": item.seconds,
        "in_ten_minutes": soon,
        "command": " ".join(found.command) if soon else None,
    }
