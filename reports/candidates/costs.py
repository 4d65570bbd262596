"""Costs of architectures, each figure under one set of conditions, so that they compare."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.cell import unusual
from bench.store.outcome import LEFT_OUT
from reports import formats
from reports.candidates.figures import CandidateFigure, RespectFigures, key_of
from reports.figures import at_inference, left_out
from reports.hosts import host_of
from reports.learning.scenarios import groups, joined
from reports.tidy.frame import Frames, rows_of

Row = Mapping[str, Any]
_COUNTS = ("parameters", "macs")
_MEASURES = {"latency": "latency", "peak_memory": "memory"}
"""Measures of what an inference costs on a device, each with the respect that it stands for."""
_CONDITIONS = ("batch", "precision", "memory_format", "execution", "autotune", "threads")
_TELLING = 10.0
"""Times its lower bound up to which the upper bound of an interval tells something of a time."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
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
    "without_auxiliary",
    "low",
    "high",
    "interval",
    "unit",
    "noisy",
]


def cost_cells(frames: Frames) -> Sequence[Row]:
    """The cells of what an inference costs, those without a figure, too."""
    cells = frames.records[frames.records["measure"].isin([*_COUNTS, *_MEASURES])]
    return rows_of(cells[(cells["kind"] == "cost") & (cells["mode"] == "infer")][_COLUMNS])


def devices_of(cells: Iterable[Row]) -> tuple[str, ...]:
    """The devices that something was measured on."""
    measured = (row for row in cells if row["measure"] in _MEASURES and not pd.isna(row["value"]))
    return tuple(dict.fromkeys(row["device"] for row in measured))


def usual_sizes(cells: Iterable[Row], declared: Mapping[str, int]) -> dict[str, int]:
    """Input size to show for each architecture where no accuracy says which.

    It is a size that was timed, else one whose memory was measured, else one that was counted; of several the
    declared one, then the first.
    """
    measures: dict[str, dict[int, set[str]]] = {}
    for row in cells:
        of_size = measures.setdefault(row["architecture"], {}).setdefault(int(row["resolution"]), set())
        of_size.update([] if pd.isna(row["value"]) else [row["measure"]])

    def rank(name: str, size: int) -> tuple[bool, ...]:
        return (*(it not in measures[name][size] for it in (*_MEASURES, "macs")), size != declared.get(name))

    return {name: min(sizes, key=lambda size: rank(name, size)) for name, sizes in measures.items()}


def costs(cells: Sequence[Row], sizes: Mapping[str, int]) -> list[RespectFigures]:
    """The figures of each cost at these sizes by architecture; parameters are the same at every size."""
    found = [_counts([row for row in cells if row["measure"] == measure], measure, sizes) for measure in _COUNTS]
    for measure, respect in _MEASURES.items():
        of_measure = [row for row in cells if row["measure"] == measure]
        for same in groups(of_measure, ["device"]):
            item = _on_device(same, respect, sizes)
            found.append(replace(item, lacks={**_of_other_hosts(of_measure, item), **item.lacks}))
    return found


def _of_other_hosts(rows: Iterable[Row], item: RespectFigures) -> dict[str, str]:
    """Text that names the other host that measured an architecture, by architecture."""
    told = ((row["architecture"], host_of(row["device"])) for row in rows if not pd.isna(row["value"]))
    return {name: f"only of {host}" for name, host in told if host and name not in item.figures}


def elsewhere(rows: Iterable[Row], size: int) -> str:
    """The other sizes at which these cells have a figure, as text; empty where they have none."""
    others = sorted({int(row["resolution"]) for row in rows if not pd.isna(row["value"])} - {size})
    return f"only at {' and '.join(map(str, others))} px, not at {size} px" if others else ""


def _counts(rows: Sequence[Row], measure: str, sizes: Mapping[str, int]) -> RespectFigures:
    near = [row for row in rows if measure == "parameters" or row["resolution"] == sizes[row["architecture"]]]
    figures: dict[str, CandidateFigure] = {}
    for row in [row for row in near if not pd.isna(row["value"])]:
        size = int(row["resolution"]) if measure == "macs" else None
        note = f"counted at {size} px" if size else "counted"
        note += left_out(row)
        value = at_inference(row)
        text = formats.quantity(value, "1", row["bound"])
        figure = CandidateFigure(value, text, note, bound=row["bound"], resolution=size)
        figures.setdefault(row["architecture"], figure)
    return RespectFigures(measure, figures, _lacks(rows, near, figures, sizes))


