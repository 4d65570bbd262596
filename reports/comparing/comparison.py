"""Two runs side by side: one verdict per cell that both have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Any, Literal

from bench.declare.nature import Nature
from bench.errors import NotComparable
from bench.statistics import intervals as stats
from bench.store.database import Run, Store
from reports.comparing.protocol import protocol_differences
from reports.tidy.facts import flat
from reports.tidy.frame import Frames, read, rows_of
from reports.tidy.outcome import NOT_RUN

Verdict = Literal["regression", "improvement", "changed", "undecided", "fine"]
VERDICTS: tuple[Verdict, ...] = ("regression", "improvement", "changed", "undecided", "fine")
"""The gravest first."""
ACCURACY_TOLERANCE = 0.01
"""Share of accuracy that may be lost and still be fine."""
OTHER_HOST = "another host: speeds are not compared"
_UNANSWERED = (NOT_RUN, "unsupported")


@dataclass(frozen=True)
class Comparison:
    """One cell in two runs."""

    cell: str
    measure: str
    unit: str
    nature: Nature
    base: float | None
    head: float | None
    ratio: float | None
    """Head over base."""
    low: float | None
    high: float | None
    """Interval of the ratio; of a share, that of head less base."""
    verdict: Verdict
    note: str
    key: str = ""
    """Identity of the cell in the store."""
    better: str = "neither"
    """Which way the measure is better: `lower`, `higher` or `neither`."""
    pairs: int | None = None
    """Fresh pairs of processes that were measured in turn; None where they were not."""
    band: float | None = None
    """Share by which base differs from itself in such pairs; None where that was not measured."""

    @property
    def share(self) -> bool:
        """Whether it is a share of one that a training reached, such as an accuracy."""
        return self.nature.is_share


@dataclass(frozen=True)
class _Pair:
    """A cell with what both runs made of it."""

    base: Mapping[str, Any]
    head: Mapping[str, Any]
    better: str
    exact: bool
    """Whether no condition moves it."""

    @property
    def key(self) -> str:
        return str(self.head["key"])

    @property
    def nature(self) -> Nature:
        return Nature(self.head["nature"])

    def found(self, verdict: Verdict, note: str = "", interval: stats.Interval | None = None) -> Comparison:
        base, head = _number(self.base["value"]), _number(self.head["value"])
        ratio = head / base if base and head is not None else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        names = (str(self.head["cell"]), str(self.head["measure"]), str(self.head["unit"]), self.nature)
        figures = (base, head, ratio, low, high)
        return Comparison(*names, *figures, verdict, note, self.key, self.better)


def compare(store: Store, base: str, head: str, tolerance: float, force: bool) -> tuple[Comparison, ...]:
    """Compare what two runs have in common, the gravest verdict first.

    Counts are exact. Times and memory are judged by the interval of the ratio of process medians, corrected for
    the number of cells (Bonferroni); one process on a side leaves them undecided. Accuracies are paired image by
    image (McNemar's exact test, corrected after Holm).

    Args:
        store: that has both runs.
        base: run to compare with.
        head: run to judge.
        tolerance: share by which a time or a peak may grow and still be fine.
        force: compare speeds of different hosts, and what was measured in different ways, all the same.

    Raises:
        NotComparable: the runs share no cell, share speeds but not the host, or were measured in different ways.
    """
    left, right = read(store, base), read(store, head)
    pairs = _pairs(left, right)
    if not pairs:
        raise NotComparable(f"runs {left.run.id} and {right.run.id} have no cell in common")
    if not force:
        host = host_difference(left.run, right.run) if any(pair.nature.is_speed for pair in pairs) else ""
        refused = [f"speeds of different hosts do not compare ({host})"] if host else []
        protocol = protocol_differences(store, left.run, right.run)
        refused += [f"the runs were measured in different ways ({'; '.join(protocol)})"] if protocol else []
        if refused:
            raise NotComparable(f"{'; '.join(refused)}; --force ignores that")
    return _judge(store, left, right, pairs, tolerance)


def side_by_side(
    store: Store, left: Frames, right: Frames, tolerance: float, force: bool
) -> tuple[Comparison, ...]:
    """What `compare` finds, for a page that shows both runs; nothing where they have no cell in common.

    Speeds of different hosts stand beside each other without a ratio, undecided, unless `force` compares them.
    """
    pairs = _pairs(left, right)
    apart: list[_Pair] = []
    if not force and host_difference(left.run, right.run):
        apart = [pair for pair in pairs if pair.nature.is_speed]
    found = _judge(store, left, right, [pair for pair in pairs if not (apart and pair.nature.is_speed)], tolerance)
    shown = [replace(pair.found("undecided", OTHER_HOST), ratio=None) for pair in apart]
    return tuple(sorted([*found, *shown], key=lambda comparison: VERDICTS.index(comparison.verdict)))


def _judge(
    store: Store, left: Frames, right: Frames, pairs: Sequence[_Pair], tolerance: float
) -> tuple[Comparison, ...]:
    medians = _process_medians(left), _process_medians(right)
    open_pairs = [pair for pair in pairs if _plain(pair) is None]
    timed = [pair for pair in open_pairs if not pair.nature.is_share]
    trained = [pair for pair in open_pairs if pair.nature.is_share]
    found = [comparison for pair in pairs if (comparison := _plain(pair))]
    found += [_timed(pair, *medians, tolerance, len(timed)) for pair in timed]
    found += _trained(store, left.run.id, right.run.id, trained)
    return tuple(sorted(found, key=lambda comparison: VERDICTS.index(comparison.verdict)))


def differences(store: Store, base: Run, head: Run) -> tuple[str, ...]:
    """What differs between the hosts of two runs, and in how they measured: what `force` ignores."""
    host = host_difference(base, head)
    protocol = protocol_differences(store, base, head)
    return (
        *([f"the hosts differ ({host})"] if host else []),
        *([f"the runs were measured in different ways ({'; '.join(protocol)})"] if protocol else []),
    )


def host_difference(base: Run, head: Run) -> str:
    """What differs between the hosts of two runs, empty where their speeds may be compared."""
    if base.host_key == head.host_key:
        return ""
    before, after = _decisive(base), _decisive(head)
    names = [name for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)]
    told = [f"{name}: {before.get(name, 'none')} and {after.get(name, 'none')}" for name in names]
    return ", ".join(told[:3] + ([f"{len(told) - 3} more"] if len(told) > 3 else [])) or "host key"


def _decisive(run: Run) -> dict[str, str]:
    """Of a run's host what tells hosts apart, its packages and environment variables by their own names."""
    host = {name: value for name, value in run.host.items() if name not in ("git", "release", "flags", "versions")}
    variables = run.host.get("flags", {}).get("environment", {})
    return {name: text for group in (host, run.host.get("versions", {}), variables) for name, text in flat(group)}


def _pairs(base: Frames, head: Frames) -> Sequence[_Pair]:
    declared = {row["name"]: row for row in rows_of(head.measures)}
    known = {row["key"]: row for row in rows_of(base.records)}
    return [
        _Pair(known[row["key"]], row, told.get("better", "neither"), _is_exact(row, told))
        for row in rows_of(head.records)
        if row["key"] in known
        for told in [declared.get(row["measure"], {})]
    ]


def _is_exact(row: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    return bool(row["nature"] == Nature.COUNT and declared.get("repeats", "anywhere") == "anywhere")


def _plain(pair: _Pair) -> Comparison | None:
    """The verdict where no statistics are needed: missing figures, counts, and one record that both runs show."""
    base, head = pair.base, pair.head
    if base["status"] != "ok" or head["status"] != "ok":
        return _missing(pair)
    if _same_origin(base, head):
        return pair.found("fine", "the same record")
    if pair.exact:
        if base["value"] == head["value"]:
            return pair.found("fine", "exact")
        return pair.found(_direction(pair, head["value"] - base["value"]), "exact")
    return None


def _missing(pair: _Pair) -> Comparison:
    base, head = str(pair.base["status"]), str(pair.head["status"])
    if base == head:
        return pair.found("undecided" if base == NOT_RUN else "fine", f"{base} in both")
    if base == "ok" and head not in _UNANSWERED:
        return pair.found("regression", f"{head}: {pair.head['reason']}")
    if head == "ok" and base not in _UNANSWERED:
        return pair.found("improvement", f"was {base}")
    return pair.found("undecided", f"was {base}, is {head}")


def _same_origin(base: Mapping[str, Any], head: Mapping[str, Any]) -> bool:
    """Whether one record is shown by both, be it taken over by one of them or by both, or of one run."""
    return bool((base["reused_from"] or base["run"]) == (head["reused_from"] or head["run"]))


def _direction(pair: _Pair, change: float) -> Verdict:
    if pair.better == "neither":
        return "changed"
    return "improvement" if (change < 0) == (pair.better == "lower") else "regression"


def _process_medians(frames: Frames) -> dict[str, list[float]]:
    good = frames.attempts[frames.attempts["status"] == "ok"].dropna(subset=["median"])
    medians: dict[str, list[float]] = {}
    for key, value in zip(good["key"], good["median"], strict=True):
        medians.setdefault(str(key), []).append(float(value))
    return medians


def _timed(
    pair: _Pair,
    base: Mapping[str, list[float]],
    head: Mapping[str, list[float]],
    tolerance: float,
    cells: int,
) -> Comparison:
    before, after = base[pair.key], head[pair.key]
    interval = stats.ratio_interval(before, after, 1 - (1 - stats.LEVEL) / cells)
    note = f"{len(before)} and {len(after)} processes"
    if interval is None:
        equal = median(before) == median(after)
        return pair.found("fine" if equal else "undecided", f"{note}: no interval")
    worse, better = interval, stats.Interval(1 / interval.high, 1 / interval.low, interval.method)
    if pair.better == "higher":
        worse, better = better, worse
    if worse.low > 1 + tolerance:
        return pair.found("regression", note, interval)
    if better.low > 1 + tolerance:
        return pair.found("improvement", note, interval)
    return pair.found("fine" if worse.high <= 1 + tolerance else "undecided", note, interval)


def _trained(store: Store, base: str, head: str, pairs: Iterable[_Pair]) -> list[Comparison]:
    """Accuracies, image by image."""
    found: list[tuple[_Pair, stats.PairedDifference]] = []
    unpaired: list[Comparison] = []
    for pair in pairs:
        before, after = store.samples(base, pair.key, 0), store.samples(head, pair.key, 0)
        if len(before) != len(after) or not before:
            unpaired.append(pair.found("undecided", f"{len(before)} and {len(after)} test images"))
            continue
        found.append((pair, _image_difference(before, after)))
    corrected = stats.corrected([difference for _, difference in found])
    return unpaired + [_judged(pair, d) for (pair, _), d in zip(found, corrected, strict=True)]


def _image_difference(before: Sequence[float], after: Sequence[float]) -> stats.PairedDifference:
    difference = stats.paired_difference(list(zip(before, after, strict=True)))
    gained = sum(a > b for b, a in zip(before, after, strict=True))
    lost = sum(a < b for b, a in zip(before, after, strict=True))
    return replace(difference, p=stats.binomial_test(gained, gained + lost), mean=fmean(after) - fmean(before))


def _judged(pair: _Pair, difference: stats.PairedDifference) -> Comparison:
    note = f"{100 * difference.mean:+.1f} points, {difference.n} images"
    if difference.interval is None and math.isclose(difference.mean, 0, abs_tol=1e-12):
        return pair.found("fine", f"equal on all {difference.n} images")
    if difference.verdict == stats.UNDECIDED:
        safe = difference.interval is not None and difference.interval.low >= -ACCURACY_TOLERANCE
        return pair.found("fine" if safe else "undecided", note, difference.interval)
    return pair.found("improvement" if difference.verdict == "helps" else "regression", note, difference.interval)


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
