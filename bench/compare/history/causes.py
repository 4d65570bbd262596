"""Differences between two runs that may have moved a figure: the commit, the code of the cell, the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.compare.facts import flat
from bench.store.database import RunRow
from bench.store.rows import Median

_ASKED = ("catalogs", "data", "files", "on_bad_image", "reading")
"""Settings that were asked for and decide a figure, but are not part of the cell's identity."""


@dataclass(frozen=True)
class ChangeCause:
    """Known differences between the run before a change and the run after it."""

    commits: tuple[str, str]
    """Revisions of the repository that was worked in, empty where none is known; `+`: with changes on top."""
    same_code: bool | None
    """Whether the code that decides this very cell is the same; None where that is not known."""
    facts: tuple[str, ...]
    """Changes of packages, Python, flags and settings, as `torch 2.12.0 → 2.13.0`."""


def cause_of(before: RunRow, after: RunRow, figures: tuple[Median, Median]) -> ChangeCause:
    """Differences between two runs and between the code of their figures of one cell."""
    codes = [figure.code for figure in figures]
    git = str(before.host.get("git") or ""), str(after.host.get("git") or "")
    old, new = (_facts(run, figure) for run, figure in zip((before, after), figures, strict=True))
    return ChangeCause(git, codes[0] == codes[1] if all(codes) else None, tuple(_differences(old, new)))


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield f"{name} {old.get(name, 'unknown')} → {new.get(name, 'unknown')}"


def _facts(run: RunRow, figure: Median) -> dict[str, str]:
    """A run's profile and settings, and the host of its figure, under one short name each."""
    made_on = run.hosts.get(figure.host, run.host)
    host = {name: value for name, value in made_on.items() if name not in ("git", "versions", "flags")}
    flags = {name: value for name, value in made_on.get("flags", {}).items() if name != "environment"}
    variables = made_on.get("flags", {}).get("environment", {})
    asked = {name: run.settings[name] for name in _ASKED if name in run.settings}
    groups = ({"profile": run.profile}, made_on.get("versions", {}), host, flags, variables, asked)
    return {name: value for group in groups for name, value in flat(group)}
