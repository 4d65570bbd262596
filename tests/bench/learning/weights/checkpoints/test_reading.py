"""What lies in a file: archives of torch, safetensors, and several files with an index."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file, save_model

from bench.learning.weights.checkpoints.reading import read_content
from bench.learning.weights.files import check_weights_file
from tests.bench.learning.weights import tiny
from tests.bench.learning.weights.test_files import Evil


def test_a_pickle_that_would_run_a_command_does_not_run_it(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    path = tiny.saved({"w": Evil(mark)}, tmp_path)
    with pytest.raises(ValueError, match="holds more than tensors") as refused:
        read_content(path)
    assert (1, False) == (len(str(refused.value).splitlines()), mark.exists())


@pytest.mark.parametrize("archive", [True, False])
def test_a_file_that_is_cut_off_is_damaged_in_one_line(tmp_path: Path, archive: bool) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"w": torch.zeros(5000)}, path, _use_new_zipfile_serialization=archive)
    os.truncate(path, 9000)
    with pytest.raises(ValueError) as refused:
        read_content(path)
    assert 1 == len(str(refused.value).splitlines())


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file({"w": torch.ones(2)}, tmp_path / "weights.safetensors")
    assert torch.ones(2).equal(read_content(tmp_path / "weights.safetensors")["w"])


def test_names_that_share_a_tensor_are_all_there(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = tiny.Tied(10)
    save_model(model, str(tmp_path / "weights.safetensors"))
    found = read_content(tmp_path / "weights.safetensors")
    assert model.state_dict().keys() == found.keys()
    assert found["again.weight"].equal(found["neck.weight"])


def sharded(folder: Path, state: tiny.State, write: Callable[[Any, Path], Any], stem: str, suffix: str) -> Path:
    """Half of the tensors in each of two files, with their index."""
    names = list(state)
    halves = (names[::2], names[1::2])
    files = [f"{stem}-0000{number}-of-00002{suffix}" for number in (1, 2)]
    for file, half in zip(files, halves, strict=True):
        write({name: state[name] for name in half}, folder / file)
    table = {name: file for file, half in zip(files, halves, strict=True) for name in half}
    index = folder / f"{stem}{suffix}.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": table}))
    return index


@pytest.mark.parametrize("as_folder", [True, False])
@pytest.mark.parametrize(
    ("write", "stem", "suffix"), [(save_file, "model", ".safetensors"), (torch.save, "pytorch_model", ".bin")]
)
def test_weights_in_several_files_are_put_together(
    tmp_path: Path, write: Callable[[Any, Path], Any], stem: str, suffix: str, as_folder: bool
) -> None:
    state = tiny.state_of()
    index = sharded(tmp_path, state, write, stem, suffix)
    path = tmp_path if as_folder else index
    check_weights_file(f"file:{path}")
    found = read_content(path)
    assert dict.fromkeys(state, True) == {name: state[name].equal(found[name]) for name in found}


def test_a_tensor_that_the_index_names_and_no_file_holds_is_named(tmp_path: Path) -> None:
    index = sharded(tmp_path, tiny.state_of(), save_file, "model", ".safetensors")
    table = json.loads(index.read_text())
    table["weight_map"]["lost.weight"] = "model-00001-of-00002.safetensors"
    index.write_text(json.dumps(table))
    with pytest.raises(ValueError, match=r"names 'lost\.weight', which none of its files holds"):
        read_content(index)


def test_a_folder_as_a_hub_lays_it_out_is_read(tmp_path: Path) -> None:
    torch.save(tiny.state_of(), tmp_path / "pytorch_model.bin")
    assert tiny.state_of().keys() == read_content(tmp_path).keys()
