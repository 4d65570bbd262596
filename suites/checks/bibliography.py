"""Lists of authors and series of figures that papers publish."""

from __future__ import annotations

from itertools import pairwise

from evobench import Evidence, check
from suites.checks.published import citation, published_figure, work


@check(kind="published")
def all_authors_of(*, paper: str) -> Evidence:
    """The surnames of all authors of a work, in its order."""
    return Evidence([author.partition(",")[0] for author in work(paper)["authors"]], citation(paper))


@check(kind="published")
def page_count(*, paper: str) -> Evidence:
    """Number of pages that a work takes in its venue."""
    first, last = (int(page) for page in work(paper)["pages"].split("-"))
    return Evidence(last - first + 1, f"pages {first} to {last}: {citation(paper)}")


@check(kind="published")
def published_falls(*, paper: str, figures: list[str]) -> Evidence:
    """Whether each of a paper's figures is below the one before it.

    Raises:
        ValueError: a figure is not a number.
    """
    found = [published_figure(paper=paper, figure=name).value for name in figures]
    numbers = [value for value in found if isinstance(value, int | float)]
    if len(numbers) != len(found):
        raise ValueError(f"not all of {', '.join(figures)} are numbers")
    falls = all(first > second for first, second in pairwise(numbers))
    return Evidence(falls, f"{citation(paper)}: {', '.join(map(str, numbers))} for {', '.join(figures)}")
