"""What counting runs on where shapes are not enough, and of what networks it takes the outputs."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.errors import Unsupported
from bench.network.subject import Subject

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "strangers.py")
SMALL = 8 * 32 * 32 * 27 + 8 * 1000
"""Multiply-adds of the small networks: 8 channels of 3x3x3 at 32 x 32 places, 8 to 1000."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is Linux's")
Measured = Callable[..., Samples]


pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.:DeprecationWarning")  # torch's own, as it compiles


@pytest.fixture(scope="module")
def strangers() -> Iterator[None]:
    """The catalogue is declared while this module is tested."""
    load_catalogs()
    items, places, derived = (dict(getattr(ARCHITECTURES, name)) for name in ("_items", "_places", "_derived"))
    load_catalogs([CATALOG])
    yield
    for name, before in (("_items", items), ("_places", places), ("_derived", derived)):
        setattr(ARCHITECTURES, name, before)


@pytest.fixture
def measured(strangers: None, tmp_path: Path) -> Measured:
    """Measures an architecture at its own size."""

    def measure(name: str, architecture: str, mode: str = "infer", resolution: int = 0) -> Samples:
        side = resolution or ARCHITECTURES.get(architecture).resolution
        cell = Cell(architecture, name, Cost(mode=mode, resolution=side, batch=4))  # type: ignore[arg-type]
        shelf = Shelf(tmp_path)
        for artifact in MEASURES.get(name).artifacts(cell):
            PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
        found: Samples = MEASURES.get(name).function(Subject(cell, shelf, lambda _: None), Clock(0))
        return found

    return measure


@pytest.mark.parametrize("side", [28, 512])
def test_a_way_that_depends_on_the_picture_is_that_of_the_scenarios_own(measured: Measured, side: int) -> None:
    # the long way, since noise is bright: 9 and 8 x 9 products for each of 8 channels and places, then 8 to 10
    found = measured("macs", "by_content", resolution=side)
    assert side * side * 8 * 9 + side * side * 8 * 8 * 9 + 80 == found.values[0]
    assert {28: 508_112, 512: 169_869_392}[side] == found.values[0]


@pytest.mark.parametrize("measure", ["macs", "activations"])
def test_the_record_of_a_real_pass_names_its_pictures(measured: Measured, measure: str) -> None:
    assert (
        "standard normal noise, seed 0" == measured(measure, "by_content", resolution=28).details["ran_on_images"]
    )


def test_a_count_from_shapes_alone_names_no_pictures(measured: Measured) -> None:
    assert "ran_on_images" not in measured("macs", "tensor").details


def test_a_network_with_other_classes_than_it_was_asked_for_is_told_beside_its_count(measured: Measured) -> None:
    expected = [
        "the network has 7 scores an image, though 1000 classes were asked for: others are counted with these"
    ]
    assert expected == measured("macs", "seven").details["warnings"]
    assert "warnings" not in measured("macs", "tensor").details


TRUNK = 7 * 7 * 32 * 75 + 32 * 32
"""Multiply-adds of a trunk: 5x5x3 at 7 x 7 places for 32 channels, then 32 to 32."""


def test_a_network_that_takes_two_pictures_at_least_is_counted_with_two(measured: Measured) -> None:
    usual, found = (measured("macs", name).details for name in ("head_first", "by_the_batch"))
    assert TRUNK + 32 * 1000 == sum(found["by_operator"].values()) == found["second_counter"]
    assert 2 == found["counted_pictures"]
    assert "counted_pictures" not in usual
    sizes = [
        {layer["name"]: (layer["macs"], layer["output"]) for layer in details["layers"] if layer["macs"]}
        for details in (usual, found)
    ]
    assert sizes[0] == sizes[1]


def test_activations_of_a_network_that_takes_two_pictures_are_of_one(measured: Measured) -> None:
    found = measured("activations", "by_the_batch")
    assert (7 * 7 * 32 + 32 + 1000, 2) == (found.values[0], found.details["counted_pictures"])


