"""Which backbone for me? Limits narrow the architectures to those that no other beats."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from markupsafe import Markup

from reports.candidates.choice import ACCURACY, BEATEN, RESPECTS, Respect
from reports.candidates.figures import key_of
from reports.candidates.found import Candidate, Field, field_of
from reports.drawing.style import MEASURED, PUBLISHED
from reports.page.section import Page, section
from reports.tidy.frame import SINGLE_CROP


@dataclass(frozen=True)
class LimitField:
    """A field for one limit."""

    respect: Respect
    label: str
    unit: str
    """Unit that people type in."""
    times: float
    over: float
    """The typed number times `times` over `over` is in SI units, an accuracy a share."""
    of: str
    """Words behind the unit in an example: `under 10 M parameters`."""

    def typed(self, value: float) -> float:
        """Number that people type for a value in SI units."""
        return value * self.over / self.times


_TYPED: dict[str, tuple[str, str, float, float, str]] = {
    ACCURACY: ("Accuracy at least", "%", 1, 100, ""),
    "latency": ("Latency at most", "ms", 1, 1000, ""),
    "memory": ("Peak memory at most", "MB", 10**6, 1, " of memory"),
    "parameters": ("Parameters at most", "M", 10**6, 1, " parameters"),
    "macs": ("MACs at most", "G", 10**9, 1, " MACs"),
}
_WEIGHTS = re.compile(r"\b\w+_Weights\.(\w+)")
"""torchvision's names of weights, which repeat that of the architecture."""
_FEWEST = 3
"""Figures of a cost that an example divides, at least."""


@section(title="Which backbone for me?", order=15, part="story")
def recommend(page: Page) -> Markup:
    """Fields for limits, and the answer to them; nothing where the run has no figure to choose by."""
    field = field_of(page.frames)
    keys = {key for items in field.by_kind.values() for item in items for key in item.figures}
    limits = [
        LimitField(respect, *_TYPED[respect.name])
        for respect in RESPECTS
        if any(key.partition("@")[0] == respect.name for key in keys)
    ]
    if not limits:
        return Markup("")
    content = _content(field, limits)
    page.pack("recommend", content)
    return page.render(
        "recommend.html",
        limits=limits,
        field=field,
        accuracy=ACCURACY,
        hosts=max(1, len(page.frames.hosts)),
        asked=_asked(content, field),
    )


def _asked(content: dict[str, Any], field: Field) -> dict[str, float]:
    """Limits until somebody types: the first example of the first kind of accuracy."""
    examples = content["examples"].get(
        f"{field.kinds[0].name if field.kinds else ''} {(*field.devices, '')[0]}", ()
    )
    return {item["name"]: item["typed"] for item in examples[:1]}


def _content(field: Field, limits: list[LimitField]) -> dict[str, Any]:
    """All that the script needs to answer, JSON-plain."""
    return {
        "respects": [asdict(respect) for respect in RESPECTS],
        "fields": {item.respect.name: [item.times, item.over] for item in limits},
        "beaten": BEATEN,
        "device": (*field.devices, "")[0],
        "kind": field.kinds[0].name if field.kinds else "",
        "examples": {
            f"{kind} {device}": _examples(items, device, limits)
            for kind, items in field.by_kind.items()
            for device in field.devices or ("",)
        },
        "kinds": [
            {
                "name": kind.name,
                "title": kind.title,
                "of": "Source" if kind.published else "Training",
                "published": kind.published,
                "symbol": PUBLISHED if kind.published else MEASURED,
            }
            for kind in field.kinds
        ],
        "keys": {
            f"{respect.name} {device}": key_of(respect.name, device)
            for respect in RESPECTS
            for device in field.devices or ("",)
        },
        "candidates": {kind: [_candidate(item) for item in items] for kind, items in field.by_kind.items()},
    }


def _examples(items: Sequence[Candidate], device: str, limits: Sequence[LimitField]) -> list[dict[str, Any]]:
    """Round limits on each cost, about half of the architectures with an accuracy within, and half beyond."""
    found = []
    for limit in limits:
        key = key_of(limit.respect.name, device)
        values = [item.figures[key].value for item in items if {key, ACCURACY} <= item.figures.keys()]
        if limit.respect.name == ACCURACY or len(values) < _FEWEST:
            continue
        typed = rounded(limit.typed(median(values)))
        if typed < limit.typed(max(values)):
            label = f"under {typed:g} {limit.unit}{limit.of}"
            found.append({"name": limit.respect.name, "typed": typed, "label": label})
    return found


def rounded(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten that is not below a value above zero."""
    power = math.floor(math.log10(value))
    return next(float(f"{digit}e{power}") for digit in (1, 2, 5, 10) if float(f"{digit}e{power}") >= value)


def _candidate(item: Candidate) -> dict[str, Any]:
    return {
        "name": item.name,
        "input": f"{item.resolution} px" if item.resolution else "",
        "side": item.resolution,
        "figures": {
            key: [figure.value, figure.text, figure.low, figure.high] for key, figure in item.figures.items()
        },
        "of": _what(item),
        "lacks": dict(item.lacks),
    }


def _what(item: Candidate) -> str:
    """What has the accuracy, without what the kind of accuracy and the column of the input size say."""
    figure = item.figures.get(ACCURACY)
    if figure is None:
        return ""
    said = ("published", "measured", SINGLE_CROP, f"{item.resolution} px")
    return ", ".join(word for word in _WEIGHTS.sub(r"\1", figure.note).split(", ") if word not in said)
