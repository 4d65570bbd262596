"""Files as training programs write them, from the command line to the record."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file, save_model
from torch import nn

from bench.cell import Learning
from bench.cli.main import main
from bench.declare.catalog import ARCHITECTURES
from bench.declare.loading.discovery import load_catalogs
from bench.errors import Exit
from bench.learning.weights.files import forget_digests
from bench.store.database import Store
from tests.bench.learning.weights import tiny
from tests.bench.learning.weights.test_published import as_published

CATALOG = Path(__file__).parents[3] / "catalogs" / "checkpoints.py"
USUAL = ("--target", "uci-digits", "--shots", "2", "--seeds", "1", "--resolution", "32")
ONE_STEP = ("--mode", "finetune:all", "--steps", "1", "--no-report")


def command(store: Path, *files: str) -> list[str]:
    return [
        "run",
        *USUAL,
        *ONE_STEP,
        "--weights",
        ",".join(f"file:{file}" for file in files),
        "--store",
        str(store),
    ]


def run(store: Path, *files: str, options: tuple[str, ...] = ()) -> int:
    forget_digests()
    return main([*command(store, *files), "--arch", "lenet5", *options])


def outcomes(store: Path) -> dict[str, tuple[tuple[float, ...], dict[str, Any]]]:
    """Samples and details by what of a cell's weights follows their folder."""
    with Store.open(store) as kept:
        latest = kept.run("latest").id
        rows = {row.cell_key: row for row in kept.records(latest)}
        cells = {row.cell.key: row.cell.scenario for row in kept.cells(latest)}
        return {
            scenario.weights.rpartition("/")[2]: (kept.samples(latest, key, 0), rows[key].details)
            for key, scenario in cells.items()
            if isinstance(scenario, Learning)
        }


@pytest.fixture(scope="module")
def lenet() -> nn.Module:
    load_catalogs()
    torch.manual_seed(7)
    return ARCHITECTURES.get("lenet5").build(10)


FORMS = (
    "plain.pt",
    "torchvision.pth",
    "timm.pth.tar#state_dict_ema",
    "lightning.ckpt",
    "wrapped_part.pt",
    "model.safetensors.index.json",
)


@pytest.fixture(scope="module")
def whole(lenet: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """Outcomes of one run over every form of the same weights."""
    folder = tmp_path_factory.mktemp("forms")
    state = lenet.state_dict()
    other = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    arguments = argparse.Namespace(lr=0.1, output=Path("x"))
    contents = {
        "plain.pt": state,
        "torchvision.pth": {"model": state, "args": arguments, "model_ema": tiny.prefixed(other, "module.")},
        "timm.pth.tar": {
            "state_dict": other,
            "metric": np.float64(71.2),
            "state_dict_ema": tiny.prefixed(state, "module."),
        },
        "lightning.ckpt": {"state_dict": {**tiny.prefixed(state, "model."), "criterion.weight": torch.ones(1)}},
        "wrapped_part.pt": {name.replace("c1.", "c1.module."): tensor for name, tensor in state.items()},
    }
    for name, content in contents.items():
        torch.save(content, folder / name)
    table = {name: f"{number % 2}.safetensors" for number, name in enumerate(state)}
    for file in set(table.values()):
        save_file({name: state[name].double() for name in state if table[name] == file}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    code = run(folder / "runs.sqlite", *(f"{folder}/{form}" for form in FORMS))
    return outcomes(folder / "runs.sqlite"), code


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_weights_gives_the_same_answers(
    whole: tuple[dict[str, Any], int], form: str
) -> None:
    found, code = whole
    samples, details = found[form]
    assert (Exit.OK, 1.0) == (code, details["origin"]["share"])
    assert found["plain.pt"][0] == samples


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (
            "torchvision.pth",
            "of the states in 'torchvision.pth' 'model' is used; end the path with #model_ema.module",
        ),
        ("lightning.ckpt", "of the tensors in 'lightning.ckpt' these are not used: criterion.weight"),
        ("model.safetensors.index.json", "weights in float64 are used as float32"),
    ],
)
def test_what_was_taken_stands_in_the_record(whole: tuple[dict[str, Any], int], form: str, said: str) -> None:
    assert any(warning.startswith(said) for warning in whole[0][form][1]["warnings"])


def test_a_partial_file_is_refused_or_filed_under_that_word(
    lenet: nn.Module, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {name: tensor for name, tensor in lenet.state_dict().items() if not name.startswith("c5")}
    torch.save(state, tmp_path / "part.pt")
    store = tmp_path / "runs.sqlite"
    assert Exit.OK != run(store, f"{tmp_path}/part.pt")
    assert (
        "does not fit lenet5" in (said := capsys.readouterr().err) and "nothing for c5; --partial begins" in said
    )
    assert Exit.OK == run(store, f"{tmp_path}/part.pt", options=("--partial",))
    assert "fits in part: 3 of 4 parts whole, c5 0%" in capsys.readouterr().err
    assert True is outcomes(store)["part.pt#partial"][1]["origin"]["partial"]


def test_leave_to_be_partial_without_a_file_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.USAGE == main(["run", "--arch", "lenet5", *USUAL, "--weights", "random", "--partial"])
    assert "--partial is about weights of a file" in capsys.readouterr().err


def test_weights_that_are_not_numbers_are_named(
    lenet: nn.Module, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {name: tensor.clone() for name, tensor in lenet.state_dict().items()}
    state["c3.bias"][0] = float("nan")
    torch.save(state, tmp_path / "nan.pt")
    assert Exit.OK != run(tmp_path / "runs.sqlite", f"{tmp_path}/nan.pt")
    assert "holds NaN or infinite values in c3.bias" in capsys.readouterr().err


def save_dense(model: nn.Module, folder: Path) -> str:
    torch.save(as_published(model.state_dict()), folder / "old.pt")
    return "old.pt"


def save_versioned(model: nn.Module, folder: Path) -> str:
    torch.save(dict(model.state_dict()), folder / "lost.pt")
    return "lost.pt"


def save_tied(model: nn.Module, folder: Path) -> str:
    save_model(model, str(folder / "tied.safetensors"))
    return "tied.safetensors"


@pytest.mark.parametrize(
    ("build", "save"), [(tiny.dense, save_dense), (tiny.versioned, save_versioned), (tiny.twice, save_tied)]
)
def test_a_form_that_a_networks_own_loader_reads_gives_the_answers_of_its_plain_state(
    tmp_path: Path, build: Callable[[int], nn.Module], save: Callable[[nn.Module, Path], str]
) -> None:
    torch.manual_seed(7)
    model = build(10)
    torch.save(model.state_dict(), tmp_path / "plain.pt")
    form = save(model, tmp_path)
    files = (f"{tmp_path}/plain.pt", f"{tmp_path}/{form}")
    options = ("--arch", build.__name__, "--catalog", str(CATALOG))
    done = subprocess.run(
        [sys.executable, "-m", "evobench", *command(tmp_path / "runs.sqlite", *files), *options],
        cwd=CATALOG.parents[2],
        capture_output=True,
        text=True,
    )
    assert Exit.OK == done.returncode, done.stderr
    found = outcomes(tmp_path / "runs.sqlite")
    assert (found["plain.pt"][0], 1.0) == (found[form][0], found[form][1]["origin"]["share"])
