"""At which input sizes the suites plan costs: those of the accuracies beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.cell import Cost, Learning
from bench.declare.catalog import ARCHITECTURES, MEASURES, SUITES, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting
from bench.declare.learning_axes import LearningAxes
from bench.lazy import lazy
from bench.run.axes import Axes, multiplied
from suites.torchvision_builders import builders

models = lazy("torchvision.models")
load_catalogs()
PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")
TRAINED = ("transfer", "digits", "augmentations", "quadrants")
ONE = {"macs", "latency", "peak_memory"}


def planned(suite: str, profile: Profile = "default", learning: LearningAxes | None = None) -> list[Planned]:
    setting = Setting(profile, "cpu", 2)
    return list(SUITES.get(suite).cells(replace(setting, learning=learning) if learning else setting))


def sizes(cells: list[Planned], measure: str) -> set[tuple[str, int]]:
    return {(p.cell.architecture, p.cell.scenario.resolution) for p in cells if p.cell.measure == measure}


@pytest.mark.parametrize("name", list(builders()))
def test_an_error_of_torchvision_is_of_the_size_that_its_weights_are_evaluated_at(name: str) -> None:
    item = ARCHITECTURES.get(name)
    stated = {f.source: f.resolution for f in item.published if f.source.startswith("torchvision ")}
    crops = {source: _crop(source.removeprefix("torchvision ").partition(" (")[0]) for source in stated}
    errors = [f for f in item.published if f.source in stated and f.quantity.endswith("_error")]
    assert {"top1_error", "top5_error"} == {figure.quantity for figure in errors}
    assert [crops[figure.source] for figure in errors] == [figure.resolution for figure in errors]


def _crop(weights: str) -> int:
    (side,) = models.get_weight(weights).transforms().crop_size
    return int(side)


@pytest.mark.parametrize("suite", TRAINED)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_trained_is_counted_and_measured_at_its_size(suite: str, profile: Profile) -> None:
    cells = planned(suite, profile)
    trained = sizes(cells, "top1")
    assert dict.fromkeys(ONE, trained) == {measure: sizes(cells, measure) for measure in ONE}


def test_trainings_under_the_users_conditions_have_their_costs_too() -> None:
    cells = planned("transfer", learning=LearningAxes(mode=("scratch",), resolution=(32, 64)))
    assert {("resnet18", 32), ("resnet18", 64)} <= sizes(cells, "latency")


def test_full_blocks_cost_what_they_cost_at_the_size_of_their_training() -> None:
    cells = planned("blocks", "full")
    assert sizes(cells, "top1") <= sizes(cells, "macs") & sizes(cells, "latency") & sizes(cells, "peak_memory")


@pytest.mark.parametrize("suite", ["evolution", "zoo", "counts"])
def test_multiply_adds_are_counted_at_the_size_of_the_published_error_too(suite: str) -> None:
    cells = planned(suite)
    assert {260, 288} == {side for name, side in sizes(cells, "macs") if name == "efficientnet_b2"}


@pytest.mark.parametrize(("suite", "profile"), [("evolution", "default"), ("zoo", "full")])
def test_what_is_timed_at_the_papers_size_is_timed_at_the_weights_own(suite: str, profile: Profile) -> None:
    cells = planned(suite, profile)
    for measure in ("latency", "peak_memory"):
        assert {260, 288} == {side for name, side in sizes(cells, measure) if name == "efficientnet_b2"}


def test_lists_of_conditions_leave_the_costs_beside_trainings_as_they_are() -> None:
    cells = planned("transfer")
    varied = list(multiplied(cells, Axes(precision=("fp32", "bf16"), batch=(1, 8))))
    assert [p.cell.key for p in cells] == [p.cell.key for p in varied]


def test_costs_beside_trainings_are_of_one_picture_under_plain_conditions() -> None:
    costs = [p.cell for p in planned("transfer") if not isinstance(p.cell.scenario, Learning)]
    plain = {Cost(mode="infer", resolution=cell.scenario.resolution, threads=2) for cell in costs}
    assert plain == {cell.scenario for cell in costs}
    assert {"parameters", *ONE} == {MEASURES.get(cell.measure).name for cell in costs}
