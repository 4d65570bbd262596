"""What architectures cost, each figure under one set of conditions, so that they compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from bench.cell import unusual
from reports import formats
from reports.candidates.figures import Figure, Found, key_of
from reports.learning.scenarios import groups, joined
from reports.tidy.frame import Frames, rows_of

Row = Mapping[str, Any]
_COUNTS = ("parameters", "macs")
_MEASURES = {"latency": "latency", "peak_memory": "memory"}
"""Of what an inference costs on a device: measure, and the respect that it stands for."""
_CONDITIONS = ("batch", "precision", "memory_format", "execution", "threads")
_COLUMNS = [
    "architecture",
    "measure",
    "mode",
    "resolution",
    "device",
    *_CONDITIONS,
    "status",
    "value",
    "bound",
    "incomplete",
    "low",
    "high",
    "interval",
    "unit",
    "noisy",
]


def costs(frames: Frames) -> tuple[dict[str, int], list[Found]]:
    """Input size by architecture, and the figures of each cost that the run has one of."""
    cells = frames.records[frames.records["measure"].isin([*_COUNTS, *_MEASURES])]
    cells = cells[(cells["kind"] == "cost") & (cells["mode"] == "infer")]
    rows = rows_of(cells[_COLUMNS])
    sizes = _resolutions(rows, {row["name"]: row["resolution"] for row in rows_of(frames.architectures)})
    # parameters are the same at every size
    rows = [
        row for row in rows if row["measure"] == "parameters" or row["resolution"] == sizes[row["architecture"]]
    ]
    found = [_counts([row for row in rows if row["measure"] == measure], measure) for measure in _COUNTS]
    for measure, respect in _MEASURES.items():
        of_measure = [row for row in rows if row["measure"] == measure]
        found += [_on_device(same, respect) for same in groups(of_measure, ["device"])]
    return sizes, [item for item in found if item.figures]


def _resolutions(rows: Iterable[Row], declared: Mapping[str, int]) -> dict[str, int]:
    """The input size at which most was measured; of several the declared one, then the first."""
    measures: dict[str, dict[int, set[str]]] = {}
    for row in rows:
        of_size = measures.setdefault(row["architecture"], {}).setdefault(int(row["resolution"]), set())
        of_size.update([] if pd.isna(row["value"]) else [row["measure"]])
    return {
        name: min(sizes, key=lambda size: (-len(sizes[size]), size != declared.get(name)))
        for name, sizes in measures.items()
    }


def _counts(rows: Iterable[Row], measure: str) -> Found:
    figures: dict[str, Figure] = {}
    for row in [row for row in rows if not pd.isna(row["value"])]:
        size = f" at {row['resolution']} px" if measure == "macs" else ""
        lacks = f", without {row['incomplete']}" if row["bound"] else ""
        text = formats.quantity(row["value"], "1", row["bound"])
        figure = Figure(float(row["value"]), text, f"counted{size}{lacks}", bound=row["bound"])
        figures.setdefault(row["architecture"], figure)
    return Found(measure, figures)


def _on_device(rows: Sequence[Row], respect: str) -> Found:
    """Figures under the conditions that most architectures have one of."""
    key = key_of(respect, "", rows[0]["device"])
    rows = min(groups(rows, _CONDITIONS), key=_preference)
    figures = {
        row["architecture"]: Figure(float(row["value"]), _text(row), _note(row))
        for row in rows
        if not pd.isna(row["value"])
    }
    lacks = {row["architecture"]: str(row["status"]) for row in rows if row["architecture"] not in figures}
    return Found(key, figures, lacks)


def _preference(rows: Sequence[Row]) -> tuple[float, ...]:
    """Of as many figures the plainest conditions, then the smallest batch."""
    first = rows[0]
    count = len({row["architecture"] for row in rows if not pd.isna(row["value"])})
    return (-count, len(unusual(first)), first["batch"] or float("inf"))


def _text(row: Row) -> str:
    text = formats.quantity(row["value"], row["unit"])
    text += "" if pd.isna(row["noisy"]) else " (noisy)"
    return text if pd.isna(row["low"]) else f"{text} {formats.span(row['low'], row['high'], row['unit'])}"


def _note(row: Row) -> str:
    batch = f"batch {row['batch']}" if row["batch"] else "best batch"
    threads = f"{row['threads']} thread{'s' if row['threads'] != 1 else ''}"
    noisy: str = "" if pd.isna(row["noisy"]) else f"noisy: {row['noisy']}"
    return joined("measured", batch, f"{row['resolution']} px", *unusual(row), threads, row["interval"], noisy)
