"""A user's file in the model that it is for: which weights the model then has, and what a record tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file, save_model
from torch import nn
from torch.optim.swa_utils import AveragedModel

from bench.declare.catalog import ARCHITECTURES
from bench.declare.loading.discovery import load_catalogs
from bench.declare.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from bench.learning.data.images import Normalisation
from bench.learning.weights.sources import checkpoint_content, random_model
from tests.bench.learning.weights import tiny
from tests.bench.learning.weights.tiny import Net, architecture_of, notes_of, saved, started, state_of


def loaded(path: Path, mark: str = "", build: Callable[[int], nn.Module] = Net, classes: int = 10) -> tiny.State:
    """What is in the model that learning would begin from."""
    return started(architecture_of(build), path, mark, classes).model.state_dict()


def same(first: tiny.State, second: tiny.State) -> bool:
    return first.keys() == second.keys() and all(tensor.equal(second[name]) for name, tensor in first.items())


class TestWhole:
    def test_the_model_has_the_weights_of_the_file(self, tmp_path: Path) -> None:
        state = state_of()
        assert same(state, loaded(saved(state, tmp_path)))

    @pytest.mark.parametrize("wrap", [nn.DataParallel, AveragedModel])
    def test_a_wrapped_model_is_the_model(self, tmp_path: Path, wrap: Callable[[nn.Module], Any]) -> None:
        state = state_of()
        model = Net(10)
        model.load_state_dict(state)
        assert same(state, loaded(saved(wrap(model).state_dict(), tmp_path)))

    def test_a_model_of_which_a_part_was_wrapped_is_the_model(self, tmp_path: Path) -> None:
        state = state_of()
        model = Net(10)
        model.load_state_dict(state)
        model.features = nn.DataParallel(model.features)  # type: ignore[assignment]
        path = saved(model.state_dict(), tmp_path)
        assert (True, 1.0) == (same(state, loaded(path)), notes_of(path)["share"])

    def test_tied_layers_of_safetensors_are_both_there(self, tmp_path: Path) -> None:
        model = tiny.Tied(10)
        save_model(model, str(tmp_path / "tied.safetensors"))
        assert same(model.state_dict(), loaded(tmp_path / "tied.safetensors", build=tiny.Tied))

    def test_a_tied_layer_needs_one_of_its_names(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of(tiny.Tied).items() if not name.startswith("neck")}
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, tmp_path / "t.safetensors")
        assert 1.0 == notes_of(tmp_path / "t.safetensors", build=tiny.Tied)["share"]

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
    def test_other_formats_of_numbers_are_taken_as_the_models_and_told(
        self, tmp_path: Path, dtype: torch.dtype
    ) -> None:
        state = {name: t.to(dtype) if t.is_floating_point() else t for name, t in state_of().items()}
        path, name = saved(state, tmp_path), str(dtype).removeprefix("torch.")
        expected = {key: t.float() if t.is_floating_point() else t for key, t in state.items()}
        assert same(expected, loaded(path))
        assert ([name], [f"weights in {name} are used as float32"]) == (
            notes_of(path)["converted"],
            notes_of(path)["warnings"],
        )

    def test_statistics_of_a_file_before_their_number_was_counted_are_whole(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of().items() if "num_batches" not in name}
        assert 1.0 == notes_of(saved(dict(state), tmp_path))["share"]

    def test_what_of_each_part_fits_is_told(self, tmp_path: Path) -> None:
        notes = notes_of(saved(state_of(), tmp_path))
        assert ("2 of 2 parts whole", {"features": 1.0, "neck": 1.0}) == (notes["fits"], notes["parts"])

    def test_a_tensor_beside_the_model_is_named_as_unused(self, tmp_path: Path) -> None:
        state = {**tiny.prefixed(state_of(), "model."), "criterion.pos_weight": torch.ones(1)}
        notes = notes_of(saved({"state_dict": state}, tmp_path))
        said = "of the tensors in 'weights.pt' these are not used: criterion.pos_weight"
        assert (1.0, [said]) == (notes["share"], notes["warnings"])


class TestStates:
    @pytest.mark.parametrize(("mark", "seed"), [("", 1), ("#model", 1), ("#model_ema", 2)])
    def test_the_mark_behind_the_path_chooses(self, tmp_path: Path, mark: str, seed: int) -> None:
        ema = {"n_averaged": torch.tensor(1), **tiny.prefixed(state_of(seed=2), "module.")}
        path = saved({"model": state_of(seed=1), "model_ema": ema}, tmp_path)
        assert same(state_of(seed=seed), loaded(path, mark))

    def test_which_one_is_taken_unasked_is_said_with_the_way_to_the_other(self, tmp_path: Path) -> None:
        notes = notes_of(saved({"model": state_of(), "model_ema": state_of()}, tmp_path))
        said = "of the states in 'weights.pt' 'model' is used; end the path with #model_ema for that one"
        assert ("model", ["model_ema"], [said]) == (notes["state"], notes["others"], notes["warnings"])

    def test_nothing_is_said_where_the_user_chose(self, tmp_path: Path) -> None:
        path = saved({"model": state_of(), "model_ema": state_of()}, tmp_path)
        notes = notes_of(path, "#model_ema")
        assert ("model_ema", False) == (notes["state"], "warnings" in notes)


class TestClasses:
    def test_the_number_of_classes_is_the_files(self, tmp_path: Path) -> None:
        state = state_of(classes=37)
        path = saved(state, tmp_path)
        assert (37, True) == (notes_of(path)["classes"], same(state, loaded(path)))

    def test_every_head_has_as_many(self, tmp_path: Path) -> None:
        state = state_of(tiny.TwoHeads, classes=37)
        assert same(state, loaded(saved(state, tmp_path), build=tiny.TwoHeads))

    def test_a_file_without_its_head_fits(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of().items() if not name.startswith("fc")}
        path = saved(state, tmp_path)
        own = random_model(architecture_of(), 10, seed=0).get_parameter("fc.weight")
        assert (1.0, True) == (notes_of(path)["share"], own.equal(loaded(path)["fc.weight"]))

    def test_a_head_of_a_file_lies_under_a_prefix_of_its_own(self, tmp_path: Path) -> None:
        state = state_of(classes=37)
        head = {f"head.{name}": tensor for name, tensor in state.items() if name.startswith("fc")}
        trunk = {f"backbone.{name}": tensor for name, tensor in state.items() if not name.startswith("fc")}
        assert same(state, loaded(saved({"state_dict": {**trunk, **head}}, tmp_path)))

    def test_auxiliary_heads_may_be_missing(self, tmp_path: Path) -> None:
        architecture = replace(architecture_of(), auxiliary=("neck",))
        state = {name: tensor for name, tensor in state_of().items() if not name.startswith("neck")}
        assert 1.0 == started(architecture, saved(state, tmp_path)).notes["share"]


class TestRefused:
    """One line that names what does not fit, unless a partial file is allowed."""

    def refused(self, path: Path, said: str) -> None:
        with pytest.raises(ValueError, match=said) as error:
            notes_of(path)
        assert 1 == len(str(error.value).splitlines())

    def without(self, *ends: str) -> tiny.State:
        return {name: tensor for name, tensor in state_of().items() if not name.endswith(ends)}

    def test_a_part_without_weights(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of().items() if not name.startswith("features")}
        self.refused(saved(state, tmp_path), r"does not fit tiny: .*; nothing for features; --partial begins with")

    def test_a_layer_of_another_shape(self, tmp_path: Path) -> None:
        state = {**state_of(), "features.3.bias": torch.zeros(5)}
        self.refused(saved(state, tmp_path), r"another shape of features\.3\.bias \(5, not 3\); --partial")

    def test_missing_statistics(self, tmp_path: Path) -> None:
        path = saved(self.without("running_mean", "running_var"), tmp_path)
        self.refused(path, r"no features\.1\.running_mean, features\.1\.running_var; --partial")

    def test_a_single_missing_weight(self, tmp_path: Path) -> None:
        self.refused(saved(self.without("features.0.weight"), tmp_path), r"no features\.0\.weight; --partial")

    def test_layers_between_those_of_the_model(self, tmp_path: Path) -> None:
        state = {**state_of(), "features.5.weight": torch.zeros(1), "features.5.bias": torch.zeros(1)}
        self.refused(saved(state, tmp_path), r"layers between its own \(features\.5\.weight, features\.5\.bias\)")

    def test_another_network(self, tmp_path: Path) -> None:
        self.refused(saved({"trunk.0.weight": torch.zeros(1)}, tmp_path), "is of another network: .* trunk")

    def test_whole_numbers_in_the_place_of_weights(self, tmp_path: Path) -> None:
        state = {**state_of(), "neck.weight": torch.zeros(4, 3, dtype=torch.int8)}
        self.refused(saved(state, tmp_path), r"neck\.weight \(int8, not float32\)")

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    @pytest.mark.parametrize("mark", ["", "#partial"])
    def test_values_that_are_not_finite(self, tmp_path: Path, value: float, mark: str) -> None:
        state = state_of()
        state["features.1.running_var"][1] = value
        path = saved(state, tmp_path)
        with pytest.raises(ValueError, match=r"NaN or infinite values in features\.1\.running_var: its training"):
            notes_of(path, mark)

    def test_a_number_too_large_for_the_model(self, tmp_path: Path) -> None:
        state = {**state_of(), "neck.bias": torch.full((4,), 1e300, dtype=torch.float64)}
        self.refused(saved(state, tmp_path), r"NaN or infinite values in neck\.bias")

    def test_a_partial_file_that_has_nothing_of_the_trunk(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of().items() if name.startswith("fc")}
        with pytest.raises(ValueError, match=r"nothing for features, neck$"):
            notes_of(saved(state, tmp_path), "#partial")


class TestPartial:
    def test_what_the_file_lacks_is_initialised_as_the_architecture_does(self, tmp_path: Path) -> None:
        state = state_of()
        del state["features.0.weight"]
        found = loaded(saved(state, tmp_path), "#partial")
        own = random_model(architecture_of(), 10, seed=0).get_parameter("features.0.weight")
        assert (True, True) == (
            own.equal(found["features.0.weight"]),
            state["neck.bias"].equal(found["neck.bias"]),
        )

    def test_it_is_told_with_the_share_of_each_part(self, tmp_path: Path) -> None:
        state = {name: tensor for name, tensor in state_of().items() if not name.startswith("neck")}
        notes = notes_of(saved(state, tmp_path), "#partial")
        said = "'weights.pt' fits in part: 1 of 2 parts whole, neck 0%; the rest keeps its own initialisation"
        assert (True, [said]) == (notes["partial"], notes["warnings"])

    def test_what_did_not_fit_is_told_by_number_and_first_names(self, tmp_path: Path) -> None:
        state = state_of()
        del state["neck.bias"]
        state |= {"extra": torch.zeros(1), "features.0.bias": torch.zeros(3)}
        notes = notes_of(saved(state, tmp_path), "#partial")
        names = ("neck.bias", "extra", "features.0.bias (3, not 2)")
        expected = [{"count": 1, "first": [name]} for name in names]
        assert expected == [notes[name] for name in ("missing", "unexpected", "other_shape")]

    def test_a_file_that_is_whole_stays_whole(self, tmp_path: Path) -> None:
        assert "partial" not in notes_of(saved(state_of(), tmp_path), "#partial")


class TestNormalisation:
    def test_colour_files_are_taken_for_torchvisions(self, tmp_path: Path) -> None:
        load_catalogs()
        resnet = ARCHITECTURES.get("resnet18")
        path = saved(dict(random_model(resnet, 10, seed=7).state_dict()), tmp_path)
        assert Normalisation(IMAGENET_MEAN, IMAGENET_STD) == started(resnet, path).normalisation

    def test_one_channel_is_normalised_by_the_targets_own_pixels(self, tmp_path: Path) -> None:
        path = saved(state_of(), tmp_path)
        assert (0.4,) == pytest.approx(started(architecture_of(), path).normalisation.mean)

    def test_a_checkpoint_of_our_own_carries_its_own(self, tmp_path: Path) -> None:
        own = Normalisation((0.25,), (0.125,))
        path = saved(checkpoint_content(Net(10), own, {}), tmp_path)
        assert own == started(architecture_of(), path).normalisation
