"""Groups of architectures that a synthetic run declares: a comparison of sides, a sweep of points."""

from __future__ import annotations

from collections.abc import Iterable

from bench.store.database import Declaration
from tests.reports.lineages import Lineage

SWEPT = {"resnet18": 18, "resnet34": 34, "resnet50": 50, "resnet101": 101, "resnet152": 152}
"""Points of a sweep over depth."""


def comparison_of(sides: Iterable[Lineage]) -> Declaration:
    rows = [
        {"architecture": item.name, "label": f"the {item.name} side", "resolution": item.resolution}
        for item in sides
    ]
    content = {"name": "depth", "title": "Depth", "about": "More layers.", "sides": rows}
    return Declaration("comparison", "depth", content)


def sweep_of(points: Iterable[Lineage]) -> Declaration:
    rows = [
        {
            "x": float(SWEPT[item.name]),
            "architecture": item.name,
            "resolution": item.resolution,
            "batch": 1,
            "label": "",
        }
        for item in points
    ]
    content = {
        "name": "layers",
        "title": "Layers of ResNet",
        "about": "More layers.",
        "axis": "depth",
        "unit": "weight layers",
        "points": rows,
    }
    return Declaration("sweep", "layers", content)
