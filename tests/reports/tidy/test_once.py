"""What several tables and charts ask of a run is worked out once."""

from __future__ import annotations

from reports.tidy.frame import Frames
from reports.tidy.once import once


@once
def names(frames: Frames) -> list[str]:
    return list(frames.architectures["name"])


def test_all_who_ask_of_a_run_are_given_the_same_object(frames: Frames) -> None:
    assert names(frames) is names(frames)


def test_another_run_has_an_answer_of_its_own(frames: Frames) -> None:
    other = frames.changed(architectures=frames.architectures.head(1))
    assert names(frames)[:1] == names(other)
