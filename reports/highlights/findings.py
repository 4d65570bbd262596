"""Sentences that the figures of a run support, each with the chart or table that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from bench.cell import unusual
from bench.compare.experiments.answers import Answer
from bench.statistics.start import STALLED, TOO_FEW
from reports.candidates.pareto import pareto_front, published_accuracies
from reports.formats import quantity, times
from reports.hosts import device_of, host_of
from reports.learning.classes.unequal import unequal_targets
from reports.learning.effects import FAMILIES, trained
from reports.learning.overall import Overall, whole
from reports.learning.scenarios import joined
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.sizes import at_own_size

ANSWERS: tuple[Answer, ...] = ("helps", "no difference", "hurts", "undecided")
"""In the order in which they are told."""
_FEW = 5
"""Architectures below which a front or a trend says nothing."""


@dataclass(frozen=True)
class Finding:
    """One sentence."""

    text: str
    chart: str
    """Name of the chart that shows it."""


def findings(frames: Frames) -> tuple[Finding, ...]:
    """What the run found, in the order of the lecture; empty where no figure supports anything."""
    found = (
        _falling_error(frames),
        _front(frames),
        _speed(frames),
        *_effects(frames),
        *_unequal_classes(frames),
        *_at_chance(frames),
    )
    return tuple(finding for finding in found if finding)


def _falling_error(frames: Frames) -> Finding | None:
    """Of the architectures of which this run has a figure: it has nothing to say of others."""
    here = set(frames.records.loc[frames.records["value"].notna(), "architecture"])
    errors = frames.published
    errors = errors[(errors["quantity"] == "top1_error") & (errors["protocol"] == SINGLE_CROP)]
    errors = errors[errors["architecture"].isin(here) & errors["year"].notna()]
    if errors["architecture"].nunique() < _FEW or errors["year"].nunique() < 2:
        return None
    oldest = errors.sort_values("year", kind="stable").iloc[0]
    best = errors.sort_values("value", kind="stable").iloc[0]
    if best["value"] >= oldest["value"]:
        return None
    text = (
        f"The published top-1 error ({SINGLE_CROP}) falls from {oldest['value']:.1f} % ({oldest['architecture']}, "
        f"{oldest['year']}) to {best['value']:.1f} % ({best['architecture']}, {best['year']})."
    )
    return Finding(text, "error_against_year")


def _front(frames: Frames) -> Finding | None:
    points = published_accuracies(frames)
    points = points[points["protocol"] == SINGLE_CROP]
    if len(points) < _FEW:
        return None
    names = list(pareto_front(points)["architecture"])
    text = (
        f"{len(names)} of {len(points)} architectures {'lies' if len(names) == 1 else 'lie'} on the Pareto "
        f"front of published accuracy against counted MACs: {', '.join(names)}."
    )
    return Finding(text, "published_accuracy_against_cost")


def _speed(frames: Frames) -> Finding | None:
    place = ["architecture", "resolution"]
    counted = frames.measured("macs", bound="").drop_duplicates(place)
    macs = counted[[*place, "value"]].rename(columns={"value": "counted"})
    speed = frames.measured("throughput", mode="infer")
    quiet = at_own_size(frames, speed[speed["noisy"].isna()])
    both = quiet.merge(macs, on=place).set_index("architecture")
    rates = (both["value"] * both["counted"]).sort_values()
    if len(rates) < 2:
        return None
    slow, fast = rates.iloc[0], rates.iloc[-1]
    noisy = len(set(speed["architecture"]) - set(quiet["architecture"]))
    without = f" Left out: noisy timings of {noisy} architecture{'s' if noisy > 1 else ''}." if noisy else ""
    text = (
        f"MACs do not tell speed: {_under(both)} did {quantity(slow, '1')} MACs per second in "
        f"{rates.index[0]} and "
        f"{quantity(fast, '1')} in {rates.index[-1]}, {times(fast / slow)} times as many.{without}"
    )
    return Finding(text, "throughput_against_macs")


def _under(cells: pd.DataFrame) -> str:
    """The conditions that the cells share, where they are unusual, and the host that measured them."""
    cell = rows_of(cells)[0]
    host = host_of(cell["device"]) or "this host"
    words = unusual({**cell, "device": device_of(cell["device"])})
    return f"with {', '.join(words)}, {host}" if words else host


def _effects(frames: Frames) -> Iterator[Finding]:
    """What each sort of comparison comes to."""
    for family in FAMILIES:
        over = whole(frames, family)
        if over:
            yield Finding(_over(over), f"{family}_effect")


def _over(over: Overall) -> str:
    """How many of each answer, the effect over networks with its interval, and in how many it is above 0."""
    words = ", ".join(f"{answer} in {over.answers[answer]}" for answer in ANSWERS if over.answers[answer])
    text = f"{over.title}: {words} of {over.of} comparison{'' if over.of == 1 else 's'}"
    if over.pooled:
        low, high = (100 * bound for bound in (over.pooled.interval.low, over.pooled.interval.high))
        text += f"; over {over.pooled.n} networks {100 * over.pooled.mean:+.1f} points [{low:+.1f}, {high:+.1f}]"
    if over.compared:
        text += f", higher in {over.higher} of {over.compared}"
    return f"{text}."


def _unequal_classes(frames: Frames) -> Iterator[Finding]:
    """What top-1 hides where a target's classes are unequal, of the scenario that is best on validation images."""
    for item in unequal_targets(frames):
        most, least = item.sizes
        bounds = item.balanced.interval
        interval = f"[{100 * bounds.low:.1f}, {100 * bounds.high:.1f}]"
        worst, first = min(item.recalls, key=lambda recall: recall.share), item.good.iloc[0]
        whose = joined(first["architecture"], first["scenario"], first["setting"])
        text = (
            f"The classes of {item.target} are unequal ({most} test images of the largest, {least} of the "
            f"smallest): top-1 favours the large ones. Beside a top-1 of {100 * item.top1:.1f} % stands a balanced"
            f" accuracy of {100 * item.balanced.mean:.1f} % {interval}; of the class {worst.name} "
            f"{100 * worst.share:.0f} % are recognised ({whose}: the best on validation images)."
        )
        yield Finding(text, "worst_classes")


def _at_chance(frames: Frames) -> Iterator[Finding]:
    """Trainings that stayed at chance, and those of which that cannot be told."""
    rows = trained(frames)
    said = {
        STALLED: "did not start (they stayed at chance)",
        TOO_FEW: "have too few test images to tell whether they started",
    }
    for start, words in said.items():
        found = [row["architecture"] for row in rows if row["start"] == start]
        if found:
            names = ", ".join(dict.fromkeys(found))
            yield Finding(f"{len(found)} of {len(rows)} trainings {words}: {names}.", "scenario_accuracy")
