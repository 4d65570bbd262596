"""Claims of the lecture and the checks that test them. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.validity import FILLED, rules

Printed = int | float | str | bool | list[Any]
"""A figure as the lecture prints it: a number, words, a statement (true) or a shape."""


@dataclass(frozen=True)
class Evidence:
    """Result of a check."""

    value: Printed
    """Value found, of the kind and in the unit of the claim's printed value."""
    note: str = ""
    """How the value was found, in one sentence; for published figures their source."""


KindOfCheck = Literal["counted", "measured", "published"]
"""Kinds of checks, by how they come to their result.

`counted`: on layers and shapes alone, or by arithmetic: exact, quick, and the same on every machine.
`measured`: by running values through a network or a transform.
`published`: by looking it up in a paper.
"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A function that finds anew what a claim states, or looks up what a paper publishes."""

    name: str = field(metadata=rules(FILLED))
    function: Callable[..., Evidence]
    """Function of the check; its keyword arguments come from the claim's `with`."""
    kind: KindOfCheck
    about: str
    place: str


@dataclass(frozen=True)
class Attempt:
    """A check with its arguments."""

    check: str
    arguments: dict[str, Any]
    because: str = ""
    """Explanation of the difference that holds if an alternative gives the printed value."""


Relation = Literal["equal", "more than", "at least", "one of", "says"]
"""Relation that must hold between the printed and the found value.

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
    """Origin of words that are not the lecture's: row and column of a table, `by hand`, the part of the text that
    is meant."""
    printed: Printed
    unit: str = ""
    step: float | None = None
    """One unit of the last printed digit; None: the value is exact."""
    relation: Relation = "equal"
    check: Attempt | None = None
    quotes: Attempt | None = None
    """Look-up of what the quoted work itself prints, for a claim that quotes one."""
    given: str = ""
    """Error that a check can still find when it is handed the printed value."""
    alternatives: tuple[Attempt, ...] = ()
    """Further attempts, tried in order where the check does not give the printed value."""
    not_checkable: str = ""
    """Why the claim cannot be checked; empty where it can."""
    lesson: str = ""
    """Lesson whose experiment decides the claim or, where the claim has a check, adds to it."""
    imagenet: dict[str, Any] | None = None
    """Arguments of the check `imagenet_error`, where weights of a library can stand for the paper's."""


@dataclass(frozen=True)
class LeftOutPart:
    """Part of the lecture that is not registered as a claim."""

    slide: str
    words: str
    reason: str
    missing: bool = False
    """Whether the part is a fact that would be compared if its source could be read."""
