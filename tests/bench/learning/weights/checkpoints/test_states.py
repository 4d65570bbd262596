"""Which of the states in a file is taken, and by which names: what training programs write."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from bench.learning.weights.checkpoints.names import Shape
from bench.learning.weights.checkpoints.states import choose
from tests.bench.learning.weights import tiny

State = tiny.State
OWN: dict[str, Shape] = {"a.weight": (2, 3), "a.bias": (2,), "b.weight": (4, 2)}


def some(value: float = 0.0) -> State:
    return {
        "a.weight": torch.full((2, 3), value),
        "a.bias": torch.full((2,), value),
        "b.weight": torch.zeros(4, 2),
    }


class TestOfTrainingPrograms:
    """Each form with the label under which its state is taken, and the names that are left over."""

    def check(self, content: Any, label: str, others: tuple[str, ...] = (), unused: tuple[str, ...] = ()) -> None:
        state = choose(content, OWN)
        assert (label, others, unused) == (state.label, state.others, state.unused)
        assert sorted(OWN) == sorted(state.tensors)

    def test_a_plain_state_dict(self) -> None:
        self.check(some(), "")

    def test_torchvisions_references(self) -> None:
        content = {
            "model": some(),
            "optimizer": {"state": {0: {"step": torch.zeros(1)}}},
            "args": argparse.Namespace(),
        }
        self.check(
            {**content, "epoch": 3, "model_ema": tiny.prefixed(some(), "module.")}, "model", ("model_ema.module",)
        )

    def test_timm(self) -> None:
        content = {"arch": "net", "state_dict": some(), "metric": np.float64(71.2), "state_dict_ema": some()}
        self.check(content, "state_dict", ("state_dict_ema",))

    def test_lightning_with_a_criterion_beside_the_model(self) -> None:
        state = {**tiny.prefixed(some(), "model."), "criterion.pos_weight": torch.ones(1)}
        self.check(
            {"state_dict": state, "hyper_parameters": {}}, "state_dict.model", (), ("criterion.pos_weight",)
        )

    def test_openmmlab_with_the_head_under_a_prefix_of_its_own(self) -> None:
        state = {**tiny.prefixed(some(), "backbone."), "head.b.weight": some()["b.weight"]}
        del state["backbone.b.weight"]
        self.check({"meta": {}, "state_dict": state}, "state_dict.backbone")

    def test_dino_whose_teacher_is_the_one_that_is_used(self) -> None:
        content = {
            "student": tiny.prefixed(some(), "module.backbone."),
            "teacher": tiny.prefixed(some(), "backbone."),
        }
        self.check(content, "teacher.backbone", ("student.module.backbone",))

    def test_moco_whose_queries_are_the_ones_that_are_used(self) -> None:
        keys = tiny.prefixed(some(), "module.encoder_k.")
        state = {**keys, **tiny.prefixed(some(), "module.encoder_q.")}
        other = ("state_dict.module.encoder_k",)
        self.check({"state_dict": state}, "state_dict.module.encoder_q", other, tuple(keys))

    def test_an_image_tower_beside_one_of_text(self) -> None:
        state = {**tiny.prefixed(some(), "visual."), "token_embedding.weight": torch.zeros(9, 2)}
        self.check(state, "visual", (), ("token_embedding.weight",))

    def test_averaged_weights(self) -> None:
        state = {"n_averaged": torch.tensor(3), **tiny.prefixed(some(), "module.")}
        self.check(state, "module", (), ("n_averaged",))

    @pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model.net."])
    def test_wrapped_networks(self, prefix: str) -> None:
        self.check(tiny.prefixed(some(), prefix), prefix[:-1])

    def test_a_part_that_was_wrapped(self) -> None:
        state = some()
        state["a.module.weight"], state["a.module.bias"] = state.pop("a.weight"), state.pop("a.bias")
        self.check(state, "")

    def test_momenta_of_an_optimizer_are_no_weights(self) -> None:
        self.check({"optimizer": {"exp_avg": some()}, "net": some()}, "net")


class TestChoice:
    def test_another_state_is_chosen_by_its_key(self) -> None:
        content = {"model": some(1), "model_ema": tiny.prefixed(some(2), "module.")}
        assert [2, 2] == choose(content, OWN, "model_ema").tensors["a.bias"].tolist()

    def test_another_state_is_chosen_by_its_prefix(self) -> None:
        content = {**tiny.prefixed(some(1), "module.encoder_q."), **tiny.prefixed(some(2), "module.encoder_k.")}
        assert [2, 2] == choose(content, OWN, "encoder_k").tensors["a.bias"].tolist()

    def test_a_key_is_not_taken_for_one_that_it_begins(self) -> None:
        content = {"model_ema": some(2), "model": some(1)}
        assert [1, 1] == choose(content, OWN, "model").tensors["a.bias"].tolist()

    def test_a_state_that_is_not_there_is_refused_with_those_that_are(self) -> None:
        with pytest.raises(ValueError, match="has no state 'best' that fits: it has model, model_ema"):
            choose({"model": some(), "model_ema": some()}, OWN, "best")

    def test_the_state_that_fits_most_is_taken_whatever_it_is_called(self) -> None:
        part = {"a.bias": torch.zeros(2)}
        assert "ema" == choose({"model": part, "ema": some()}, OWN).label

    def test_a_network_that_holds_another_takes_its_weights(self) -> None:
        own = {f"backbone.{name}": shape for name, shape in OWN.items()}
        assert sorted(own) == sorted(choose(some(), own).tensors)

    def test_a_prefix_that_belongs_to_the_model_stays(self) -> None:
        own: dict[str, Shape] = {"module.w": (1,)}
        assert ["module.w"] == list(choose({"module.w": torch.zeros(1)}, own).tensors)

    def test_a_second_copy_fills_no_gap_of_the_first(self) -> None:
        first = tiny.prefixed(some(), "encoder_q.")
        del first["encoder_q.a.bias"], first["encoder_q.a.weight"]
        second = tiny.prefixed(some(), "encoder_k.")
        del second["encoder_k.a.weight"], second["encoder_k.b.weight"]
        second["encoder_k.b.weight"] = torch.zeros(4, 2)
        state = choose({**first, **second}, OWN, "encoder_q")
        assert ["b.weight"] == list(state.tensors)

    def test_a_file_without_tensors_is_no_state_dict(self) -> None:
        with pytest.raises(ValueError, match="holds no tensors by name"):
            choose({"epoch": 3, "losses": [torch.zeros(1)]}, OWN)

    def test_a_file_of_another_network_is_refused_with_what_its_names_begin_with(self) -> None:
        content = {"state_dict": {"visual.w": torch.zeros(1), "text.w": torch.zeros(1)}}
        with pytest.raises(
            ValueError, match=r"another network: .* begins with state_dict\.visual, state_dict\.text"
        ):
            choose(content, OWN)

    def test_what_stood_where_in_the_file_decides_between_equals(self) -> None:
        assert ["second", "first"] == [
            choose({name: some() for name in names}, OWN).others[0]
            for names in (("first", "second"), ("second", "first"))
        ]


def test_the_versions_of_modules_follow_their_names() -> None:
    model = AveragedModel(nn.DataParallel(tiny.Net(10)))
    own: dict[str, Shape] = {name: tuple(t.shape) for name, t in tiny.state_of().items()}
    versions = choose(model.state_dict(), own).versions
    assert ({"version": 2}, {"version": 1}) == (versions["features.1"], versions["fc"])


def test_old_names_of_dense_layers_are_todays() -> None:
    own: dict[str, Shape] = {"features.denseblock1.denselayer10.norm1.weight": (2,), "features.conv0.weight": (3,)}
    old = {
        "features.denseblock1.denselayer10.norm.1.weight": torch.ones(2),
        "features.conv0.weight": torch.ones(3),
    }
    assert sorted(own) == sorted(choose(tiny.prefixed(old, "module."), own).tensors)


def test_two_runs_choose_alike(tmp_path: Path) -> None:
    content = {f"state{number}": tiny.prefixed(some(), f"p{number}.") for number in range(5)}
    assert 1 == len({choose(content, OWN).label for _ in range(3)})
