"""Choice of the input sizes and conditions to show, so that no table or chart mixes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from bench.cell import BEST, PLAIN
from reports.hosts import host_of
from reports.tidy.columns import COUNTED
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

_CONDITIONS = (*PLAIN, "threads")


@once
def cost_rows(frames: Frames) -> list[dict[str, Any]]:
    """The cells of cost as plain dictionaries, in the order of the plan."""
    return rows_of(frames.records[frames.records["kind"] == "cost"])


@once
def headline(frames: Frames) -> frozenset[str]:
    """Keys of the cells of cost under the conditions that most architectures have, by measure and mode.

    Of as many, it is the conditions that are planned first: on a GPU those that people use it under. The best
    batch is a condition of its own; counts depend on none.
    """
    rows = cost_rows(frames)
    found = {row["key"] for row in rows if row["measure"] in COUNTED}
    alike: dict[tuple[Any, ...], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}
    for row in rows:
        conditions = (row["batch"] == BEST, *(row[name] for name in _CONDITIONS))
        alike.setdefault((row["measure"], row["mode"]), {}).setdefault(conditions, []).append(row)
    for groups in alike.values():
        shown = max(groups.values(), key=lambda same: len({row["architecture"] for row in same}))
        found |= {row["key"] for row in shown}
    return frozenset(found)


def on_other_hosts(frames: Frames, measures: Collection[str]) -> dict[str, str]:
    """Architectures whose figures of these measures are of another host than the `headline`'s, and of which."""
    if len(frames.hosts) < 2:
        return {}
    cells = frames.records[frames.records["measure"].isin(measures) & frames.records["value"].notna()]
    hosts = cells["device"].map(host_of)
    shown = cells["key"].isin(headline(frames)) & (hosts != "")
    others = ~cells["architecture"].isin(cells.loc[shown, "architecture"]) & (hosts != "")
    return dict(zip(cells.loc[others, "architecture"], hosts[others], strict=True))


def at_own_size(frames: Frames, cells: pd.DataFrame) -> pd.DataFrame:
    """One cell per architecture, in the order of the plan: the first of its declared input size, else its first.

    Only cells under the conditions of the `headline` are looked at.
    """
    cells = cells[cells["key"].isin(headline(frames))]
    own = dict(zip(frames.architectures["name"], frames.architectures["resolution"], strict=True))
    others = cells["resolution"] != cells["architecture"].map(own)
    return cells.loc[others.sort_values(kind="stable").index].drop_duplicates("architecture").sort_index()
