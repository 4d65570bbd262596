"""The recommended backbone of a run in one sentence, with the command that says more."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from reports.candidates.choice import ACCURACY, answer
from reports.candidates.figures import Kind, key_of
from reports.candidates.found import Candidate, field_of
from reports.tidy.frame import Frames

SOON = 0.05
"""Seconds of one inference, at most: what people ask for who name no images of their own."""


def backbone(frames: Frames) -> str:
    """The most accurate architecture on the images that the run was made for, else of the published ones.

    Of published accuracies the most accurate that takes no longer than `SOON` on the first device. Empty where no
    architecture has both figures, or none was trained.
    """
    field, target = field_of(frames), frames.run.settings.get("target")
    device = next(iter(field.devices), "")
    asked = [kind for kind in field.kinds if kind.published != bool(target)]
    if not asked or not (device or target):
        return ""
    kind = asked[0]
    limits = {} if target else {"latency": SOON}
    chosen = answer(field.options(kind.name, device), limits).chosen
    best = {item.name: item for item in field.by_kind[kind.name]}[chosen[0]] if chosen else None
    return _told(best, kind, device, limits) if best else ""


def _told(best: Candidate, kind: Kind, device: str, limits: Mapping[str, float]) -> str:
    accuracy, latency = best.figures[ACCURACY], best.figures.get(key_of("latency", device))
    figures = [figure.text.partition(" [")[0] for figure in (accuracy, latency) if figure]
    size = f" at {best.resolution} px" if best.resolution else ""
    asked, option = f"the most accurate on {kind.name}", ("--target", kind.target)
    if limits:
        asked, option = "published accuracy, under 50 ms here", ("--max-latency", "50ms")
    command = shlex.join(["evobench", "recommend", *option])
    return f"Which backbone? {best.name} ({asked}): {', '.join(figures)}{size}. More: {command}"
