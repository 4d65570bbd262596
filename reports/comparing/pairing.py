"""Two runs for one page: their verdicts and what differs between their environments, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from bench.compare.causes.difference import Difference
from bench.compare.facts import flat
from bench.compare.gate.decided import in_turn, profiled
from bench.compare.jobs.kept import accepted_of
from bench.compare.runs import host_difference, side_by_side
from bench.compare.verdict import Comparison
from bench.store.database import RunRow, Store
from bench.store.outcome import UNTRIED
from reports import formats
from reports.tidy.frame import Frames, read

SAME = "same"
DIFFERS = "differs"
TOLERANCE = 0.05
"""Share by which a time or a peak may grow and still be fine, unless another is asked for."""


@dataclass(frozen=True)
class Compared:
    """Two runs with the verdicts on what both have."""

    base: Frames
    head: Frames
    found: tuple[Comparison, ...]
    """The gravest verdict first; empty where the runs have no cell in common."""
    tolerance: float
    forced: bool
    """Whether speeds of different hosts were compared all the same."""
    accepted: Mapping[str, str]
    """Reasons why changes are accepted, by the keys of the cells."""
    differences: Mapping[str, Difference]
    """Profiles of both runs' regressions, by the key of the cell, where a gate took them."""
    hosts: str
    """Difference between the hosts of speeds that both measured; empty where all may be compared."""

    def alone(self) -> tuple[int, int]:
        """Number of cells that the base alone has tried, and that the head alone has."""
        base, head = _tried(self.base), _tried(self.head)
        return len(base - head), len(head - base)


def pair_up(store: Store, base: str, head: str, tolerance: float = TOLERANCE, force: bool = False) -> Compared:
    """Read and compare two runs, each named by an id, a unique beginning of one, or `latest`.

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    left, right = read(store, base), read(store, head)
    both = _tried(left) & _tried(right)
    found = side_by_side(store, left.run, right.run, tolerance, force)
    accepted = accepted_of(store, right.run) if in_turn(left.run, right.run) else {}
    # of what was dropped neither has tried anything
    told = tuple(item for item in found if item.key in both or item.verdict == "dropped")
    profiles, hosts = profiled(store, left.run, right.run), host_difference(store, left.run, right.run)
    return Compared(left, right, told, tolerance, force, accepted, profiles, hosts)


def _tried(frames: Frames) -> set[str]:
    """Keys of the cells that a run came to: of the others it has nothing to compare."""
    return set(frames.records.loc[~frames.records["status"].isin(UNTRIED), "key"])


def verdicts(compared: Compared) -> pd.DataFrame:
    """One row per cell that both runs have, in words."""
    rows = [
        {
            "Verdict": item.verdict,
            "Cell": item.cell,
            "First run": figure(item, item.base),
            "Second run": figure(item, item.head),
            "Ratio": None if item.ratio is None else round(item.ratio, 3),
            "Interval": interval(item),
            "Note": said(compared, item),
        }
        for item in compared.found
    ]
    return pd.DataFrame(
        rows,
        columns=["Verdict", "Cell", "First run", "Second run", "Ratio", "Interval", "Note"],
    )


def said(compared: Compared, item: Comparison) -> str:
    """The note on a cell, behind why its change is accepted where it is."""
    reason = compared.accepted.get(item.key)
    return "; ".join(part for part in (f"accepted: {reason}" if reason else "", item.note) if part)


def causes(compared: Compared) -> pd.DataFrame:
    """One row per cause of a regression, in words."""
    rows = [
        {
            "Cell": item.cell,
            "Share": f"{100 * cause.share:.0f} %",
            "Kind": cause.kind,
            "What": cause.name,
            "First run": "none" if cause.base is None else formats.quantity(cause.base, cause.unit),
            "Second run": "none" if cause.head is None else formats.quantity(cause.head, cause.unit),
        }
        for item in compared.found
        for cause in item.causes
    ]
    return pd.DataFrame(rows, columns=["Cell", "Share", "Kind", "What", "First run", "Second run"])


def figure(item: Comparison, value: float | None) -> str:
    """A figure of a comparison with its unit, shares as percent."""
    if value is None:
        return formats.NOTHING
    return formats.quantity(100 * value, "%") if item.share else formats.quantity(value, item.unit)


def interval(item: Comparison) -> str:
    """Interval of the ratio, or of the points gained for a share; empty where there is none."""
    if item.low is None or item.high is None:
        return ""
    if item.share:
        return f"[{100 * item.low:+z.1f}, {100 * item.high:+z.1f}] points"
    return f"[{item.low:.3f}, {item.high:.3f}]"


def environments(compared: Compared) -> pd.DataFrame:
    """Hosts, versions and settings of both runs side by side; those that differ come first."""
    base, head = facts_of(compared.base.run), facts_of(compared.head.run)
    rows = [
        {
            "Name": name,
            "First run": base.get(name, ""),
            "Second run": head.get(name, ""),
            "Differs": SAME if base.get(name) == head.get(name) else DIFFERS,
        }
        for name in dict.fromkeys([*base, *head])
    ]
    frame = pd.DataFrame(rows, columns=["Name", "First run", "Second run", "Differs"], dtype="object")
    return frame.sort_values("Differs", kind="stable", ignore_index=True)


def facts_of(run: RunRow) -> dict[str, str]:
    """A run's host, versions and settings under one name each."""
    whole = {"profile": run.profile, "command": run.command, "host key": run.host_key, **run.host}
    whole |= {
        f"further host {i}": {"key": key, **host} for i, (key, host) in enumerate(run.further_hosts.items(), 1)
    }
    return dict([*flat(whole), *((f"asked: {name}", value) for name, value in flat(run.settings))])
