"""Weights in the user's own file: what is looked at before anything runs, what is loaded, and what fits."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bench.cell import Cell, Learning
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.loading.discovery import load_catalogs
from bench.declare.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from bench.errors import UsageError
from bench.learning.artifacts import needs_of
from bench.learning.data.images import Normalisation, Stored
from bench.learning.weights.files import check_weights_file, forget_digests, weights_digest
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import (
    Initial,
    Origin,
    checkpoint_content,
    initial_model,
    random_model,
)
from bench.learning.weights.states import read_state
from bench.run.kept import cell_code

SavedAs = Callable[[Any], Path]


class Evil:
    """An object whose pickle runs a command when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


@pytest.fixture
def lenet() -> Architecture:
    load_catalogs()
    return ARCHITECTURES.get("lenet5")


@pytest.fixture
def saved(tmp_path: Path) -> SavedAs:
    def save(content: Any) -> Path:
        path = tmp_path / "weights.pt"
        torch.save(content, path)
        return path

    return save


def state_of(architecture: Architecture, classes: int = 10) -> dict[str, torch.Tensor]:
    return dict(random_model(architecture, classes, seed=7).state_dict())


def started(architecture: Architecture, path: Path, classes: int = 10) -> Initial:
    pixels = torch.full((6, 1, 8, 8), 51, dtype=torch.uint8)
    pixels[:, :, :4] = 153
    stored = Stored(pixels, torch.arange(6), torch.zeros(6, dtype=torch.int64), torch.arange(6))
    weights = f"file:{path}"
    forget_preprocessing()
    origin = Origin(architecture, weights, 0, preprocessing_of(architecture, weights))
    return initial_model(origin, stored, classes, Shelf(path.parent))


def cell_of(path: Path, mode: str) -> Cell:
    scenario = Learning(
        weights=f"file:{path}",
        target="uci-digits",
        mode=mode,
        augmentation="none",
        resolution=32,
        shots=5,
        steps=1,
        batch=4,
        lr=0.1,
    )
    return Cell("lenet5", "top1", scenario)


class TestBeforeAnythingRuns:
    @pytest.mark.parametrize("archive", [True, False])
    @pytest.mark.parametrize("protocol", [2, 4])
    def test_a_pickle_that_would_run_a_command_is_refused_in_one_line_that_names_it(
        self, tmp_path: Path, archive: bool, protocol: int
    ) -> None:
        path, mark = tmp_path / "evil.pt", tmp_path / "owned"
        torch.save({"w": Evil(mark)}, path, pickle_protocol=protocol, _use_new_zipfile_serialization=archive)
        with pytest.raises(UsageError, match=rf"would run {os.system.__module__}\.system") as refused:
            check_weights_file(f"file:{path}")
        assert (1, False) == (len(str(refused.value).splitlines()), mark.exists())

    def test_a_whole_model_is_refused_with_what_to_save_instead(self, saved: SavedAs) -> None:
        with pytest.raises(UsageError, match=r"linear\.Linear; save the state dict alone"):
            check_weights_file(f"file:{saved(nn.Linear(2, 2))}")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "was not written by torch.save, or is cut off"),
            (b"no weights at all", "was not written by torch.save, or is cut off"),
            (pickle.dumps({"w": 1}), "was not written by torch.save"),
        ],
    )
    def test_a_file_of_another_kind_is_refused(self, tmp_path: Path, content: bytes, said: str) -> None:
        path = tmp_path / "weights.pt"
        path.write_bytes(content)
        with pytest.raises(UsageError, match=said):
            check_weights_file(f"file:{path}")

    def test_a_file_of_safetensors_that_is_cut_off_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "weights.safetensors"
        save_file({"w": torch.zeros(4)}, path)
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(UsageError, match="it is cut off"):
            check_weights_file(f"file:{path}")

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"there is no file '.*nowhere\.pt'"):
            check_weights_file(f"file:{tmp_path / 'nowhere.pt'}")

    @pytest.mark.parametrize("archive", [True, False])
    def test_a_checkpoint_of_a_training_is_accepted(self, tmp_path: Path, archive: bool) -> None:
        model, path = nn.Linear(2, 2), tmp_path / "last.pt"
        content = {"state_dict": OrderedDict(model.state_dict()), "epoch": 3, "best": 0.5}
        torch.save(content, path, _use_new_zipfile_serialization=archive)
        check_weights_file(f"file:{path}")

    def test_weights_that_are_no_file_are_not_looked_for(self) -> None:
        check_weights_file("imagenet")


