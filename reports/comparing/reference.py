"""A run beside a reference run, in lines for a terminal and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median

import pandas as pd

from bench.compare.reference import Beside, Described
from bench.declare.nature import Nature
from bench.store.database import RunRow
from bench.words import cells as number_of
from bench.words import few, moment
from reports import formats
from reports.hosts import short_names

_SHOWN = 20
"""Counts that differ of which lines tell one by one."""


def table(described: Described) -> pd.DataFrame:
    """One row a cell: both figures in SI units, what was found, and the factor with its interval of 95 %."""
    rows = [
        {
            "cell": str(item.cell),
            "architecture": item.cell.architecture,
            "measure": item.cell.measure,
            "unit": item.unit,
            "reference": item.base,
            "run": item.head,
            "found": item.found,
            "factor": item.factor,
            "factor_low": None if item.nature.is_share else item.low,
            "factor_high": None if item.nature.is_share else item.high,
            "note": item.note,
        }
        for item in described.cells
    ]
    return pd.DataFrame(rows)


def lines(described: Described, everything: bool) -> Iterator[str]:
    """What was found, in sentences; then a line a network, and a line a cell where each is asked for.

    Args:
        described: the described run.
        everything: whether each cell has its line.
    """
    yield f"reference: {_named(described.base)}"
    yield f"this run:  {_named(described.head)}"
    if described.is_one_host:
        yield "Both were measured on one machine with equal software; speeds are told as ratios and not judged."
    else:
        yield f"The hosts differ ({described.hosts}): speeds are told as ratios and not judged."
    yield from (f"The runs were measured in different ways: {text}." for text in described.code)
    yield from _counts(described)
    yield from _accuracies(described)
    yield from _factors("Speeds: this machine takes", "as long", described.speeds)
    yield from _factors("Peak memory: this machine needs", "as much", described.sizes)
    yield from _networks(described)
    if described.missing:
        told = ", ".join(f"{number} {status}" for status, number in described.missing.items())
        yield f"Figures of the reference run that this run lacks: {told}."
    if described.alone:
        yield f"Not in the reference run: {number_of(described.alone)} of this run."
    if everything:
        yield from map(_line, described.cells)


def _named(run: RunRow) -> str:
    git = str(run.host.get("git") or "")
    commit = f"commit {git}" if git else "no commit known"
    machine = short_names({run.host_key: run.host})[run.host_key]
    return f"{run.id}, {moment(run.started)}, {commit}, {machine}, {run.host.get('cores', 'unknown')} cores"


def _counts(described: Described) -> Iterator[str]:
    differing = described.of("differs")
    equal = sum(not item.nature.is_share for item in described.of("equal"))
    if not differing and equal:
        yield f"Counts: all {equal} are equal."
    if differing:
        yield f"Counts: {len(differing)} of {equal + len(differing)} differ."
        yield from map(_line, differing[:_SHOWN])
    if len(differing) > _SHOWN:
        yield f"  and {len(differing) - _SHOWN} more (--all shows each)"


def _accuracies(described: Described) -> Iterator[str]:
    shares = [item for item in described.cells if item.nature is Nature.SHARE]
    count = Counter(item.found for item in shares)
    outside = [str(item.cell) for item in shares if item.found == "outside"]
    if not shares:
        return
    other = count["described"]
    yield (
        f"Accuracies of {len(shares)} trainings with the same seeds: {count['equal']} equal, {count['within']}"
        f" within the reference's 95 % interval, {count['outside']} outside"
        + (f" ({few(outside)})" if outside else "")
        + (f", {other} on other test images" if other else "")
        + "."
    )


def _factors(begin: str, end: str, by_network: Mapping[str, float]) -> Iterator[str]:
    if not by_network:
        return
    low, high = (pick(by_network, key=by_network.__getitem__) for pick in (min, max))
    middle = f"{begin} {median(by_network.values()):.2f} times {end}"
    if len(by_network) == 1:
        yield f"{middle} ({low})."
        return
    yield (
        f"{middle} in the median of {len(by_network)} networks, {by_network[low]:.2f} ({low}) to"
        f" {by_network[high]:.2f} ({high})."
    )


def _networks(described: Described) -> Iterator[str]:
    """A line a network: how many times as long it takes, and as much memory it needs; the largest first."""
    speeds, sizes = described.speeds, described.sizes
    names = sorted(speeds.keys() | sizes.keys(), key=lambda name: -speeds.get(name, 0.0))
    width = max(map(len, names), default=0)
    if names:
        yield f"  {'network':<{width}}  time    memory"
    for name in names:
        told = [f"{found[name]:.2f} x" if name in found else "" for found in (speeds, sizes)]
        yield f"  {name:<{width}}  {told[0]:<6}  {told[1]}".rstrip()


def _line(item: Beside) -> str:
    before, after = (_figure(item, value) for value in (item.base, item.head))
    factor = "" if item.factor is None or item.found in ("equal", "differs") else f"{item.factor:.3f} times"
    if factor and item.low is not None and item.high is not None:
        factor += f" [{item.low:.3f}, {item.high:.3f}]"
    found = "" if item.found == "described" else item.found
    told = ", ".join(part for part in (f"{before} → {after}", factor, found, item.note) if part)
    return " ".join(f"  {item.cell}: {told}".split("\n"))


def _figure(item: Beside, value: float) -> str:
    if item.found in ("equal", "differs") and not item.nature.is_share:
        return f"{value:,.0f}"
    return formats.quantity(100 * value, "%") if item.nature.is_share else formats.quantity(value, item.unit)
