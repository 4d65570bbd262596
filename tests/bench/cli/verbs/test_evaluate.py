"""`evobench evaluate`, beside loops that know nothing of it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from bench.cli.main import main
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.errors import Exit
from bench.lazy import load
from bench.store.database import Store
from tests.processes import PATIENCE, start
from tests.suites import hub

CATALOG = Path(__file__).parents[3] / "catalogs" / "evaluated.py"
LITE = "efficientnet_lite0"
TIMM = "timm/test_resnet.r160_in1k"
COLOURS = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
SYNSETS = {"chelsea": "n02123045", "coffee": "n07920052", "rocket": "n04266014"}


def evaluate(capsys: pytest.CaptureFixture[str], store: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and what JSON tells."""
    code = main(["evaluate", *options, "--store", str(store), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def photograph(name: str) -> Any:
    """One that comes with scikit-image, uint8, H x W x 3."""
    return getattr(skimage.data, name)()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cuts of three photographs, a folder a synset, of different shapes."""
    root = tmp_path_factory.mktemp("photographs")
    for name, synset in SYNSETS.items():
        image = Image.fromarray(photograph(name))
        (root / synset).mkdir()
        for i in range(4):
            cut = image.crop((17 * i, 5 * i, image.width - 29 * i, image.height - 11 * i))
            cut.save(root / synset / f"{i}.png")
    return root


def torchvision_accuracy(
    model: nn.Module, files: list[tuple[Path, int]], resize: int, side: int, interpolation: str
) -> tuple[float, float]:
    """Top-1 and top-5 as a script of torchvision's has them."""
    transforms, mode = load("torchvision.transforms"), load("torchvision.transforms").InterpolationMode
    pipeline = transforms.Compose(
        [
            transforms.Resize(resize, interpolation=mode[interpolation]),
            transforms.CenterCrop(side),
            transforms.ToTensor(),
            transforms.Normalize(*COLOURS),
        ]
    )
    first = best = 0
    with torch.no_grad():
        for file, right in files:
            answers = model.eval()(pipeline(Image.open(file).convert("RGB"))[None])[0].topk(5).indices.tolist()
            first += answers[0] == right
            best += right in answers
    return first / len(files), best / len(files)


def test_weights_of_a_package_reach_what_a_plain_loop_reaches(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_catalogs()
    item = ARCHITECTURES.get(LITE)
    model = item.build(1000)
    model.load_state_dict(item.pretrained[0].load())
    indices = {"n02123045": 281, "n07920052": 967, "n04266014": 812}
    files = [(file, indices[file.parent.name]) for file in sorted(photographs.glob("*/*.png"))]
    expected = torchvision_accuracy(model, files, 256, 224, "BICUBIC")
    code, (row,) = evaluate(capsys, tmp_path / "s.sqlite", str(photographs), "--arch", LITE)
    assert (Exit.OK, 12, 224) == (code, row["images"], row["resolution"])
    assert expected == pytest.approx((row["top1"], row["top5"]), abs=0.01)
    assert row["answer"] is None


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty patterns of colours in ten folders that are named by their index."""
    root, generator = tmp_path_factory.mktemp("numbered"), np.random.default_rng(0)
    for i in range(60):
        (root / str(i % 10)).mkdir(exist_ok=True)
        coarse = Image.fromarray(generator.integers(0, 256, (4, 5, 3), np.uint8))
        coarse.resize((50, 40)).save(root / str(i % 10) / f"{i:02d}.png")
    return root


def linear(name: str) -> nn.Module:
    """A network of the catalogue of these tests, with weights by a seed."""
    load_catalogs((str(CATALOG),))
    torch.manual_seed(3)
    return ARCHITECTURES.get(name).build(10)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[nn.Module, Path]:
    """A file of weights that says how it sees pictures, and the network that it is of."""
    monkeypatch.setenv("WAITS", os.devnull)
    model = linear("waiting_once")
    torch.save(model.state_dict(), tmp_path / "net.pt")
    (tmp_path / "net.pt.toml").write_text(
        f"mean = {COLOURS[0]}\nstd = {COLOURS[1]}\nresize = 10\ncrop = 8\ninterpolation = 'bilinear'\n"
    )
    return model, tmp_path / "net.pt"


def of_file(file: Path) -> list[str]:
    return ["--catalog", str(CATALOG), "--arch", "waiting_once", "--weights", f"file:{file}"]


def test_a_file_of_weights_reaches_what_a_plain_loop_reaches(
    numbered: Path, weights: tuple[nn.Module, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, file = weights
    files = [(path, int(path.parent.name)) for path in numbered.glob("*/*.png")]
    expected = torchvision_accuracy(model, files, 10, 8, "BILINEAR")
    code, (row,) = evaluate(capsys, tmp_path / "s.sqlite", str(numbered), *of_file(file))
    assert 0 < expected[0] < 1
    assert (Exit.OK, 60) == (code, row["images"])
    assert expected == pytest.approx((row["top1"], row["top5"]), abs=0.01)


def test_no_decoded_pictures_are_stored(
    numbered: Path, weights: tuple[nn.Module, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(capsys, tmp_path / "s.sqlite", str(numbered), *of_file(weights[1]))
    kinds = {file.name.partition("-")[0] for file in (tmp_path / "artifacts").iterdir()}
    assert {"listing", "digests.json"} == kinds | {"digests.json"}


def test_a_table_of_paths_and_a_list_of_indices_say_the_same_as_folders(
    numbered: Path, weights: tuple[nn.Module, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(numbered.glob("*/*.png"), key=lambda file: file.name)
    (tmp_path / "val.csv").write_text("".join(f"{file},{file.parent.name}\n" for file in files))
    (tmp_path / "flat").mkdir()
    for file in files:
        (tmp_path / "flat" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "flat" / "truth.txt").write_text("".join(f"{file.parent.name}\n" for file in files))
    targets = (numbered, tmp_path / "val.csv", tmp_path / "flat" / "truth.txt")
    rows = [evaluate(capsys, tmp_path / "s.sqlite", str(target), *of_file(weights[1]))[1][0] for target in targets]
    assert [(rows[0]["top1"], rows[0]["top5"])] * 3 == [(row["top1"], row["top5"]) for row in rows]


def test_an_evaluation_that_was_interrupted_goes_on_and_comes_to_the_same(
    numbered: Path,
    weights: tuple[nn.Module, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = [str(numbered), *of_file(weights[1]), "--batch", "8"]
    _, (expected,) = evaluate(capsys, tmp_path / "whole" / "s.sqlite", *options)
    store, mark = tmp_path / "cut" / "s.sqlite", tmp_path / "waits"
    monkeypatch.setenv("WAITS", str(mark))
    command = [sys.executable, "-m", "evobench", "evaluate", *options, "--store", str(store)]
    with start(command) as process:
        end = time.monotonic() + PATIENCE
        while not mark.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    assert Exit.INTERRUPTED == process.returncode, said
    (kept,) = (store.parent / "artifacts").glob(".unfinished-*")
    assert 16 == len(kept.read_text().splitlines())
    code, (row,) = evaluate(capsys, store, *options, "--resume")
    assert (Exit.OK, expected) == (code, row)
    assert not kept.exists()


def test_an_accuracy_that_is_not_the_published_one_is_a_verdict(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # pictures that are called as ILSVRC's and have nothing of their classes
    folder = tmp_path / "val"
    for number, file in enumerate(sorted(photographs.glob("*/*.png")), start=1):
        (folder / str(number)).mkdir(parents=True)
        (folder / str(number) / f"ILSVRC2012_val_{number:08d}.png").write_bytes(file.read_bytes())
    store = tmp_path / "s.sqlite"
    assert Exit.REGRESSION == main(["evaluate", str(folder), "--arch", LITE, "--store", str(store)])
    shown = capsys.readouterr().out
    assert "disagrees" in shown
    assert "75.1" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert Exit.OK == main(["show", "--store", str(store)])
    assert "disagrees" in capsys.readouterr().out


def test_an_accuracy_at_another_resolution_is_not_compared(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, file in enumerate(sorted(photographs.glob("*/*.png")), start=1):
        (tmp_path / "val" / str(number)).mkdir(parents=True)
        (tmp_path / "val" / str(number) / f"ILSVRC2012_val_{number:08d}.png").write_bytes(file.read_bytes())
    options = [str(tmp_path / "val"), "--arch", LITE, "--resolution", "64"]
    code, (row,) = evaluate(capsys, tmp_path / "s.sqlite", *options)
    assert (Exit.OK, None, None, 64) == (code, row["answer"], row["published_top1"], row["resolution"])


def test_damaged_pictures_are_left_out_and_counted(
    numbered: Path, weights: tuple[nn.Module, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in numbered.glob("*/*.png"):
        copy = tmp_path / "val" / file.parent.name / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes()[: 90 if file.name == "07.png" else None])
    store = tmp_path / "s.sqlite"
    code, (row,) = evaluate(capsys, store, str(tmp_path / "val"), *of_file(weights[1]))
    assert (Exit.OK, 59) == (code, row["images"])
    with Store.open(store) as kept:
        (record,) = kept.records(kept.run("latest").id)
    assert (1, "7/07.png") == (record.details["bad_images"], record.details["bad_first"][0].split()[0])
    code, (row,) = evaluate(capsys, store, str(tmp_path / "val"), *of_file(weights[1]), "--on-bad-image", "fail")
    assert (Exit.INCOMPLETE, "failed") == (code, row["status"])


def test_weights_that_are_not_here_leave_it_incomplete(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    code, (row,) = evaluate(
        capsys, tmp_path / "s.sqlite", str(photographs), "--arch", "resnet18", "--weights", "imagenet"
    )
    assert (Exit.INCOMPLETE, "unsupported") == (code, row["status"])


def test_one_table_has_architectures_each_with_weights_of_its_own(
    numbered: Path,
    weights: tuple[nn.Module, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub.use(tmp_path, monkeypatch)
    state = load("timm").create_model("test_resnet").state_dict()
    hub.lay_out(tmp_path, TIMM, lambda folder: save_file(state, folder / "model.safetensors"))
    options = ["--catalog", str(CATALOG), "--model", LITE, "imagenet-lite", "--resolution", "32"]
    options += ["--model", "waiting_once", f"file:{weights[1]}", "--model", TIMM, "pretrained"]
    code, rows = evaluate(capsys, tmp_path / "s.sqlite", str(numbered), *options)
    expected = [
        (LITE, "imagenet-lite", "ok"),
        ("waiting_once", f"file:{weights[1]}", "ok"),
        (TIMM, "pretrained", "ok"),
    ]
    assert (Exit.OK, expected) == (code, [(row["architecture"], row["weights"], row["status"]) for row in rows])
