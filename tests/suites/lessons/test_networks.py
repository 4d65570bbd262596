"""The lessons on networks: what is compared differs in what the lesson says, and in nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import torch

import suites
from bench.cell import Cost, Learning
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import Profile
from bench.declare.lessons.lesson import LESSONS, Arm, Hypothesis
from bench.declare.loading.discovery import load_catalogs
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from evobench import Setting

NAMES = (
    "residual_connection",
    "bottleneck",
    "bottleneck_accuracy",
    "cardinality",
    "inception",
    "compound_scaling",
    "position_embeddings",
    "relative_positions",
    "shifted_windows",
    "deformable_patches",
    "alexnet_quick",
    "evolution",
)
TRAININGS = ("residual_connection", "bottleneck_accuracy", "cardinality", "compound_scaling", "evolution")


@pytest.fixture(scope="module", autouse=True)
def catalogs() -> None:
    load_catalogs()


def asked(name: str, profile: Profile = "default") -> list[Hypothesis]:
    found = LESSONS.get(name).asks(Setting(profile=profile, device="cpu", threads=2))
    return [item for item in found if isinstance(item, Hypothesis)]


def arms(name: str, profile: Profile = "default") -> list[Arm]:
    return list(dict.fromkeys(arm for item in asked(name, profile) for arm in item.arms))


def parameters(arm: Arm) -> int:
    with torch.device("meta"):
        return count_parameters(ARCHITECTURES.get(arm.planned.cell.architecture).build(10)).total


def macs(arm: Arm) -> int:
    cell = arm.planned.cell
    item, side = ARCHITECTURES.get(cell.architecture), cell.scenario.resolution
    return count_macs(build_untouched(item.build, 10), torch.empty(1, item.channels, side, side)).total


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", ["smoke", "default", "full"])
def test_all_arms_are_of_declared_networks_and_measures(name: str, profile: Profile) -> None:
    cells = [arm.planned.cell for arm in arms(name, profile)]
    assert cells
    for cell in cells:
        assert ARCHITECTURES.get(cell.architecture).min_resolution <= cell.scenario.resolution
        assert MEASURES.get(cell.measure).kind == cell.scenario.kind


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_states_the_lectures_words_on_a_slide_that_there_is(name: str) -> None:
    claims = tomllib.loads((Path(suites.__file__).parent / "claims.toml").read_text(encoding="utf-8"))
    assert LESSONS.get(name).slide in {item["title"] for item in claims["slide"]}


@pytest.mark.parametrize("name", NAMES)
def test_one_to_three_hypotheses_decide_a_lesson_by_default(name: str) -> None:
    assert len(asked(name)) in (1, 2, 3)


@pytest.mark.parametrize("name", TRAININGS)
def test_trainings_of_a_lesson_differ_in_network_and_pixels_alone(name: str) -> None:
    """AlexNet's learning rate and the channels of LeNet's pictures apart, which are the networks'."""
    wheres = {
        (where.target, where.shots, where.steps, where.batch, where.mode) for where in map(_learning, arms(name))
    }
    assert len(wheres) == 1


def _learning(arm: Arm) -> Learning:
    where = arm.planned.cell.scenario
    assert isinstance(where, Learning)
    return where


def test_shortcuts_have_no_parameters() -> None:
    plain, plainer, residual, deeper = asked("residual_connection")[2].arms
    assert (parameters(plain), parameters(plainer)) == (parameters(residual), parameters(deeper))


@pytest.mark.parametrize(
    ("name", "within"), [("bottleneck_accuracy", 0.03), ("cardinality", 0.03), ("compound_scaling", 0.05)]
)
def test_what_is_compared_at_equal_cost_takes_equal_multiply_adds(name: str, within: float) -> None:
    first, *others = (macs(arm) for arm in arms(name))
    assert [pytest.approx(first, rel=2 * within)] * len(others) == others


def test_compound_scaling_is_more_than_one_dimension() -> None:
    alone, together = asked("compound_scaling")[0].arms
    assert alone.planned.cell.architecture != together.planned.cell.architecture
    assert _learning(alone).resolution < _learning(together).resolution


def test_the_arms_of_a_trend_are_in_the_order_of_their_paths() -> None:
    (item,) = asked("cardinality")
    assert ["1 path", "2 paths", "4 paths", "8 paths"] == [arm.label for arm in item.arms]


def test_the_lineage_is_in_the_order_of_its_years() -> None:
    trend = next(item for item in asked("evolution", "full") if item.statistic == "rank")
    years = [ARCHITECTURES.get(arm.planned.cell.architecture).year or 0 for arm in trend.arms]
    assert sorted(set(years)) == years


@pytest.mark.parametrize("profile", ["default", "full"])
def test_trainings_for_a_time_have_a_number_of_seeds_that_is_fixed(profile: Profile) -> None:
    timed = [
        item for name in ("alexnet_quick", "evolution") for item in asked(name, profile) if _is_for_a_time(item)
    ]
    assert timed
    assert [item.seeds for item in timed if item.seeds is None or item.is_open] == []


def _is_for_a_time(item: Hypothesis) -> bool:
    wheres = [arm.planned.cell.scenario for arm in item.arms]
    return all(isinstance(where, Learning) and where.duration for where in wheres)


def test_what_alexnet_is_compared_with_by_time_is_trained_once_for_both_lessons() -> None:
    own = {arm for item in asked("alexnet_quick", "full") if _is_for_a_time(item) for arm in item.arms}
    assert own <= set(arms("evolution", "full"))


def test_training_steps_are_timed_at_equal_pixels_and_pictures() -> None:
    wheres = {arm.planned.cell.scenario for arm in asked("alexnet_quick")[0].arms}
    assert len(wheres) == 1
    assert all(isinstance(where, Cost) and where.mode == "train" for where in wheres)
