"""The network of a training is made anew as the training was, or on all images with what the split chose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from bench.declare.artifact import Shelf
from bench.errors import UsageError
from bench.learning import experiment
from bench.learning.heads.head import Head
from bench.learning.recipes import Values
from bench.learning.winner import making
from bench.learning.winner.artifact import ALL
from bench.learning.winner.forms import ExportForm
from bench.learning.winner.seeing import tensors
from tests.bench.learning.test_cell import MODES
from tests.bench.learning.winner.winning import won
from tests.bench.stripes import Measured, cell_of


@pytest.fixture(autouse=True)
def without_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """How networks travel is tested elsewhere: to export one takes seconds."""
    monkeypatch.setattr(making, "form_of", lambda architecture, whole, classes: ExportForm("", "", "None"))
    monkeypatch.setattr(making, "_onnx", lambda whole: ({}, {"missing": "left out"}))


@pytest.mark.parametrize(
    "scenario", [item for item in MODES.args[1] if not item["mode"].endswith("+knn")], ids=str
)
def test_the_network_made_anew_has_the_answers_of_the_measure(
    measured: Measured, scenario: dict[str, str], tmp_path: Path
) -> None:
    expected = measured(**scenario)
    told = won(cell_of(**scenario), Shelf(tmp_path), tmp_path / "model")
    assert (round(sum(expected.values)), len(expected.values)) == (told["right"], told["n_test"])
    assert expected.details["val_top1"] == told["val_top1"]


@pytest.mark.parametrize("mode", ["finetune:all", "features+softmax", "features+svm"])
def test_a_tuned_training_made_anew_has_the_answers_of_the_measure(
    measured: Measured, tmp_path: Path, mode: str
) -> None:
    scenario = {"mode": mode, "tune": 3, "weights": "pretrain:stripes"}
    expected = measured(**scenario)
    told = won(cell_of(**scenario), Shelf(tmp_path), tmp_path / "model")
    assert (round(sum(expected.values)), expected.details["val_top1"]) == (told["right"], told["val_top1"])


def test_with_the_values_that_tuning_chose_a_network_is_the_one_that_was_tuned(
    measured: Measured, tmp_path: Path
) -> None:
    scenario = {"mode": "finetune:all", "tune": 3, "weights": "pretrain:stripes", "lr": 1e-6}
    cell, details = cell_of(**scenario), measured(**scenario).details
    values = Values(details["lr"], details["weight_decay"])
    assert 1e-6 < values.lr
    won(cell, Shelf(tmp_path), tmp_path / "tuned")
    won(cell, Shelf(tmp_path), tmp_path / "given", values=values)
    one, other = (load_file(tmp_path / how / "model.safetensors") for how in ("tuned", "given"))
    assert all(one[name].equal(other[name]) for name in one)


@pytest.mark.parametrize("mode", ["finetune:all", "features+softmax"])
def test_on_all_images_the_values_are_those_that_the_split_chose(world: None, tmp_path: Path, mode: str) -> None:
    cell = cell_of(mode=mode, tune=3, weights="pretrain:stripes")
    split, everything = (won(cell, Shelf(tmp_path), tmp_path / on, on) for on in ("split", ALL))
    assert (split["values"], split["chosen"]) == (everything["values"], everything["chosen"])


def test_the_head_becomes_the_networks_own_layer_to_the_bit(world: None, tmp_path: Path) -> None:
    cell, shelf = cell_of(mode="features+softmax", weights="pretrain:stripes"), Shelf(tmp_path)
    won(cell, shelf, tmp_path / "model")
    job = experiment.prepare(cell, cell.scenario, shelf)  # type: ignore[arg-type]
    head = experiment.train(job, shelf, lambda progress: None).head
    assert isinstance(head, Head)
    saved = load_file(tmp_path / "model" / "model.safetensors")
    assert head.weight.equal(saved["head.weight"])
    assert head.bias.equal(saved["head.bias"])


def test_the_file_of_tensors_is_read_without_its_library(world: None, tmp_path: Path) -> None:
    won(cell_of(mode="scratch"), Shelf(tmp_path), tmp_path / "model")
    file = tmp_path / "model" / "model.safetensors"
    theirs, ours = load_file(file), tensors(file)
    assert theirs.keys() == ours.keys()
    assert all(theirs[name].equal(ours[name]) and theirs[name].dtype == ours[name].dtype for name in theirs)


@pytest.mark.parametrize("mode", ["features+softmax", "features+svm", "finetune:upper", "finetune:all"])
def test_on_all_images_every_one_is_learned_from_and_none_is_tested_on(
    world: None, tmp_path: Path, mode: str
) -> None:
    cell = cell_of(mode=mode, weights="pretrain:stripes")
    split, everything = (won(cell, Shelf(tmp_path), tmp_path / on, on) for on in ("split", ALL))
    assert (30, 360) == (split["n_train"], everything["n_train"])
    assert "right" not in everything
    one, other = (load_file(tmp_path / on / "model.safetensors") for on in ("split", ALL))
    assert one.keys() == other.keys()
    assert not all(one[name].equal(other[name]) for name in one)


@pytest.mark.parametrize("mode", ["features+softmax", "features+svm"])
def test_a_head_on_all_images_has_the_strength_that_the_split_chose(
    world: None, tmp_path: Path, mode: str
) -> None:
    cell = cell_of(mode=mode, weights="pretrain:stripes")
    split, everything = (won(cell, Shelf(tmp_path), tmp_path / on, on) for on in ("split", ALL))
    assert split["chosen"] == everything["chosen"]


@pytest.mark.parametrize(
    "scenario",
    [{"mode": "finetune:all", "patience": 2}, {"mode": "features+softmax", "augmentation": "lecture"}],
    ids=["patience", "views"],
)
def test_what_wants_validation_images_is_not_trained_on_all(
    world: None, tmp_path: Path, scenario: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match="take --on split"):
        won(cell_of(**scenario), Shelf(tmp_path), tmp_path / "model", ALL)


def test_neighbours_have_no_network(world: None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no weights"):
        won(cell_of(mode="features+knn"), Shelf(tmp_path), tmp_path / "model")


def test_labels_stand_in_the_order_of_the_scores(world: None, tmp_path: Path) -> None:
    won(cell_of(mode="features+softmax"), Shelf(tmp_path), tmp_path / "model")
    assert ["0", "1", "2"] == json.loads((tmp_path / "model" / "labels.json").read_text())


def test_frozen_parts_are_those_of_the_source(world: None, tmp_path: Path) -> None:
    for mode in ("features+softmax", "finetune:upper"):
        won(cell_of(mode=mode, weights="pretrain:stripes"), Shelf(tmp_path), tmp_path / mode)
    one, other = (load_file(tmp_path / m / "model.safetensors") for m in ("features+softmax", "finetune:upper"))
    assert torch.equal(one["lower.0.weight"], other["lower.0.weight"])
    assert not torch.equal(one["upper.weight"], other["upper.weight"])


def test_the_program_is_python(world: None, tmp_path: Path) -> None:
    won(cell_of(mode="features+svm"), Shelf(tmp_path), tmp_path / "model")
    for name in ("predict.py", "pictures.py"):
        compile((tmp_path / "model" / name).read_text(), name, "exec")
