"""The milestones that a run of the lecture's lineage keeps."""

import importlib

import pandas as pd
import pytest

from bench.declare.lessons.milestones import MILESTONES
from bench.run.snapshot import plain
from reports.tidy.frame import Frames

importlib.import_module("suites.milestones")
KEPT = pd.DataFrame([plain(item) for item in MILESTONES])


def without_milestones(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> Frames:
    """The run as if neither it nor a catalogue knew of any."""
    monkeypatch.setattr(MILESTONES, "_items", {})
    return frames.changed(milestones=KEPT.iloc[:0])


def of_the_lecture(frames: Frames) -> Frames:
    """The run as if it had kept all milestones."""
    return frames.changed(milestones=KEPT)
