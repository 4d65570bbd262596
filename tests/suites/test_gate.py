"""The suite that continuous integration watches."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.cell import Learning
from bench.compare.trained import ENOUGH
from bench.declare.catalog import ARCHITECTURES, MEASURES, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting
from bench.declare.learning_axes import LearningAxes
from bench.gate.watch import way_of
from suites.gate import SIDE, gate


@pytest.fixture(autouse=True)
def catalogs() -> None:
    """Architectures and measures are declared."""
    load_catalogs()


def planned(profile: Profile = "default", *chosen: str) -> list[Planned]:
    return list(gate(Setting(profile, "cpu", 1, chosen=chosen)))


@pytest.mark.parametrize("profile", ["smoke", "default", "full"])
def test_every_cell_can_be_compared_in_turn(profile: Profile) -> None:
    cells = [item.cell for item in planned(profile)]
    assert None not in {way_of(MEASURES.get(cell.measure), cell) for cell in cells}


def test_the_default_profile_trains_often_enough_to_tell_how_trainings_differ() -> None:
    trained = Counter(p.cell.architecture for p in planned() if isinstance(p.cell.scenario, Learning))
    assert all(number >= ENOUGH for number in trained.values())


def test_what_the_user_names_is_watched_instead() -> None:
    assert {"lenet5"} == {item.cell.architecture for item in planned("default", "lenet5")}


def test_steps_are_of_small_pictures_but_never_below_what_the_network_takes() -> None:
    sides = {
        item.cell.architecture: item.cell.scenario.resolution
        for item in planned("default", "resnet50", "vit_b_16")
        if item.cell.measure == "latency"
    }
    assert {"resnet50": SIDE, "vit_b_16": ARCHITECTURES.get("vit_b_16").resolution} == sides


def test_counts_are_those_of_the_papers_input() -> None:
    counted = [p.cell.scenario.resolution for p in planned("default", "resnet50") if p.cell.measure == "macs"]
    assert [224] == counted


def test_the_user_says_how_long_and_how_often_is_trained() -> None:
    asked = LearningAxes(steps=300, seeds=2, lr=(0.01,), shots=(20,))
    setting = Setting("default", "cpu", 1, chosen=("lenet5",), learning=asked)
    trained = [item.cell.scenario for item in gate(setting) if isinstance(item.cell.scenario, Learning)]
    assert [(0, 300, 0.01, 20), (1, 300, 0.01, 20)] == [(s.seed, s.steps, s.lr, s.shots) for s in trained]
