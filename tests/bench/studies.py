"""Lessons as runs keep them, of cells that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.cell import Cell, Learning
from bench.declare.lessons.lesson import Missing, Quoted
from bench.declare.lessons.study import StudiedArm, StudiedHypothesis, Study


def hypothesis_of(cells: Sequence[Cell], **changes: Any) -> StudiedHypothesis:
    """That the second of two cells has more than the first, or what is said instead."""
    usual: dict[str, Any] = {
        "statement": "more is more",
        "arms": tuple(StudiedArm(label=f"arm {i}", cell=cell.arm) for i, cell in enumerate(cells)),
        "statistic": "difference",
        "expected": "more",
        "margin": 0.01,
        "unit": "points",
        "is_exact": False,
        "is_open": all(isinstance(cell.scenario, Learning) for cell in cells),
    }
    return StudiedHypothesis(**{**usual, **changes})


def study_of(cells: Sequence[Cell], name: str = "lesson", **changes: Any) -> Study:
    """A lesson with one hypothesis."""
    return Study(
        name=name,
        title="More is more",
        words="more is more",
        slide="Evolution",
        about="More is compared with less.",
        limits="small data",
        published=(Quoted("more was more", "arXiv:0000.00000"),),
        missing=(Missing("more of everything", "no such data here"),),
        hypotheses=(hypothesis_of(cells, **changes),),
    )
