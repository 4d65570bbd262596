"""Sentences that the figures of a run support, each with the chart or table that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from bench.cell import unusual
from bench.compare.experiments.answers import Answer
from bench.compare.experiments.contrasts import Family
from bench.statistics.start import STALLED, TOO_FEW
from bench.words import comparisons
from reports.candidates.choice import ACCURACY
from reports.candidates.figures import key_of
from reports.candidates.found import field_of
from reports.formats import quantity, times
from reports.hosts import device_of, host_of
from reports.learning.classes.unequal import unequal_targets
from reports.learning.effects import FAMILIES, trained
from reports.learning.overall import Overall, whole
from reports.learning.scenarios import Row, joined
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

ANSWERS: tuple[Answer, ...] = ("helps", "no difference", "hurts", "undecided")
"""In the order in which they are told."""
MOST = 5
"""Findings: more are a table."""
_FEW = 5
"""Architectures below which the best of them says nothing."""
_LIMIT = 0.05
"""Seconds for an image."""
_LESSONS: tuple[Family, ...] = ("pretraining", "augmentation", "tuning")
"""Sorts of comparison that the lecture teaches of."""
_WITH: Mapping[Family, str] = {
    "pretraining": "A pretrained network is more accurate than the same one trained from scratch",
    "augmentation": "With augmentation, accuracy is higher than without",
    "tuning": "A fine-tuned network is more accurate than its fixed features",
    "strategy": "Another strategy is more accurate than the usual one",
}
"""What it means that the accuracy of a comparison is higher."""


@dataclass(frozen=True)
class Finding:
    """One sentence."""

    text: str
    anchor: str
    """Of the chart or section of the page that shows it."""
    shown: str = "chart"
    """What that is called in a link."""


def findings(frames: Frames) -> tuple[Finding, ...]:
    """What the run found, the most telling first, at most `MOST`; empty where no figure supports anything."""
    found = (
        _within_a_limit(frames),
        *_effects(frames, _LESSONS),
        _speed(frames),
        *_unequal_classes(frames),
        *_effects(frames, [family for family in FAMILIES if family not in _LESSONS]),
        *_at_chance(frames),
    )
    return tuple(finding for finding in found if finding)[:MOST]


def _within_a_limit(frames: Frames) -> Finding | None:
    """Which network has the best published accuracy of those that are fast enough: what most people ask first."""
    field = field_of(frames)
    kinds = [kind.name for kind in field.kinds if kind.published]
    if not kinds or not field.devices:
        return None
    key = key_of("latency", field.devices[0])
    known = [item for item in field.by_kind[kinds[0]] if ACCURACY in item.figures and key in item.figures]
    fast = [item for item in known if item.figures[key].value <= _LIMIT]
    if len(known) < _FEW or not 0 < len(fast) < len(known):
        return None
    best = max(fast, key=lambda item: item.figures[ACCURACY].value)
    latency, resolution = best.figures[key], best.figures[key].resolution or best.resolution
    within = f"at most {1000 * _LIMIT:g} ms for an image on {_host(field.devices[0])}"
    accuracy = f"{100 * best.figures[ACCURACY].value:.1f} %"
    if len(fast) == 1:
        text = f"Of {len(known)} networks {best.name} alone takes {within}: published top-1 accuracy {accuracy}, "
    else:
        text = f"Of the {len(fast)} networks that take {within}, {best.name} has the highest published top-1 "
        text += f"accuracy, {accuracy}: "
    text += f"{quantity(latency.value, 's', status=latency.status)} at {resolution} px."
    return Finding(text, "recommend", "choose by your own limits")


def _speed(frames: Frames) -> Finding | None:
    """Of two networks of one size, that with fewer multiply-adds is the slower one: the clearest such pair."""
    place = ["architecture", "resolution"]
    counted = frames.measured("macs", bound="").drop_duplicates(place)
    macs = counted[[*place, "value"]].rename(columns={"value": "counted"})
    speed = frames.measured("latency", mode="infer")
    speed = speed[speed["noisy"].isna() & speed["low"].notna() & ~speed["architecture"].isin(frames.blocks)]
    rows = rows_of(at_own_size(frames, speed).merge(macs, on=place))
    pairs = [
        (few, many)
        for few, many in permutations(rows, 2)
        if few["resolution"] == many["resolution"]
        and few["device"] == many["device"]
        and few["counted"] < many["counted"]
        and few["low"] > many["high"]
    ]
    if not pairs:
        return None
    few, many = max(pairs, key=_contrast)
    text = (
        f"Fewer MACs are not always faster: {few['architecture']} has fewer than {many['architecture']} "
        f"({quantity(few['counted'], '1')} against {quantity(many['counted'], '1')}) and takes "
        f"{times(few['value'] / many['value'])} times as long ({quantity(few['value'], 's')} against "
        f"{quantity(many['value'], 's')}, {_under(few)})."
    )
    return Finding(text, "chart-milestones")


def _contrast(pair: tuple[Row, Row]) -> float:
    """How far the times of a pair differ from what its multiply-adds let one expect, as a factor."""
    few, many = pair
    return float(few["value"] / many["value"] * many["counted"] / few["counted"])


def _under(cell: Row) -> str:
    """The conditions of a timing, those that are usual left out but for its size, and the host."""
    words = unusual({**cell, "device": device_of(cell["device"])})
    return ", ".join([f"{cell['resolution']} px", f"batch {cell['batch']}", *words, _host(cell["device"])])


def _host(device: str) -> str:
    return host_of(device) or "this host"


def _effects(frames: Frames, families: Sequence[Family]) -> Iterator[Finding]:
    """What each sort of comparison comes to, the clearest direction first."""
    found = [over for family in families if (over := whole(frames, family)) and over.compared]
    for over in sorted(found, key=_one_sided, reverse=True):
        yield Finding(_over(over), f"chart-{over.family}_effect")


def _one_sided(over: Overall) -> float:
    return abs(2 * over.higher - over.compared) / over.compared


def _over(over: Overall) -> str:
    """In how many comparisons the accuracy is higher, the effect over networks with its interval, the answers."""
    words = ", ".join(f"{answer} in {over.answers[answer]}" for answer in ANSWERS if over.answers[answer])
    text = f"{_WITH[over.family]} in {over.higher} of {comparisons(over.compared)}: {words}"
    text += f" of {over.of}" if over.of != over.compared else ""
    if over.pooled:
        low, high = (100 * bound for bound in (over.pooled.interval.low, over.pooled.interval.high))
        mean = f"{100 * over.pooled.mean:+.1f} points [{low:+.1f}, {high:+.1f}]"
        text += f"; on average over {over.pooled.n} networks {mean}"
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
        yield Finding(text, "chart-worst_classes")


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
            yield Finding(f"{len(found)} of {len(rows)} trainings {words}: {names}.", "chart-scenario_accuracy")
