"""What tables and sentences say of trainings that left chance, stayed at it, or were tested on too few images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.highlights.findings import findings
from reports.learning.scenarios import trainings
from reports.tables import load_tables
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]
SMALL: dict[str, Any] = {"images": 6, "chance": 0.5}


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def started(frames: Frames) -> list[str]:
    return list(load_tables().get("scenarios").formatted(frames)["Started"])


def test_six_right_of_six_are_too_few_to_tell(learn: Learn) -> None:
    assert ["too few to tell"] == started(learn({**SMALL, "right": 6}))


def test_an_older_record_that_says_no_of_six_right_of_six_is_read_by_the_rule_of_today(learn: Learn) -> None:
    assert ["too few to tell"] == started(learn({**SMALL, "right": 6, "started": False}))


def test_a_record_that_does_not_know_chance_is_read_as_it_says(learn: Learn) -> None:
    frames = learn({"right": 6, "chance": None, "started": False})
    assert ["did not start"] == list(trainings(frames)["start"])


def test_twelve_right_of_twelve_have_started(learn: Learn) -> None:
    assert ["yes"] == started(learn({"images": 12, "chance": 0.5, "right": 12}))


def test_of_trainings_that_differ_it_says_how_many_have_started(learn: Learn) -> None:
    frames = learn({"right": 80, "seed": 0}, {"right": 10, "seed": 1}, {"right": 11, "seed": 2})
    assert ["1 of 3"] == started(frames)


def test_where_one_of_those_that_have_not_started_has_too_few_images_all_have(learn: Learn) -> None:
    frames = learn({"right": 10, "seed": 0}, {**SMALL, "right": 3, "seed": 1})
    assert ["too few to tell"] == started(frames)


def test_many_trainings_together_may_tell_what_none_does_alone(learn: Learn) -> None:
    frames = learn(*({**SMALL, "right": 5 + seed % 2, "seed": seed} for seed in range(10)))
    assert ["yes"] == started(frames)


def test_sentences_tell_trainings_at_chance_from_those_of_too_few_images(learn: Learn) -> None:
    frames = learn({"right": 10}, {**SMALL, "right": 6, "mode": "scratch", "weights": "random"})
    said = [found.text for found in findings(frames) if "trainings" in found.text]
    assert [
        "1 of 2 trainings did not start (they stayed at chance): lenet5.",
        "1 of 2 trainings have too few test images to tell whether they started: lenet5.",
    ] == said
