"""Makes networks to take away, and asks them where evobench cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench import torchvision_operators
from bench.cell import Cell, Learning
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.learning import experiment
from bench.learning.recipes import Values
from bench.learning.winner.artifact import SPLIT, winner_of
from tests.bench.stripes import stripes

_ALONE = """
import importlib.util, json, sys
from pathlib import Path

folder, pictures, repair = sys.argv[1:]
spec = importlib.util.spec_from_file_location("repair", repair)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.import_torchvision()


class Closed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("evobench", "bench", "suites", "reports"):
            raise ImportError(name)


sys.meta_path.insert(0, Closed())
sys.path.insert(0, folder)
import predict

how = json.loads((Path(folder) / "preprocessing.json").read_text())
found = {str(path): scores.tolist() for path, scores, _ in predict.answers(predict.network(), Path(pictures), how)}
print(json.dumps(found))
"""


def won(cell: Cell, shelf: Shelf, folder: Path, on: str = SPLIT, values: Values | None = None) -> dict[str, Any]:
    """Make the network of a cell and unpack it into a folder; returns what its maker told."""
    wanted = winner_of(cell, on, values)
    for artifact in in_order([wanted]):
        if not shelf.holds(artifact):
            PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
    with zipfile.ZipFile(shelf.path(wanted)) as archive:
        archive.extractall(folder)
    return shelf.details(wanted)


def scores_alone(folder: Path, pictures: Path) -> dict[str, list[float]]:
    """Scores by the path of a picture, in a process in which nothing of evobench can be imported."""
    command = [sys.executable, "-c", _ALONE, str(folder), str(pictures), torchvision_operators.__file__]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def scores_here(cell: Cell, shelf: Shelf, some: int = 40) -> torch.Tensor:
    """What the harness's own classifier says of the first images of the data set."""
    assert isinstance(cell.scenario, Learning)
    job = experiment.prepare(cell, cell.scenario, shelf)
    learned = experiment.train(job, shelf, lambda progress: None)
    return learned.score(torch.arange(min(some, len(job.stored.labels))))


def as_files(folder: Path, some: int = 40) -> Path:
    """The first images of the stripes, as files in their order."""
    folder.mkdir()
    for i, pixels in enumerate(stripes().pixels[:some]):
        Image.fromarray(pixels[..., 0]).save(folder / f"{i:03d}.png")
    return folder


def photographs(folder: Path) -> Path:
    """Two classes of pictures of odd sizes: turned by EXIF, gray, transparent, of 16 bits, very wide."""
    random = np.random.default_rng(0)
    for label, name in enumerate(("fine", "rough")):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            width, height = (int(side) for side in random.integers(30, 90, 2))
            size = (6 + 40 * label, 5 + 30 * label)
            coarse = Image.fromarray(random.integers(0, 256, (*size, 3), np.uint8)).resize((width, height))
            _save(coarse, folder / name / f"{i:02d}", i % 5)
        wide = (np.arange(20 * 300).reshape(20, 300) * (11 + label) % 65536).astype(np.uint16)
        Image.fromarray(wide).save(folder / name / "wide.png")
    return folder


def _save(image: Image.Image, stem: Path, kind: int) -> None:
    if kind == 0:
        turned = Image.Exif()
        turned[0x0112] = 6
        image.save(stem.with_suffix(".jpg"), exif=turned)
    elif kind == 1:
        image.convert("L").save(stem.with_suffix(".png"))
    elif kind == 2:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        image.save(stem.with_suffix(".png"))
    else:
        image.save(stem.with_suffix(".png" if kind == 3 else ".webp"))
