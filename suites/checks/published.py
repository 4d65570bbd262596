"""Figures that papers publish, from `suites/references.toml`. No check is given the lecture's figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bench.errors import UnknownName
from evobench import Evidence, check
from suites.references import preprint_year, references

_LONG_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{4,}")
_CASES: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "sentence": str.capitalize,
    "title": lambda value: _LONG_WORD.sub(lambda word: word[0][0].upper() + word[0][1:], value),
}


@check(kind="published")
def published_figure(*, paper: str, figure: str) -> Evidence:
    """A figure of a paper, under the name that `references.toml` gives it."""
    figures = work(paper).get("figures", {})
    if figure not in figures:
        raise UnknownName(f"figure of '{paper}'", figure, figures)
    return Evidence(figures[figure], f"{citation(paper)}: {figure}")


@check(kind="published")
def published_each_year(*, paper: str, figure: str) -> Evidence:
    """Whether the years that a work lists follow each other without a gap."""
    years = published_figure(paper=paper, figure=figure).value
    if not isinstance(years, list):
        raise ValueError(f"'{figure}' must be a list of years")
    every = years == list(range(years[0], years[0] + len(years)))
    return Evidence(every, f"{citation(paper)}: {', '.join(map(str, years))}")


@check(kind="published")
def published_lower(*, paper: str, figure: str, other_paper: str, other_figure: str) -> Evidence:
    """Whether the first figure is below the second, where two papers are compared."""
    first = published_figure(paper=paper, figure=figure)
    second = published_figure(paper=other_paper, figure=other_figure)
    if not isinstance(first.value, int | float) or not isinstance(second.value, int | float):
        raise ValueError(f"'{figure}' and '{other_figure}' must be numbers to be compared")
    return Evidence(
        first.value < second.value, f"{first.value} ({first.note}) against {second.value} ({second.note})"
    )


@check(kind="published")
def years_of(*, paper: str) -> Evidence:
    """The years in which a work appeared, each once: that of its preprint, if there is one, and of its venue."""
    years = (_preprint(paper), work(paper)["year"])
    return Evidence([year for year in dict.fromkeys(years) if year], _dates(paper))


@check(kind="published")
def venue_year(*, paper: str) -> Evidence:
    """The year of the journal or conference that published a work."""
    return Evidence(work(paper)["year"], _dates(paper))


@check(kind="published")
def authors_of(*, paper: str, style: str = "short") -> Evidence:
    """A work's authors.

    Args:
        paper: key of the paper.
        style: `short`: surnames, of more than two the first and `et al.`; `apa`: all, with initials.
    """
    authors: list[str] = work(paper)["authors"]
    text = {"short": _short, "apa": _apa}[style](authors)
    return Evidence(text, f"{'; '.join(authors)}: {work(paper)['title']}")


@check(kind="published")
def cited(*, paper: str, field: str, case: str = "") -> Evidence:
    """One field of a work's bibliographic entry: `title`, `venue`, `pages`, ...

    Args:
        paper: key of the paper.
        field: name of the field.
        case: form of titles in a style of citation: `sentence`: all but the first letter in lower case; `title`:
            words of four letters and more with a capital; empty: as the work itself does.
    """
    entry = work(paper)
    if field not in entry:
        raise UnknownName(f"field of '{paper}'", field, entry)
    return Evidence(_CASES[case](entry[field]), citation(paper))


def work(paper: str) -> dict[str, Any]:
    """One cited work.

    Raises:
        UnknownName: there is no such key; the nearest is offered.
    """
    if paper not in references():
        raise UnknownName("reference", paper, references())
    return references()[paper]


def citation(paper: str) -> str:
    """A work as notes cite it: authors, title, venue, year, and the preprint's number if there is one."""
    entry = work(paper)
    authors = _short(entry["authors"])
    arxiv = f", arXiv:{entry['arxiv']}" if "arxiv" in entry else ""
    return f"{authors}, {entry['title']} ({entry['venue']} {entry['year']}{arxiv})"


def _short(authors: list[str]) -> str:
    surnames = [author.partition(",")[0] for author in authors]
    return " and ".join(surnames) if len(surnames) < 3 else f"{surnames[0]} et al."


def _apa(authors: list[str]) -> str:
    names = []
    for author in authors:
        surname, _, given = author.partition(", ")
        names.append(f"{surname}, {' '.join(f'{name[0]}.' for name in given.split())}")
    return ", & ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _preprint(paper: str) -> int | None:
    number = work(paper).get("arxiv")
    return preprint_year(number) if number else None


def _dates(paper: str) -> str:
    entry, preprint = work(paper), _preprint(paper)
    first = f"preprint {preprint} (arXiv:{entry['arxiv']}), " if preprint else ""
    return f"{_short(entry['authors'])}, {entry['title']}: {first}{entry['venue']} {entry['year']}"
