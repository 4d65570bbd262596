"""JSON for dashboards that draw a figure over the commits: github-action-benchmark and Bencher."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.declare.nature import Nature
from bench.text.strict_json import as_json
from reports.ci import form
from reports.ci.text import names, plain, sentence, verdict_of

if TYPE_CHECKING:
    from bench.compare.judgement import Judgement
    from bench.compare.verdict import Comparison

_TIMES = {Nature.TIME: "ms", Nature.RATE: "ms/image"}
"""Units of times and rates in the charts: one unit for good, since the charts know no prefixes."""
_NANOSECONDS = 1e9
"""Bencher's own measure `latency` has this unit; so has every time, lest two charts differ."""
_SLUG = 64
_BENCHMARK = 1024
"""Characters that Bencher takes of a measure's and of a benchmark's name."""


@form()
def github_action_benchmark_time(judgement: Judgement) -> str:
    """JSON of github-action-benchmark, tool `customSmallerIsBetter`: times of head in ms, rates as ms an image."""
    return _json([entry for name, item in _measured(judgement) if (entry := _time(judgement, name, item))])


@form()
def github_action_benchmark_accuracy(judgement: Judgement) -> str:
    """JSON of github-action-benchmark, tool `customBiggerIsBetter`: accuracies of head in percent."""
    shares = [
        entry for entry in _measured(judgement) if entry[1].nature is Nature.SHARE and entry[1].better != "lower"
    ]
    return _json([_entry(judgement, name, item, "%", 100.0) for name, item in shares])


@form()
def bencher(judgement: Judgement) -> str:
    """Bencher Metric Format (adapter `json`): each cell of head, times in nanoseconds, all else in SI units."""
    document: dict[str, dict[str, Any]] = {}
    for name, item in _measured(judgement):
        slug = plain(item.measure.replace("_", "-"), _SLUG)
        # what a cell measures is not part of the benchmark's name, so that its measures lie side by side
        short = plain(name.replace(f" {item.measure} ", " ", 1), _BENCHMARK)
        benchmark = name if slug in document.get(short, {}) else short
        scale = _NANOSECONDS if item.nature is Nature.TIME else 1.0
        bounds = _spread(judgement, item)
        metric = {"value": item.head, **({"lower_value": bounds[0], "upper_value": bounds[1]} if bounds else {})}
        scaled = {bound: _rounded(scale * value) for bound, value in metric.items() if value is not None}
        document.setdefault(benchmark, {})[slug] = scaled
    return _json(document)


def _measured(judgement: Judgement) -> Iterator[tuple[str, Comparison]]:
    for name, item in zip(names(judgement), judgement.found, strict=True):
        if item.head is not None and math.isfinite(item.head):
            yield name, item


def _time(judgement: Judgement, name: str, item: Comparison) -> dict[str, Any] | None:
    if item.nature not in _TIMES or not item.head or item.head < 0:
        return None
    return _entry(judgement, name, item, _TIMES[item.nature], 1000.0)


def _entry(judgement: Judgement, name: str, item: Comparison, unit: str, scale: float) -> dict[str, Any]:
    bounds = _spread(judgement, item)
    value, *ends = [scale * _direct(item, figure) for figure in (item.head or 0.0, *(bounds or ()))]
    what = "95 %, Wilson" if item.share else "p5 to p95"
    shown = f"{min(ends):.4g} to {max(ends):.4g}, {what}" if ends else ""
    entry = {"name": name, "unit": unit, "value": _rounded(value)}
    extra = f"{verdict_of(judgement, item)}: {sentence(judgement, item)}"
    return {**entry, **({"range": shown} if shown else {}), "extra": extra}


def _direct(item: Comparison, figure: float) -> float:
    """A rate as the time of one image."""
    return 1 / figure if item.nature is Nature.RATE else figure


def _spread(judgement: Judgement, item: Comparison) -> tuple[float, float] | None:
    """Range from p5 to p95 of the head's samples, or the interval of its share; None where it is unknown."""
    from bench.cell import quantile
    from bench.statistics import intervals as stats

    samples = sorted(value for value in judgement.samples.get(item.key, ()) if math.isfinite(value))
    if len(samples) < 2:
        return None
    if item.share:
        # a share of several trainings is not that of the samples of one
        own = set(samples) <= {0.0, 1.0} and math.isclose(fmean(samples), item.head or 0.0)
        found = stats.wilson(round(sum(samples)), len(samples)) if own else None
        return (found.low, found.high) if found else None
    low, high = quantile(samples, 0.05), quantile(samples, 0.95)
    return None if low == high or (item.nature is Nature.RATE and low <= 0) else (low, high)


def _rounded(value: float) -> float:
    """Six digits: more are noise, and make files differ."""
    return float(f"{value:.6g}")


def _json(document: object) -> str:
    return as_json(document, indent=1) + "\n"
