"""The table of the quality of trained networks."""

from __future__ import annotations

from pathlib import Path

from reports.tables import load_tables
from tests.reports.trainings import learned


def test_classes_that_are_confused_most_are_named_over_all_trainings(tmp_path: Path) -> None:
    about = {"classes": 3, "whole": True, "names": {"2": "cat"}}
    first = {"right": 80, "confusion": {**about, "entries": [[0, 0, 80], [0, 1, 9], [1, 2, 11]]}}
    second = {"right": 82, "seed": 1, "confusion": {**about, "entries": [[0, 0, 82], [0, 1, 6], [1, 2, 12]]}}
    shown = load_tables().get("quality").formatted(learned(tmp_path / "s.sqlite", (first, second)))
    assert "1 as cat (23), 0 as 1 (15)" == shown["Most confused"][0]
