"""Tables of what architectures cost under each condition: speed, memory, and how far the figures vary."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.cell import unusual
from bench.declare.nature import Nature
from reports.tables import Column, status_of, table
from reports.tidy.frame import Frames
from reports.tidy.once import once
from reports.tidy.sizes import cost_rows

_SHARED = ("architecture", "mode", "resolution", "batch", "precision", "memory_format", "execution", "autotune")
"""Conditions that measured and predicted memory have in common."""
TIMINGS = ("latency", "throughput", "train_step")
_PEAKS = ("peak_memory", "predicted_memory")


@table(
    title="Speed",
    section="cost",
    measures=TIMINGS,
    about=(
        "One row per architecture and kind of pass: the median time, with its 95 % interval where there are "
        "several processes. The first call is not a sample."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Figure", tells=True),
        Column("Conditions", tells=True),
        Column("Median", "s", low="Low", high="High", status="Status", answers=True),
        Column("p5", "s", marked_by="Status", brief=False),
        Column("p95", "s", marked_by="Status", brief=False),
        Column("p99", "s", marked_by="Status", brief=False),
        Column("Images a second", "1/s", marked_by="Status"),
        Column("On the device", "s", marked_by="Status", brief=False),
        Column("Launching", "%", marked_by="Status", brief=False),
        Column("Bound by", brief=False),
        Column("Queued", "1/s", marked_by="Status", brief=False),
        Column("First call", "s", marked_by="Status", brief=False),
        Column("Samples", brief=False),
        Column("Processes", short="n"),
        Column("Noisy", brief=False),
        Column("GPUs in use beside", brief=False, optional=True),
    ),
)
def speed(frames: Frames) -> pd.DataFrame:
    """One row per timing, in the order of the plan."""
    return pd.DataFrame([_speed(cell) for cell in _cells(frames, TIMINGS)])


def _time(batch: float, rate: float) -> float:
    """Seconds of a batch at a rate, which a damaged record may say to be 0."""
    return batch / rate if rate else math.inf


def _speed(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A throughput is shown as the time that it is derived from, beside its images a second."""
    batch = cell["best_batch"] if not cell["batch"] and not pd.isna(cell["best_batch"]) else cell["batch"]
    rate = cell["nature"] == Nature.RATE
    seconds = {
        name: (_time(batch, cell[source]) if rate else cell[source]) if not pd.isna(cell[source]) else None
        for name, source in _bounds(rate)
    }
    return {
        "Architecture": cell["architecture"],
        "Figure": "best batch" if rate and not cell["batch"] else cell["measure"].replace("_", " "),
        "Conditions": _conditions({**cell, "batch": batch}),
        **seconds,
        "Status": status_of([cell]),
        "p99": cell["p99"],
        "Images a second": batch / seconds["Median"] if seconds["Median"] else None,
        # runs of earlier versions do not tell them
        "On the device": cell.get("device_time"),
        "Launching": _percent(cell.get("launching")),
        "Bound by": cell.get("bound_by"),
        "Queued": cell.get("queued"),
        "First call": cell["first_call"],
        "Samples": cell["n"],
        "Processes": cell["processes"],
        "Noisy": cell["noisy"],
        "GPUs in use beside": cell["beside"],
    }


def _bounds(rate: bool) -> Sequence[tuple[str, str]]:
    """Columns of seconds and where they come from: the ends of an interval of rates change places."""
    ends = ("high", "low", "p95", "p5") if rate else ("low", "high", "p5", "p95")
    return tuple(zip(("Median", "Low", "High", "p5", "p95"), ("value", *ends), strict=True))


@table(
    title="Parts of a training step",
    section="cost",
    about=(
        "One row per training step whose parts were timed one by one. Synchronising between them makes their "
        "sum a little more than a whole step."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Conditions", tells=True),
        Column("Forward", "s", marked_by="Status", answers=True),
        Column("Backward", "s", marked_by="Status", answers=True),
        Column("Optimizer", "s", marked_by="Status"),
        Column("Backward over forward", "1", marked_by="Status", brief=False),
    ),
)
def training_parts(frames: Frames) -> pd.DataFrame:
    """One row per training step that was split."""
    rows = []
    for cell in _cells(frames, ("train_step",)):
        parts = _parts(frames).get(cell["key"], {})
        if parts:
            shown = {name.capitalize(): value for name, value in parts.items()}
            ratio = {"Backward over forward": parts["backward"] / parts["forward"]}
            names = {"Architecture": cell["architecture"], "Conditions": _conditions(cell)}
            rows.append(names | shown | ratio | {"Status": status_of([cell])})
    return pd.DataFrame(rows)


