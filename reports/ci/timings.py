"""JSON as pytest-benchmark writes it: `pytest-benchmark compare` and dashboards read it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Any

from bench.compare.judgement import RunEvidence
from bench.declare.nature import Nature, nature_of
from bench.errors import StoreError
from bench.text.strict_json import as_json
from reports.ci import form
from reports.ci.text import distinct, names, plain

if TYPE_CHECKING:
    from bench.compare.judgement import Judgement
    from bench.store.database import Store

_VERSION = "5.2.0"
"""Release of pytest-benchmark whose form this is."""


@dataclass(frozen=True)
class Timed:
    """A cell as a benchmark."""

    name: str
    measure: str
    unit: str
    nature: Nature
    samples: tuple[float, ...]
    """Samples in the unit."""
    conditions: Mapping[str, object]
    extra: Mapping[str, object]


@form()
def pytest_benchmark(judgement: Judgement) -> str:
    """pytest-benchmark's JSON: each timed cell of head with its raw samples; of rates the seconds an image."""
    timed = [
        Timed(
            name,
            item.measure,
            item.unit,
            item.nature,
            judgement.samples.get(item.key, ()),
            judgement.conditions.get(item.key, {}),
            {
                "verdict": item.verdict,
                "accepted": judgement.accepted.get(item.key),
                "base": item.base,
                "ratio": item.ratio,
                "low": item.low,
                "high": item.high,
                "pairs": item.pairs,
                "band": item.band,
                "note": plain(item.note),
            },
        )
        for name, item in zip(names(judgement), judgement.found, strict=True)
    ]
    return _document(timed, judgement.host, judgement.started, judgement.head)


def run_as_pytest_benchmark(store: Store, run: str) -> str:
    """The same of one run alone.

    Raises:
        UnknownName: the store has no such run.
        StoreError: the run has figures of a measure that it does not declare.
    """
    evidence = RunEvidence.of(store, run)
    declared = {item.name: item.content for item in store.declarations(evidence.run.id, "measure")}
    used = {key: str(conditions["measure"]) for key, conditions in evidence.conditions.items()}
    for name in sorted({*used.values()} - declared.keys()):
        raise StoreError(f"store '{store.path}' is damaged: run {run} does not declare its measure {name[:80]!r}")
    measures = {key: declared[name] for key, name in used.items()}
    keys = list(evidence.samples)
    unique = distinct([(evidence.names[key], key) for key in keys])
    timed = [
        Timed(
            name,
            measures[key]["name"],
            measures[key]["unit"],
            nature_of(measures[key]),
            evidence.samples[key],
            evidence.conditions[key],
            {},
        )
        for name, key in zip(unique, keys, strict=True)
    ]
    return _document(timed, evidence.run.host, evidence.run.started, evidence.run.id)


def statistics_of(seconds: Sequence[float]) -> dict[str, Any]:
    """Statistics of pytest-benchmark over the rounds of a benchmark, under its names, in seconds.

    Args:
        seconds: one value a round, in order; one at least.
    """
    ordered = sorted(seconds)
    n, total, mean = len(ordered), math.fsum(ordered), fmean(ordered)
    deviation = stdev(ordered) if n > 1 else 0.0
    q1, q3 = _quarter(ordered), _quarter(ordered[::-1])
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    beyond = sum(abs(value - mean) > deviation for value in ordered)
    outliers = sum(not low <= value <= high for value in ordered)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": deviation,
        "rounds": n,
        "median": median(ordered),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": outliers,
        "stddev_outliers": beyond,
        "outliers": f"{beyond};{outliers}",
        "ld15iqr": ordered[bisect_left(ordered, low)],
        "hd15iqr": ordered[bisect_right(ordered, high) - 1],
        "ops": n / total if total else 0,
        "total": total,
        "data": list(seconds),
        "iterations": 1,
    }


def _quarter(ordered: Sequence[float]) -> float:
    """The value that a quarter of the others lies before: Hyndman and Fan's type 5, as pytest-benchmark has it."""
    position = max(0.0, (len(ordered) - 2) / 4)
    place = int(position)
    rest = position - place
    return ordered[place] if not rest else (1 - rest) * ordered[place] + rest * ordered[place + 1]


def _document(timed: Iterable[Timed], host: Mapping[str, Any], started: str, head: str) -> str:
    benchmarks = [found for item in timed if (found := _benchmark(item))]
    revision = str(host.get("git") or "")
    document = {
        "machine_info": _machine(host),
        "commit_info": {
            "id": revision.rstrip("+") or plain(head),
            "time": None,
            "author_time": None,
            "dirty": revision.endswith("+"),
            "project": "evobench",
            "branch": "",
        },
        "benchmarks": benchmarks,
        "datetime": started,
        "version": _VERSION,
    }
    return as_json(document, indent=1, default=str) + "\n"


def _benchmark(item: Timed) -> dict[str, Any] | None:
    """Benchmark of a cell; None where it has no times."""
    seconds = _seconds(item)
    if not seconds:
        return None
    conditions = {name: plain(v) if isinstance(v, str) else v for name, v in item.conditions.items()}
    return {
        "group": plain(item.measure),
        "name": item.name,
        "fullname": f"evobench::{item.name}",
        "params": conditions or None,
        "param": item.name if conditions else None,
        "extra_info": {"measure": plain(item.measure), "unit": item.unit, **item.extra},
        "options": {},
        "stats": statistics_of(seconds),
    }


def _seconds(item: Timed) -> list[float]:
    """A rate was made from a time and a number of images: its inverse is the time of one image, of that sample."""
    if not item.nature.is_speed:
        return []
    good = [value for value in item.samples if math.isfinite(value) and value > 0]
    return [1 / value for value in good] if item.nature is Nature.RATE else good


def _machine(host: Mapping[str, Any]) -> dict[str, Any]:
    """Under pytest-benchmark's names, with evobench's versions; the name of the machine is nobody's business."""
    return {
        "node": "",
        "processor": host.get("machine", ""),
        "machine": host.get("machine", ""),
        "python_implementation": "CPython",
        "python_version": host.get("python", ""),
        "system": host.get("system", ""),
        "release": host.get("release", ""),
        "cpu": {"brand_raw": host.get("cpu", ""), "count": host.get("cores")},
        "gpus": host.get("gpus", []),
        "versions": host.get("versions", {}),
    }
