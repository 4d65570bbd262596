"""One sentence with figures on the comparisons of one sort."""

from __future__ import annotations

from bench.compare.experiments.contrasts import Family
from reports.learning.effects import effects_of
from reports.learning.overall import ALL, Overall, whole
from reports.learning.telling.labels import sources
from reports.tidy.frame import Frames


def gain(frames: Frames, family: Family) -> str:
    """The effect pooled over networks, and in how many comparisons accuracy is higher; empty without a pair.

    A pooled effect whose interval holds 0 is told as one whose sign is open.
    """
    over = whole(frames, family)
    if over is None or not over.compared:
        return ""
    name = _name(frames, family)
    return _pooled(over, name) or f"{name}: accuracy {_higher(over)}{_answers(over)}"


def _name(frames: Frames, family: Family) -> str:
    match family:
        case "pretraining":
            found = sources(frames, [effect for effect in effects_of(frames, family) if effect.found])
            return f"Pretraining on {' or '.join(found)}"
        case "tuning":
            return "Fine-tuning instead of fixed features"
        case "augmentation":
            return "Augmentation"
    return "Other strategies"


def _pooled(over: Overall, name: str) -> str:
    if over.pooled is None or is_mixed(over):
        return ""
    low, high = (100 * bound for bound in (over.pooled.interval.low, over.pooled.interval.high))
    mean, networks = 100 * over.pooled.mean, f"over {over.pooled.n} networks"
    if low <= 0 <= high:
        effect = f"{mean:+z.1f} points [{low:+z.1f}, {high:+z.1f}]"
        return f"{name}: accuracy {_higher(over)}; {networks} {effect}, undecided"
    verb = "adds" if mean > 0 else "costs"
    return f"{name} {verb} {abs(mean):.1f} points {networks} [{low:+z.1f}, {high:+z.1f}], {_higher(over)}"


def is_mixed(over: Overall) -> bool:
    """Whether its treatments are unlike and have no common effect: another head, another recipe."""
    return over.family == "strategy" and over.treatment == ALL


def _higher(over: Overall) -> str:
    return f"higher in {over.higher} of {over.compared} comparison{'' if over.compared == 1 else 's'}"


def _answers(over: Overall) -> str:
    words = [
        f"{answer} in {over.answers[answer]}" for answer in ("helps", "hurts", "undecided") if over.answers[answer]
    ]
    return f" ({', '.join(words)})" if words else ""