@table(
    title="Memory",
    section="cost",
    measures=_PEAKS,
    about=(
        "One row per architecture and kind of pass: the measured peak, and the one predicted from the shapes of "
        "tensors. The parts are those at the moment of the predicted peak."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Mode", tells=True),
        Column("Conditions", tells=True),
        Column("Measured peak", "B", status="Status", answers=True),
        Column("Kept by cuBLAS", "B", brief=False),
        Column("Reserved", "B", brief=False),
        Column("Device has less", "B", brief=False),
        Column("Held by the process", "B", brief=False),
        Column("Predicted peak", "B", status="Predicted status", answers=True),
        *(Column(part, "B", brief=False) for part in ("Parameters", "Gradients", "Optimizer", "Activations")),
        Column("Other", "B", brief=False),
    ),
)
def memory(frames: Frames) -> pd.DataFrame:
    """One row per architecture and condition, measured and predicted side by side."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in _cells(frames, _PEAKS):
        key = tuple(cell[name] for name in _SHARED)
        names = {"Architecture": cell["architecture"], "Mode": cell["mode"], "Conditions": _conditions(cell)}
        row = rows.setdefault(key, names)
        if cell["measure"] == "peak_memory":
            row |= {"Measured peak": cell["value"], "Status": status_of([cell])}
            row |= {"Reserved": cell["reserved"], "Held by the process": cell["device_process"]}
            # of runs that do not tell them, there are no such columns
            row |= {"Kept by cuBLAS": cell.get("workspaces"), "Device has less": cell.get("device_growth")}
            continue
        row |= {"Predicted peak": cell["value"], "Predicted status": status_of([cell])}
        parts = {name.capitalize(): value for name, value in _parts(frames).get(cell["key"], {}).items()}
        shown = {name: parts.pop(name, None) for name in ("Parameters", "Gradients", "Optimizer", "Activations")}
        row |= shown | {"Other": sum(parts.values()) if parts else None}
    return pd.DataFrame(list(rows.values()))


@table(
    title="Energy and size",
    section="cost",
    measures=("energy", "file_size"),
    about=(
        "One row per architecture and condition: energy per image of the whole device, idle power included, and "
        "the size of the saved weights. Where no counter can be read, the reason stands instead."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Conditions", brief=False, tells=True),
        Column("Energy", "J", status="Status", answers=True),
        Column("Power", "W", marked_by="Status", brief=False),
        Column("Idle power", "W", brief=False),
        Column("Idle watched", "s", brief=False),
        Column("Off by at most", "%", brief=False),
        Column("Temperature before", "°C", brief=False),
        Column("Temperature after", "°C", brief=False),
        Column("File", "B", answers=True),
        Column("GPUs in use beside", brief=False, optional=True),
        Column("Reason", brief=False),
    ),
)
def energy_and_size(frames: Frames) -> pd.DataFrame:
    """One row per architecture and condition."""
    files = {cell["architecture"]: cell["value"] for cell in _cells(frames, ("file_size",))}
    measured = _cells(frames, ("energy",))
    rows = [
        {
            "Architecture": cell["architecture"],
            "Conditions": _conditions(cell),
            "Energy": cell["value"],
            "Status": status_of([cell]),
            "Power": cell.get("power"),
            "Idle power": cell.get("idle_watts"),
            "Idle watched": cell.get("idle_seconds"),
            "Off by at most": _percent(cell.get("uncertainty")),
            "Temperature before": cell.get("celsius_before"),
            "Temperature after": cell.get("celsius_after"),
            "File": files.get(cell["architecture"]),
            "GPUs in use beside": cell["beside"],
            "Reason": cell["reason"],
        }
        for cell in measured
    ]
    rest = [name for name in files if name not in {row["Architecture"] for row in rows}]
    return pd.DataFrame([*rows, *({"Architecture": name, "File": files[name]} for name in rest)])


@table(
    title="Variation",
    section="cost",
    about=(
        "One row per timed cell: how far its samples spread within a process, and its medians between processes."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Figure", tells=True),
        Column("Conditions", brief=False, tells=True),
        Column("Within", "%", marked_by="Status", answers=True),
        Column("Between", "%", marked_by="Status", answers=True),
        Column("Samples"),
        Column("Processes", short="n"),
        Column("Sampling ended", brief=False),
        Column("Noisy", brief=False),
        Column("GPUs in use beside", brief=False, optional=True),
    ),
)
def variation(frames: Frames) -> pd.DataFrame:
    """One row per timing that has a figure."""
    return pd.DataFrame(
        [
            {
                "Architecture": cell["architecture"],
                "Figure": cell["measure"].replace("_", " "),
                "Conditions": _conditions(cell),
                "Status": status_of([cell]),
                "Within": _percent(cell["within"]),
                "Between": _percent(cell["between"]),
                "Samples": cell["n"],
                "Processes": cell["processes"],
                "Sampling ended": cell["ended"],
                "Noisy": cell["noisy"],
                "GPUs in use beside": cell["beside"],
            }
            for cell in _cells(frames, (*TIMINGS, "roofline"))
            if not pd.isna(cell["value"])
        ]
    )


def _cells(frames: Frames, measures: Sequence[str]) -> list[dict[str, Any]]:
    return [cell for cell in cost_rows(frames) if cell["measure"] in measures]


def _conditions(cell: Mapping[str, Any]) -> str:
    """`224 px, batch 8, bf16, channels_last, cuda`: the plain values of a CPU are left out."""
    batch = f"batch {cell['batch']:.0f}" if cell["batch"] else "best batch"
    return ", ".join([f"{cell['resolution']} px", batch, *unusual(cell)])


@once
def _parts(frames: Frames) -> Mapping[str, Mapping[str, float]]:
    """Value of each part of a figure, by the key of its cell."""
    found: dict[str, dict[str, float]] = {}
    for key, part, value in frames.parts[["key", "part", "value"]].itertuples(index=False):
        found.setdefault(key, {})[part] = value
    return found


def _percent(share: Any) -> float | None:
    return None if pd.isna(share) else 100 * float(share)
