"""Weights in the user's own file: what is looked at before anything runs, and what it is filed under."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bench.cell import Cell, Learning
from bench.declare.catalog import ARCHITECTURES
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from bench.learning.artifacts import needs_of
from bench.learning.weights.files import check_weights_file, forget_digests, weights_digest
from bench.network.building import build_untouched
from bench.run.kept import cell_code
from tests.bench.learning.weights import tiny


class Evil:
    """An object whose pickle runs a command when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


def lenet_of(value: float) -> tiny.State:
    """All that the network of `cell_of` has, filled with the value."""
    load_catalogs()
    state = build_untouched(ARCHITECTURES.get("lenet5").build, 10).state_dict()
    return {name: torch.full_like(tensor, value) for name, tensor in state.items()}


def cell_of(path: Path | str, mode: str) -> Cell:
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

    def test_a_whole_model_is_refused_with_what_to_save_instead(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"linear\.Linear; save the state dict alone"):
            check_weights_file(f"file:{tiny.saved(nn.Linear(2, 2), tmp_path)}")

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

    def test_a_pickle_of_another_protocol_is_refused_since_only_running_it_would_read_it(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "weights.pt"
        torch.save({"w": torch.zeros(1)}, path, pickle_protocol=4)
        with pytest.raises(UsageError, match=r"protocol 4, not torch\.save's own 2: save it anew"):
            check_weights_file(f"file:{path}")

    def test_a_packed_archive_is_refused_by_the_size_that_it_declares(self, tmp_path: Path) -> None:
        plain, bomb = tiny.saved({"w": torch.zeros(1 << 18)}, tmp_path), tmp_path / "bomb.pt"
        with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in whole.namelist():
                packed.writestr(name, whole.read(name))
        with pytest.raises(UsageError, match=r"is compressed, \d,\d{3} bytes for 1,0\d\d,\d{3}") as refused:
            check_weights_file(f"file:{bomb}")
        assert 1 == len(str(refused.value).splitlines())

    def test_an_archive_whose_entries_share_their_bytes_is_refused(self, tmp_path: Path) -> None:
        path = tiny.saved({"a": torch.zeros(999), "b": torch.zeros(999)}, tmp_path)
        content = bytearray(path.read_bytes())
        directory = content.index(b"PK\x01\x02")
        for name, size in ((b"data/0", 4000), (b"data/1", 4000)):
            # 24 and 20 bytes into an entry of the directory stand its sizes, and 46 bytes in its name
            entry = content.index(b"weights/" + name, directory) - 46
            content[entry + 20 : entry + 28] = (10 * size).to_bytes(4, "little") * 2
        path.write_bytes(content)
        with pytest.raises(UsageError, match=r"declares 8\d,\d{3} bytes and has \d,\d{3}"):
            check_weights_file(f"file:{path}")

    @pytest.mark.parametrize(
        ("index", "said"),
        [
            (
                {"weight_map": {"w": "../elsewhere.safetensors"}},
                "'../elsewhere.safetensors', which is not beside it",
            ),
            ({"weight_map": {"w": "gone.safetensors"}}, "gone.safetensors"),
            ({"weights": {}}, "no table of tensors"),
        ],
    )
    def test_an_index_is_followed_no_further_than_its_folder(
        self, tmp_path: Path, index: dict[str, Any], said: str
    ) -> None:
        path = tmp_path / "model.safetensors.index.json"
        path.write_text(json.dumps(index))
        with pytest.raises(UsageError, match=said):
            check_weights_file(f"file:{path}")

    def test_a_folder_without_weights_says_what_it_should_hold(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"the folder has none of model\.safetensors"):
            check_weights_file(f"file:{tmp_path}")

    def test_weights_that_are_no_file_are_not_looked_for(self) -> None:
        check_weights_file("imagenet")


class TestIdentity:
    def test_other_content_has_another_digest(self, tmp_path: Path) -> None:
        first = weights_digest(f"file:{tiny.saved({'w': torch.zeros(3)}, tmp_path)}")
        forget_digests()
        second = weights_digest(f"file:{tiny.saved({'w': torch.ones(300)}, tmp_path)}")
        assert (64, True) == (len(first), first != second)

    @pytest.mark.parametrize("mode", ["finetune:all", "features+svm"])
    def test_a_kept_figure_does_not_stand_for_other_content(self, tmp_path: Path, mode: str) -> None:
        cell = cell_of(tiny.saved(lenet_of(0.0), tmp_path), mode)
        first = cell_code(cell)
        tiny.saved(lenet_of(1.0), tmp_path)
        forget_digests()
        assert first != cell_code(cell)

    def test_features_of_other_content_are_others(self, tmp_path: Path) -> None:
        cell = cell_of(tiny.saved(lenet_of(0.0), tmp_path), "features+svm")
        first = needs_of(cell).features
        tiny.saved(lenet_of(1.0), tmp_path)
        forget_digests()
        assert first != needs_of(cell).features

    def test_every_file_of_an_index_counts(self, tmp_path: Path) -> None:
        index = tmp_path / "model.safetensors.index.json"
        index.write_text(json.dumps({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}))
        digests = []
        for value in (0.0, 1.0):
            save_file({"a": torch.zeros(1)}, tmp_path / "1.safetensors")
            save_file({"b": torch.full((1,), value)}, tmp_path / "2.safetensors")
            forget_digests()
            digests.append(weights_digest(f"file:{index}"))
        assert 2 == len(set(digests))

    def test_another_state_of_the_same_file_has_other_features(self, tmp_path: Path) -> None:
        path = tiny.saved({"model": lenet_of(0.0), "ema": lenet_of(1.0)}, tmp_path)
        keys = {needs_of(cell_of(f"{path}{mark}", "features+svm")).features for mark in ("", "#ema", "#partial")}
        assert 3 == len(keys)

    def test_weights_that_are_no_file_have_none(self) -> None:
        assert "" == weights_digest("pretrain:mnist5k")

    def test_a_file_that_is_gone_is_one_clear_line(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            weights_digest(f"file:{tmp_path / 'gone.pt'}")