@pytest.mark.parametrize("name", ["zeroed", "zeroed_data"])
def test_a_block_whose_weights_the_builder_zeroed_is_not_counted(measured: Measured, name: str) -> None:
    # a convolution of 3 x 32 x 32 to 1024 at one place, and 1024 to 1000; the block would be 1,048,576 more
    found = measured("macs", name)
    assert 3_145_728 + 1_024_000 == found.values[0]
    assert {"tensors": 2, "elements": 3_145_728 + 1_024_000} == found.details["cheap_weights"]


@pytest.mark.parametrize(
    "name", ["dictionary", "data_class", "named_tuple", "listed", "declared", "unclear", "compiled_in_parts"]
)
def test_the_form_of_the_output_changes_no_count(measured: Measured, name: str) -> None:
    found = measured("macs", name)
    assert (SMALL, SMALL, True) == (
        found.values[0],
        found.details["second_counter"],
        found.details["second_counter_agrees"],
    )


def test_a_network_that_the_builder_compiled_is_counted_under_its_own_names(measured: Measured) -> None:
    found = measured("macs", "compiled")
    # as torchvision states of resnet18, and as it is counted uncompiled
    assert (1_814_073_344, 11_689_512) == (found.values[0], found.details["parameters"])
    assert ["the network itself"] == found.details["uncompiled"]
    assert not any("_orig_mod" in layer["name"] for layer in found.details["layers"])


@pytest.mark.parametrize("name", ["dictionary", "data_class", "named_tuple", "listed", "declared"])
@pytest.mark.parametrize("measure", ["train_step", "predicted_memory"])
def test_the_form_of_the_output_hinders_no_training(measured: Measured, measure: str, name: str) -> None:
    assert measured(measure, name, "train").values[0] > 0


@pytest.mark.parametrize("measure", ["macs", "latency", "predicted_memory"])
def test_a_declared_name_that_the_output_lacks_is_told_before_anything_is_measured(
    measured: Measured, measure: str
) -> None:
    with pytest.raises(
        TypeError, match=r"^`wrongly_declared` \(strangers.py:\d+\) is declared with scores='main'"
    ):
        measured(measure, "wrongly_declared")


@pytest.mark.parametrize("measure", ["macs", "latency", "predicted_memory"])
def test_an_output_without_a_tensor_is_told_before_anything_is_measured(measured: Measured, measure: str) -> None:
    with pytest.raises(TypeError, match="in which there is no tensor"):
        measured(measure, "textual")


def test_a_network_whose_scores_cannot_be_told_does_not_train_on_something_else(measured: Measured) -> None:
    with pytest.raises(TypeError, match="the first of them, 4 x 8, does not hold 1000 scores"):
        measured("train_step", "unclear", "train")


@pytest.mark.parametrize("measure", ["train_step", pytest.param("peak_memory", marks=linux), "predicted_memory"])
@pytest.mark.parametrize(
    ("name", "why"), [("frozen", "all 4 parameters are frozen"), ("prototypes", "the network has no parameters")]
)
def test_what_has_nothing_to_train_is_unsupported_in_words(
    measured: Measured, measure: str, name: str, why: str
) -> None:
    with pytest.raises(Unsupported, match=f"^nothing to train: {why}$"):
        measured(measure, name, "train")


@pytest.mark.parametrize("name", ["frozen", "prototypes"])
def test_what_has_nothing_to_train_infers(measured: Measured, name: str) -> None:
    assert measured("latency", name).values[0] > 0


def test_parameters_of_a_frozen_trunk_are_all_counted(measured: Measured) -> None:
    found = measured("parameters", "frozen_trunk")
    assert (11_689_512, 513_000) == (found.values[0], found.details["trainable"])


def test_a_network_of_buffers_has_no_parameters(measured: Measured) -> None:
    found: Any = measured("parameters", "prototypes")
    assert (0, 192 * 1000) == (found.values[0], found.details["buffers"])