class TestIdentity:
    def test_other_content_has_another_digest(self, saved: SavedAs) -> None:
        first = weights_digest(f"file:{saved({'w': torch.zeros(3)})}")
        forget_digests()
        second = weights_digest(f"file:{saved({'w': torch.ones(300)})}")
        assert (64, True) == (len(first), first != second)

    @pytest.mark.parametrize("mode", ["finetune:all", "features+svm"])
    def test_a_kept_figure_does_not_stand_for_other_content(
        self, lenet: Architecture, saved: SavedAs, mode: str
    ) -> None:
        cell = cell_of(saved(state_of(lenet)), mode)
        first = cell_code(cell)
        saved({"state_dict": state_of(lenet)})
        forget_digests()
        assert first != cell_code(cell)

    def test_features_of_other_content_are_others(self, lenet: Architecture, saved: SavedAs) -> None:
        cell = cell_of(saved(state_of(lenet)), "features+svm")
        first = needs_of(cell).features
        saved({"state_dict": state_of(lenet)})
        forget_digests()
        assert first != needs_of(cell).features

    def test_weights_that_are_no_file_have_none(self) -> None:
        assert "" == weights_digest("pretrain:mnist5k")

    def test_a_file_that_is_gone_is_one_clear_line(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            weights_digest(f"file:{tmp_path / 'gone.pt'}")


class TestReading:
    def test_a_pickle_that_would_run_a_command_does_not_run_it(self, tmp_path: Path) -> None:
        path, mark = tmp_path / "evil.pt", tmp_path / "owned"
        torch.save({"w": Evil(mark)}, path)
        with pytest.raises(ValueError, match="holds more than tensors") as refused:
            read_state(path, ())
        assert (1, False) == (len(str(refused.value).splitlines()), mark.exists())

    @pytest.mark.parametrize("wrapper", ["state_dict", "model"])
    def test_what_a_training_wraps_around_is_taken_off_and_told(self, saved: SavedAs, wrapper: str) -> None:
        state = read_state(saved({wrapper: {"module.w": torch.zeros(1)}, "epoch": 3}), ("w",))
        assert (["w"], (wrapper, "module.")) == (list(state.tensors), state.stripped)

    def test_a_prefix_that_belongs_to_the_model_stays(self, saved: SavedAs) -> None:
        state = read_state(saved({"module.w": torch.zeros(1)}), ("module.w",))
        assert (["module.w"], ()) == (list(state.tensors), state.stripped)

    def test_safetensors_are_read(self, tmp_path: Path) -> None:
        save_file({"w": torch.ones(2)}, tmp_path / "weights.safetensors")
        assert torch.ones(2).equal(read_state(tmp_path / "weights.safetensors", ("w",)).tensors["w"])

    def test_a_file_without_tensors_is_no_state_dict(self, saved: SavedAs) -> None:
        with pytest.raises(ValueError, match="holds no tensors by name"):
            read_state(saved({"epoch": 3}), ())


class TestFitting:
    def test_the_model_has_the_weights_of_the_file(self, lenet: Architecture, saved: SavedAs) -> None:
        state = state_of(lenet)
        model = started(lenet, saved(state)).model
        assert all(tensor.equal(state[name]) for name, tensor in model.state_dict().items())

    def test_the_number_of_classes_is_found_from_the_file(self, lenet: Architecture, saved: SavedAs) -> None:
        initial = started(lenet, saved(state_of(lenet, classes=37)), classes=10)
        assert (37, 37) == (initial.notes["classes"], initial.model.get_parameter("output.bias").numel())

    def test_what_did_not_fit_is_told_by_number_and_first_names(self, lenet: Architecture, saved: SavedAs) -> None:
        state = state_of(lenet)
        del state["c1.bias"]
        state |= {"extra": torch.zeros(1), "f6.bias": torch.zeros(3)}
        notes = started(lenet, saved(state)).notes
        expected = [{"count": 1, "first": [name]} for name in ("c1.bias", "extra", "f6.bias")]
        assert expected == [notes[name] for name in ("missing", "unexpected", "other_shape")]

    def test_what_the_file_lacks_is_initialised_as_the_architecture_does(
        self, lenet: Architecture, saved: SavedAs
    ) -> None:
        state = state_of(lenet)
        del state["c1.weight"]
        model = started(lenet, saved(state)).model
        own = random_model(lenet, 10, seed=0).get_parameter("c1.weight")
        assert own.equal(model.get_parameter("c1.weight"))

    def test_a_file_of_another_head_alone_fits(self, lenet: Architecture, saved: SavedAs) -> None:
        state = {name: tensor for name, tensor in state_of(lenet).items() if not name.startswith("output")}
        assert 1.0 == started(lenet, saved(state)).notes["share"]

    def test_a_file_of_another_architecture_is_an_error_with_its_share(
        self, lenet: Architecture, saved: SavedAs
    ) -> None:
        state = {name: tensor for name, tensor in state_of(lenet).items() if not name.startswith("c5")}
        with pytest.raises(UsageError, match=r"has \d+\.\d% of the parameters of lenet5 .* lacks c5\.weight"):
            started(lenet, saved(state))

    def test_auxiliary_heads_may_be_missing(self, saved: SavedAs) -> None:
        load_catalogs()
        resnet = replace(ARCHITECTURES.get("resnet18"), auxiliary=("layer4",))
        state = {name: t for name, t in state_of(resnet).items() if not name.startswith("layer4")}
        assert 1.0 == started(resnet, saved(state)).notes["share"]


class TestNormalisation:
    def test_colour_files_are_taken_for_torchvisions(self, saved: SavedAs) -> None:
        load_catalogs()
        resnet = ARCHITECTURES.get("resnet18")
        expected = Normalisation(IMAGENET_MEAN, IMAGENET_STD)
        assert expected == started(resnet, saved(state_of(resnet))).normalisation

    def test_one_channel_is_normalised_by_the_targets_own_pixels(
        self, lenet: Architecture, saved: SavedAs
    ) -> None:
        assert (0.4,) == pytest.approx(started(lenet, saved(state_of(lenet))).normalisation.mean)

    def test_a_checkpoint_of_our_own_carries_its_own(self, lenet: Architecture, saved: SavedAs) -> None:
        own = Normalisation((0.25,), (0.125,))
        content = checkpoint_content(random_model(lenet, 10, seed=7), own, {})
        assert own == started(lenet, saved(content)).normalisation
