"""The zoo and the blocks: what they plan."""

from __future__ import annotations

import pytest

from bench.declare.catalog import ARCHITECTURES, COMPARISONS, SUITES, load_catalogs
from bench.declare.declarations import Setting
from bench.lazy import lazy
from suites.blocks import sides
from suites.torchvision_builders import builders

models = lazy("torchvision.models")


@pytest.fixture(autouse=True)
def catalogues() -> None:
    load_catalogs()


def test_the_builders_are_those_of_torchvisions_registry() -> None:
    assert set(models.list_models(models)) == set(builders())


@pytest.mark.parametrize("name", list(builders()))
def test_what_is_read_of_the_weights_is_their_metadata(name: str) -> None:
    read = builders()[name].weights
    assert read is not None
    weights = models.get_weight(read.name)
    accuracy = weights.meta["_metrics"]["ImageNet-1K"]
    stated = (weights.transforms.keywords["crop_size"], accuracy["acc@1"], accuracy["acc@5"])
    assert (*stated, weights.meta["num_params"], weights.meta["_ops"]) == (
        read.crop,
        read.top1,
        read.top5,
        read.parameters,
        read.giga_macs,
    )


@pytest.mark.parametrize("name", list(builders()))
def test_the_size_of_the_newest_weights_is_read_too(name: str) -> None:
    newest = models.get_model_weights(name).DEFAULT
    assert newest.transforms.keywords["crop_size"] == builders()[name].newest_crop


@pytest.mark.parametrize("name", list(builders()))
def test_a_builder_of_torchvision_carries_the_counts_that_its_weights_state(name: str) -> None:
    weights = builders()[name].weights
    assert weights is not None
    stated = {(f.quantity, f.value) for f in ARCHITECTURES.get(name).published if f.protocol == "counted"}
    assert {("parameters", weights.parameters), ("macs", round(weights.giga_macs * 1e9))} == stated


@pytest.mark.parametrize("name", list(builders()))
def test_every_builder_has_a_declaration_of_its_own_family(name: str) -> None:
    item = ARCHITECTURES.get(name)
    assert name == item.name
    assert item.year is not None and item.year >= 2012
    assert item.family.lower() != builders()[name].module or item.idea != f"torchvision's {name}."


def test_the_zoo_counts_all_of_torchvision() -> None:
    cells = [planned.cell for planned in SUITES.get("zoo").cells(Setting("default", "cpu", 2))]
    assert set(builders()) == {cell.architecture for cell in cells}
    assert {"parameters", "macs", "activations"} == {cell.measure for cell in cells}


def test_the_full_zoo_is_timed_too() -> None:
    cells = [planned.cell for planned in SUITES.get("zoo").cells(Setting("full", "cpu", 2))]
    assert set(builders()) == {cell.architecture for cell in cells if cell.measure == "latency"}


def test_the_counts_are_of_every_declared_architecture() -> None:
    cells = [planned.cell for planned in SUITES.get("counts").cells(Setting("default", "cpu", 2))]
    assert set(ARCHITECTURES.names()) == {cell.architecture for cell in cells}


def test_every_side_of_the_blocks_is_an_architecture() -> None:
    names = [ARCHITECTURES.get(side.architecture).name for side in sides(COMPARISONS)]
    assert len(names) == len(set(zip(names, [side.resolution for side in sides(COMPARISONS)], strict=True)))


def test_full_blocks_train_plain_and_residual_networks_at_equal_depth() -> None:
    cells = [planned.cell for planned in SUITES.get("blocks").cells(Setting("full", "cpu", 2))]
    trained = {cell.architecture for cell in cells if cell.measure == "top1"}
    assert {"plain18", "resnet18", "plain34", "resnet34"} == trained
