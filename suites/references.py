"""The works of `references.toml`: claims are compared with them, and architectures were published in them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bench.errors import UnknownName
from evobench import architecture

F = TypeVar("F", bound=Callable[..., Any])
REFERENCES = Path(__file__).with_name("references.toml")


@cache
def references() -> dict[str, dict[str, Any]]:
    """All works by key."""
    return tomllib.loads(REFERENCES.read_text(encoding="utf-8"))


def preprint_year(number: str) -> int:
    """The year of a preprint by its arXiv number, which begins with year and month since 2007."""
    return 2000 + int(number[:2])


class Declare(Protocol):
    """`architecture` with some of its arguments given."""

    def __call__(self, **rest: Any) -> Callable[[F], F]:
        """Declare a model builder with the rest of them."""
        ...


def of_work(key: str) -> Declare:
    """`architecture` for networks of one work: with its paper, the year it first appeared in and its venue's.

    Raises:
        UnknownName: there is no such key; the nearest is offered.
    """
    if key not in references():
        raise UnknownName("reference", key, references())
    work = references()[key]
    if "arxiv" in work:
        return of_preprint(work["arxiv"], work["year"])
    paper = f"{work['authors'][0].partition(',')[0]} et al., {work['venue']} {work['year']}"
    return partial(architecture, paper=paper, year=work["year"], venue_year=work["year"])


def of_preprint(number: str, venue_year: int | None) -> Declare:
    """The same for a work that claims are not compared with.

    Args:
        number: number on arXiv, such as `1512.03385`.
        venue_year: year in which a journal or conference published the work; None: none did.
    """
    return partial(architecture, paper=f"arXiv:{number}", year=preprint_year(number), venue_year=venue_year)
