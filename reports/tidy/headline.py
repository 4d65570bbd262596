"""Of several conditions of cost the ones that a table or chart shows, so that none mixes them."""

from __future__ import annotations

from bench.cell import BEST, PLAIN
from reports.learning.scenarios import groups
from reports.tidy.columns import COUNTED
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

_CONDITIONS = (*PLAIN, "threads", "searched")
_COLUMNS = ["key", "architecture", "measure", "mode", "batch", *PLAIN, "threads"]


@once
def headline(frames: Frames) -> frozenset[str]:
    """Keys of the cells of cost under the conditions that most architectures have, by measure and mode.

    Of as many, it is the conditions that are planned first: on a GPU those that people use it under. The best
    batch is a condition of its own; counts depend on none.
    """
    cells = frames.records[frames.records["kind"] == "cost"][_COLUMNS]
    rows = [row | {"searched": row["batch"] == BEST} for row in rows_of(cells)]
    found = {row["key"] for row in rows if row["measure"] in COUNTED}
    for alike in groups(rows, ["measure", "mode"]):
        shown = max(groups(alike, _CONDITIONS), key=lambda same: len({row["architecture"] for row in same}))
        found |= {row["key"] for row in shown}
    return frozenset(found)