def _on_device(rows: Sequence[Row], respect: str, sizes: Mapping[str, int]) -> RespectFigures:
    """Figures under the conditions that most architectures have one of."""
    key = key_of(respect, rows[0]["device"])
    near = [row for row in rows if row["resolution"] == sizes[row["architecture"]]]
    alike: Sequence[Row] = min(groups(near, _CONDITIONS), key=_preference, default=())
    figures = {
        row["architecture"]: CandidateFigure(
            float(row["value"]),
            _text(row),
            _note(row),
            resolution=int(row["resolution"]),
            low=None if pd.isna(row["low"]) else float(row["low"]),
            high=None if pd.isna(row["high"]) else float(row["high"]),
            status=_status(row),
        )
        for row in alike
        if not pd.isna(row["value"])
    }
    return RespectFigures(key, figures, _lacks(rows, alike, figures, sizes))


def _lacks(
    rows: Iterable[Row], alike: Iterable[Row], figures: Mapping[str, CandidateFigure], sizes: Mapping[str, int]
) -> dict[str, str]:
    """Reason why an architecture has no figure: the status of its cell, or the other conditions of its
    measurement."""
    tried = {row["architecture"]: str(row["status"]) for row in alike}
    found = {}
    for own in groups(rows, ["architecture"]):
        name = own[0]["architecture"]
        if name not in figures:
            here = (row for row in own if row["resolution"] == sizes[name] and not pd.isna(row["value"]))
            others = [f"only with {_conditions(row)}" for row in here][:1]
            status = "no time was left" if tried.get(name) == LEFT_OUT else tried.get(name)
            found[name] = status or next(iter(others), elsewhere(own, sizes[name]) or own[0]["status"])
    return found


def _preference(rows: Sequence[Row]) -> tuple[float, ...]:
    """Sort key by which the plainest conditions come first among those with as many figures: on a GPU those
    planned first, then the smallest batch."""
    first = rows[0]
    plainness = 0 if first["device"].startswith("cuda") else len(unusual(first))
    count = len({row["architecture"] for row in rows if not pd.isna(row["value"])})
    return (-count, plainness, first["batch"] or float("inf"))


def _text(row: Row) -> str:
    text = formats.quantity(row["value"], row["unit"], status=_status(row))
    return f"{text} {formats.span(row['low'], row['high'], row['unit'])}" if _is_told(row) else text


def _is_told(row: Row) -> bool:
    """Whether its interval is informative: a few processes that differ much have an interval of any width."""
    return _width(row) <= _TELLING


def _width(row: Row) -> float:
    """Times its lower bound that the upper bound of an interval is; NaN where there is none."""
    low, high = (math.nan if row[name] is None else float(row[name]) for name in ("low", "high"))
    return high / low if low > 0 else math.nan


def _status(row: Row) -> str:
    return "" if pd.isna(row["noisy"]) else formats.NOISY


def _note(row: Row) -> str:
    noisy: str = "" if pd.isna(row["noisy"]) else f"noisy: {once(row['noisy'])}"
    vague = "no interval: its processes differ too much" if _width(row) > _TELLING else ""
    interval: str = row["interval"] if _is_told(row) else vague
    return joined("measured", f"{row['resolution']} px", _conditions(row), interval, noisy)


def once(reasons: str) -> str:
    """Reasons of several processes, each once: alike ones with their numbers as a range, `waited 60 to 79 %`."""
    alike: dict[str, list[list[str]]] = {}
    for reason in reasons.split("; "):
        alike.setdefault(_NUMBER.sub("{}", reason.replace("{", "(").replace("}", ")")), []).append(
            _NUMBER.findall(reason)
        )
    return "; ".join(form.format(*map(_range, zip(*numbers, strict=True))) for form, numbers in alike.items())


def _range(numbers: Iterable[str]) -> str:
    least, *_, most = sorted([*numbers] * 2, key=float)
    return least if least == most else f"{least} to {most}"


def _conditions(row: Row) -> str:
    batch = f"batch {row['batch']}" if row["batch"] else "best batch"
    return joined(batch, *unusual(row), f"{row['threads']} thread{'s' if row['threads'] != 1 else ''}")
