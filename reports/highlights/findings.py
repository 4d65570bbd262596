"""Sentences that the figures of a run support, each with the chart or table that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from bench.cell import unusual
from bench.compare.experiments.contrasts import Family
from bench.statistics.start import STALLED, TOO_FEW
from bench.words import comparisons
from reports.candidates.choice import ACCURACY
from reports.candidates.figures import key_of
from reports.candidates.found import field_of
from reports.formats import quantity, times
from reports.highlights.treatments import told
from reports.hosts import device_of, host_of
from reports.learning.classes.unequal import unequal_targets
from reports.learning.effects import FAMILIES, effects_of, trained
from reports.learning.overall import Overall, whole
from reports.learning.scenarios import Row, joined
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import at_own_size

MOST = 5
"""Findings: more are a table."""
_FEW = 5
"""Architectures below which the best of them says nothing."""
_LIMIT = 0.05
"""Seconds for an image."""
_LESSONS: tuple[Family, ...] = ("pretraining", "augmentation", "tuning")
"""Sorts of comparison that the lecture teaches of."""


@dataclass(frozen=True)
class Finding:
    """Finding of a run, as one sentence."""

    answer: str
    """Beginning of the sentence, which says what was found."""
    rest: str
    """Rest of the sentence: the evidence."""
    anchor: str
    """Anchor of the chart or section of the page that shows it."""
    shown: str
    """Text of the link to the evidence."""

    @property
    def text(self) -> str:
        """The whole sentence."""
        return self.answer + self.rest


def findings(frames: Frames) -> tuple[Finding, ...]:
    """Findings of the run, the clearest first, at most `MOST`; empty where no figure supports any."""
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
    """The network with the best published accuracy among those that are fast enough: what most people ask
    first."""
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
    rest = (
        f": {100 * best.figures[ACCURACY].value:.1f} % top-1 on ImageNet (published), "
        f"{quantity(latency.value, 's', status=latency.status)} at {resolution} px (measured on "
        f"{_host(frames, field.devices[0])}). "
        f"{len(fast)} of {len(known)} networks with both figures {'is' if len(fast) == 1 else 'are'} that fast."
    )
    answer = f"Under {1000 * _LIMIT:g} ms per image, {best.name} is the most accurate network"
    return Finding(answer, rest, "recommend", "choose by your own limits")


def _speed(frames: Frames) -> Finding | None:
    """The clearest pair of networks of one size in which the one with fewer multiply-adds is slower."""
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
    rest = (
        f": {few['architecture']} has fewer than {many['architecture']} "
        f"({quantity(few['counted'], '1')} against {quantity(many['counted'], '1')}) and takes "
        f"{times(few['value'] / many['value'])} times as long ({quantity(few['value'], 's')} against "
        f"{quantity(many['value'], 's')}, {_under(frames, few)})."
    )
    return Finding(
        "Fewer multiply-adds (MACs) are not always faster",
        rest,
        "chart-evolution",
        "see MACs and latency by year",
    )


def _contrast(pair: tuple[Row, Row]) -> float:
    """Factor by which the times of a pair differ from what its multiply-adds suggest."""
    few, many = pair
    return float(few["value"] / many["value"] * many["counted"] / few["counted"])


def _under(frames: Frames, cell: Row) -> str:
    """The conditions of a timing, those that are usual left out but for its size, and the host."""
    words = unusual({**cell, "device": device_of(cell["device"])})
    return ", ".join([f"{cell['resolution']} px", f"batch {cell['batch']}", *words, _host(frames, cell["device"])])


def _host(frames: Frames, device: str) -> str:
    return host_of(device) or next(iter(frames.hosts), "this host")


def _effects(frames: Frames, families: Sequence[Family]) -> Iterator[Finding]:
    """Findings on each sort of comparison, the clearest direction first."""
    found = [over for family in families if (over := whole(frames, family)) and over.compared]
    for over in sorted(found, key=_one_sided, reverse=True):
        targets = list(dict.fromkeys(effect.target for effect in effects_of(frames, over.family)))
        shown = f"see the {comparisons(over.of)}" if over.of > 1 else "see the comparison"
        yield Finding(*told(over, targets), f"chart-{over.family}_effect", shown)


def _one_sided(over: Overall) -> float:
    return abs(2 * over.higher - over.compared) / over.compared


def _unequal_classes(frames: Frames) -> Iterator[Finding]:
    """What top-1 hides where a target's classes are unequal, for the scenario that is best on validation
    images."""
    for item in unequal_targets(frames):
        most, least = item.sizes
        bounds = item.balanced.interval
        interval = f"[{100 * bounds.low:.1f}, {100 * bounds.high:.1f}]"
        worst, first = min(item.recalls, key=lambda recall: recall.share), item.good.iloc[0]
        whose = joined(first["architecture"], first["scenario"], first["setting"])
        rest = (
            f" ({most} test images of the largest, {least} of the "
            f"smallest): top-1 favours the large ones. Beside a top-1 of {100 * item.top1:.1f} % stands a balanced"
            f" accuracy of {100 * item.balanced.mean:.1f} % {interval}; of the class {worst.name} "
            f"{100 * worst.share:.0f} % are recognised ({whose}: the best on validation images)."
        )
        yield Finding(f"The classes of {item.target} are unequal", rest, "chart-worst_classes", "see the classes")


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
            answer = f"{len(found)} of {len(rows)} trainings {words}"
            yield Finding(answer, f": {names}.", "chart-scenario_accuracy", "see all scenarios")
