"""Which backbone for me? Limits narrow the architectures to those that no other beats."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from reports.candidates.choice import ACCURACY, BEATEN, RESPECTS, Respect
from reports.candidates.figures import key_of
from reports.candidates.found import Candidate, Field, field_of
from reports.drawing.style import MEASURED, PUBLISHED
from reports.page.section import Page, section


@dataclass(frozen=True)
class Limit:
    """A field for one limit."""

    respect: Respect
    label: str
    unit: str
    """What people type in."""
    times: float
    over: float
    """The typed number times `times` over `over` is in SI units, an accuracy a share."""


_TYPED = {
    ACCURACY: ("Accuracy at least", "%", 1, 100),
    "latency": ("Latency at most", "ms", 1, 1000),
    "memory": ("Peak memory at most", "MB", 10**6, 1),
    "parameters": ("Parameters at most", "M", 10**6, 1),
    "macs": ("MACs at most", "G", 10**9, 1),
}


@section(title="Which backbone for me?", order=15, part="story")
def recommend(page: Page) -> Markup:
    """Fields for limits, and the answer to them; nothing where the run has no figure to choose by."""
    field = field_of(page.frames)
    keys = {key for items in field.by_kind.values() for item in items for key in item.figures}
    limits = [
        Limit(respect, *_TYPED[respect.name])
        for respect in RESPECTS
        if any(key.partition("@")[0] == respect.name for key in keys)
    ]
    if not limits:
        return Markup("")
    page.pack("recommend", _content(field, limits))
    return page.render(
        "recommend.html", limits=limits, field=field, accuracy=ACCURACY, hosts=max(1, len(page.frames.hosts))
    )


def _content(field: Field, limits: list[Limit]) -> dict[str, Any]:
    """All that the script needs to answer, JSON-plain."""
    return {
        "respects": [asdict(respect) for respect in RESPECTS],
        "fields": {item.respect.name: [item.times, item.over] for item in limits},
        "beaten": BEATEN,
        "kinds": [
            {"name": kind.name, "title": kind.title, "symbol": PUBLISHED if kind.published else MEASURED}
            for kind in field.kinds
        ],
        "keys": {
            f"{respect.name} {device}": key_of(respect.name, device)
            for respect in RESPECTS
            for device in field.devices or ("",)
        },
        "candidates": {kind: [_candidate(item) for item in items] for kind, items in field.by_kind.items()},
    }


def _candidate(item: Candidate) -> dict[str, Any]:
    return {
        "name": item.name,
        "input": f"{item.resolution} px" if item.resolution else "",
        "figures": {key: [figure.value, figure.text, figure.note] for key, figure in item.figures.items()},
        "lacks": dict(item.lacks),
    }
