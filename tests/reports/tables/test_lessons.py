"""The tables of lessons."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.store.database import Store
from reports.tables import load_tables
from reports.tidy.frame import Frames, read
from tests.reports.taught import AUGMENTED, PLAIN, WHOLE, write_lessons


@pytest.fixture
def whole(tmp_path: Path) -> Frames:
    """One lesson that has all that a lesson can have."""
    plain = [0.5 + 0.002 * (i % 3) for i in range(8)]
    better = [value + 0.1 + 0.002 * (i % 2) for i, value in enumerate(plain)]
    write_lessons(tmp_path / "s.sqlite", [WHOLE], {PLAIN: plain, AUGMENTED: better})
    with Store.open(tmp_path / "s.sqlite") as store:
        return read(store, "latest")


def row(frames: Frames, name: str, number: int = 0) -> dict[str, str]:
    """A row as people read it."""
    shown = load_tables().get(name).formatted(frames).iloc[number]
    return {str(heading): str(text) for heading, text in shown.items()}


def test_a_lesson_tells_its_words_its_verdict_and_what_it_cannot_show(whole: Frames) -> None:
    told = row(whole, "lessons")
    assert ("Title of few", "confirmed", "“words of few”") == tuple(
        told[name] for name in ("Lesson", "Verdict", "The lecture says")
    )
    assert "It speaks of digits alone." == told["What it cannot show"]
    assert "At full size it gains 3 points (Example 2012, table 1)." == told["Published"]
    assert "32 s" == told["Time"].replace(".0", "")


def test_a_missing_part_is_told_with_its_reason(whole: Frames) -> None:
    assert "It helps on your pictures: not tested, no such data here" in row(whole, "lessons")["Measured"]
    missing = row(whole, "hypotheses", 1)
    assert ("not tested", "no such data here: --target gives them") == (
        missing["Verdict"],
        missing["What is open"],
    )


def test_a_hypothesis_has_its_effect_in_its_unit_with_interval(whole: Frames) -> None:
    told = row(whole, "hypotheses")
    assert ("confirmed", "points", "8", "difference") == tuple(
        told[name] for name in ("Verdict", "Unit", "n", "Statistic")
    )
    assert told["Effect"].startswith("+10.1 [+")


def test_an_arm_has_its_mean_with_interval_and_number(whole: Frames) -> None:
    told = row(whole, "lesson_arms", 1)
    assert ("with", "top1", "8") == (told["Arm"], told["Figure"], told["n"])
    assert told["Mean"].startswith("60.3 % [")


@pytest.mark.parametrize("name", ["lessons", "hypotheses", "lesson_arms"])
def test_a_store_without_lessons_has_empty_tables(frames: Frames, name: str) -> None:
    without = frames.changed(lessons=None)
    assert load_tables().get(name).plain(without).empty
