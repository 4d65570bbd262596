"""What may lie beside weights in a file: one list, for the look at it and for loading it."""

from __future__ import annotations

import argparse
import datetime
import pathlib
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch._weights_only_unpickler import _get_allowed_globals

from bench.learning.weights.checkpoints.reading import read_content
from bench.learning.weights.checkpoints.safe import foreign_names
from bench.learning.weights.files import check_weights_file
from tests.bench.learning.weights import tiny

PLAIN = {
    "namespace": argparse.Namespace(lr=0.1, path=Path("x"), nested=argparse.Namespace(a=[1])),
    "simple namespace": types.SimpleNamespace(a=1),
    "numpy number": np.float64(71.2),
    "numpy bool": np.bool_(True),
    "numpy array": np.arange(6, dtype=np.int32).reshape(2, 3),
    "numpy text": np.array(["a", "bc"]),
    "numpy dtype": np.dtype("float32"),
    "path": pathlib.PurePosixPath("a/b"),
    "path of Windows": pathlib.PureWindowsPath("a/b"),
    "time": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    "span": datetime.timedelta(seconds=3),
    "defaultdict": defaultdict(list, {"a": [1]}),
    "deque": deque([1, 2], maxlen=3),
    "counter": Counter("abca"),
    "ordered": OrderedDict(a=1),
    "set": {1, 2},
    "frozen set": frozenset({1, 2}),
    "type": int,
    "dtype": torch.bfloat16,
    "device": torch.device("cuda:1"),
    "size": torch.Size((1, 2)),
    "parameter": torch.nn.Parameter(torch.zeros(1)),
    "complex": 1j,
    "bytes": b"\xff",
}


@pytest.mark.parametrize("archive", [True, False], ids=["archive", "legacy"])
@pytest.mark.parametrize("beside", PLAIN.values(), ids=PLAIN.keys())
def test_what_a_training_keeps_beside_weights_is_no_obstacle(tmp_path: Path, beside: Any, archive: bool) -> None:
    path = tmp_path / "last.pt"
    torch.save({"beside": beside, "w": torch.ones(2)}, path, _use_new_zipfile_serialization=archive)
    check_weights_file(f"file:{path}")
    assert torch.ones(2).equal(read_content(path)["w"])


def test_whatever_torch_itself_takes_is_looked_at_likewise() -> None:
    pickled = [
        b"\x80\x02c" + name.rpartition(".")[0].encode() + b"\n" + name.rpartition(".")[2].encode() + b"\n."
        for name in _get_allowed_globals()
    ]
    assert [] == [name for content in pickled for name in foreign_names(content)]


@pytest.mark.parametrize(
    "name", ["torch load", "torch.hub load", "builtins eval", "builtins getattr", "os system"]
)
def test_what_could_do_something_is_foreign(name: str) -> None:
    module, _, attribute = name.partition(" ")
    assert [f"{module}.{attribute}"] == foreign_names(f"\x80\x02c{module}\n{attribute}\n.".encode("latin1"))


def test_an_admitted_object_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    module = types.ModuleType("mmengine.logging.history_buffer")

    class HistoryBuffer:
        def __setstate__(self, state: object) -> None:
            made.append(state)

    HistoryBuffer.__module__, HistoryBuffer.__qualname__ = module.__name__, "HistoryBuffer"
    setattr(module, "HistoryBuffer", HistoryBuffer)  # noqa: B010 - a module has no such attribute to mypy
    for name in ("mmengine", "mmengine.logging", module.__name__):
        monkeypatch.setitem(sys.modules, name, module)
    buffer = HistoryBuffer()
    buffer.__dict__["values"] = np.zeros(3)
    path = tiny.saved({"meta": {"loss": buffer}, "state_dict": {"w": torch.ones(1)}}, tmp_path)
    check_weights_file(f"file:{path}")
    assert ({"w": torch.ones(1)}, []) == (read_content(path)["state_dict"], made)
