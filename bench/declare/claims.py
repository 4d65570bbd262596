"""What a claim of the lecture and the check of one are. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.validity import FILLED, rules

Printed = int | float | str | bool | list[Any]
"""A figure as the lecture prints it: a number, words, a statement (true) or a shape."""


@dataclass(frozen=True)
class Evidence:
    """What a check found."""

    value: Printed
    """Of the kind that the claim prints, in its unit."""
    note: str = ""
    """How it was found, in one sentence; for published figures their source."""


KindOfCheck = Literal["counted", "measured", "published"]
"""How a check finds what it finds.

`counted`: on layers and shapes alone, or by arithmetic: exact, quick, and the same on every machine.
`measured`: by running values through a network or a transform.
`published`: by looking it up in a paper.
"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A function that finds afresh what a claim states, or looks up what a paper publishes."""

    name: str = field(metadata=rules(FILLED))
    function: Callable[..., Evidence]
    """Keyword arguments come from the claim's `with`."""
    kind: KindOfCheck
    about: str
    place: str


@dataclass(frozen=True)
class Attempt:
    """A check with its arguments."""

    check: str
    arguments: dict[str, Any]
    because: str = ""
    """Of an alternative: what would explain the difference, if it gives the printed value."""


Relation = Literal["equal", "more than", "at least", "one of", "says"]
"""How what is printed must stand to what is found.

`equal`: numbers to half a unit of the last printed digit, all else to the letter.
`more than`, `at least`: a number that the found one exceeds, or does not fall below.
`one of`: what is found is a list, which holds what is printed.
`says`: what is found are the words of a source, in which each of the printed words stands, whatever its case.
"""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A figure or a checkable statement of the lecture. It holds no expected verdict."""

    id: str
    slide: str
    words: str
    """The lecture's own words."""
    where: str = ""
    """What is not the lecture's: row and column of a table's cell, `by hand`, what of the words is meant."""
    printed: Printed
    unit: str = ""
    step: float | None = None
    """One unit of the last digit that is printed; None: the value is exact."""
    relation: Relation = "equal"
    check: Attempt | None = None
    quotes: Attempt | None = None
    """Of a claim that quotes a work: the look-up of what the work itself prints."""
    given: str = ""
    """Where the check is handed what is printed: what it can still find wrong."""
    alternatives: tuple[Attempt, ...] = ()
    """Tried in order where the check does not give the printed value."""
    not_checkable: str = ""
    """Why it cannot be checked, where it cannot."""
    lesson: str = ""
    """The lesson whose experiment decides it or, where it has a check, speaks of it beside the check."""
    imagenet: dict[str, Any] | None = None
    """Where weights of the library can stand for the paper's: arguments of the check `imagenet_error`."""


@dataclass(frozen=True)
class LeftOut:
    """What of the lecture is not registered as a claim."""

    slide: str
    words: str
    reason: str
    missing: bool = False
    """Whether it is a fact that would be compared, had it been possible to read it at its source."""
