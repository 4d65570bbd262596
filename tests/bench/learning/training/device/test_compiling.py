"""Networks that are compiled to learn: before the seconds, once, and refused where they cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.errors import Unsupported, UsageError
from bench.learning.artifacts import needs_of
from bench.learning.training.device import compiling, rehearsal
from tests.bench.stripes import Measured, cell_of, without_time

ROOT = Path(__file__).parents[5]


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In place of the compiler something that runs the module as it is and notes each of its inputs and modes."""
    seen: list[str] = []

    def noting(module: nn.Module, device: str, folder: str) -> nn.Module:
        class Noted(nn.Module):
            def forward(self, *values: torch.Tensor) -> Any:
                seen.append(f"{[tuple(value.shape) for value in values]} learns={own.training}")
                return module(*values)

        own = next(m for m in module.modules() if isinstance(m, nn.Linear))
        return Noted()

    counts = iter(range(1000))
    monkeypatch.setattr(compiling, "compile_cold", noting)
    monkeypatch.setattr(rehearsal, "_compiled", lambda: (next(counts), 0))
    return seen


@pytest.mark.parametrize("mode", ["scratch", "finetune:upper"])
@pytest.mark.parametrize("recipe", ["harness", "modern"])
def test_what_is_compiled_is_given_one_shape_in_one_mode_and_the_training_is_the_same(
    measured: Measured, traced: list[str], mode: str, recipe: str
) -> None:
    expected = measured(mode=mode, recipe=recipe)
    found = measured(mode=mode, recipe=recipe, execution="compiled")
    # a step before the seconds, and those of the training
    assert (30 + 1, 1) == (len(traced), len(set(traced)))
    assert {"graphs": 1, "breaks": 0} == found.details.pop("compiled")
    assert "before the seconds" == found.details.pop("set_up")
    assert (expected.values, without_time(expected)) == (found.values, without_time(found))


def test_a_network_in_which_nothing_can_be_compiled_is_unsupported(
    measured: Measured, traced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "_compiled", lambda: (0, 0))
    with pytest.raises(Unsupported, match="found nothing in the network that it could compile"):
        measured(execution="compiled")


def test_without_a_compiler_a_compiled_training_is_unsupported_and_never_eager(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CXX", str(tmp_path / "none"))
    with pytest.raises(Unsupported, match=r"torch.compile needs a C\+\+ compiler"):
        measured(execution="compiled")


def test_a_compiled_training_is_another_cell_and_an_eager_one_keeps_its_key() -> None:
    assert "execution" not in cell_of().to_dict()["scenario"]
    assert cell_of().key != cell_of(execution="compiled").key
    assert " compiled " in str(cell_of(execution="compiled"))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"execution": "graphs"}, "unknown way to run of learning 'graphs'"),
        ({"execution": "compiled", "mode": "features+softmax"}, "a head on fixed features is not"),
    ],
)
def test_what_cannot_be_compiled_to_learn_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        needs_of(cell_of(**wrong))


_TRAINS = """
import json
import torch
from pathlib import Path

def test_it(measured):
    torch.set_num_threads(1)
    found = {}
    for mode, recipe in (("scratch", "modern"), ("finetune:upper", "harness")):
        found[mode] = []
        for way in ("eager", "compiled", "compiled"):
            samples = measured(mode=mode, recipe=recipe, steps=40, execution=way)
            losses = [point["loss"] for point in samples.details["curve"]]
            found[mode].append([samples.details.get("compiled"), losses])
    Path(ANSWER).write_text(json.dumps(found))
"""


@pytest.mark.slow
def test_a_training_that_is_compiled_learns_as_an_eager_one_and_twice_the_same(tmp_path: Path) -> None:
    """In a process of its own: what the compiler sets stays set, and its imports warn."""
    file, answer = tmp_path / "test_trains.py", tmp_path / "answer.json"
    file.write_text(_TRAINS.replace("ANSWER", repr(str(answer))))
    (tmp_path / "conftest.py").write_text("from tests.bench.conftest import measured, world\n")
    options = ["-q", "-n", "0", "-W", "ignore", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    found = json.loads(answer.read_text())
    for _, first, second in found.values():
        assert ({"graphs": 1, "breaks": 0}, first[1]) == (first[0], second[1])
    # above the boundary nothing is drawn at random
    eager, compiled, _ = found["finetune:upper"]
    assert eager[1] == pytest.approx(compiled[1], rel=1e-4)
