"""The verb `run` on networks whose heads, batches or parameters are not as usual: right figures, or one line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.store.database import Store
from bench.store.rows import RecordRow

CATALOG = str(Path(__file__).parents[3] / "catalogs" / "strangers.py")
FROZEN, WHOLE = "features+softmax", "finetune:all"
NAMES = "flat,squeezed,head_first,head_declared,two_heads,cosine,idle_declared,by_the_batch,filtering"
TRUNK = (75 * 32 + 32) + (32 * 32 + 32)
"""Parameters of a convolution of 5x5x3 to 32 channels, and of a linear layer of 32."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
Told = Callable[[str, str], RecordRow]


def photos(folder: Path) -> Path:
    """Pictures of rows and of columns in noise: 129, of which 65 are for testing."""
    random = np.random.default_rng(0)
    wave = np.tile([0, 0, 90, 90], 8)
    for split, number in (("train", 60), ("val", 4), ("test", 65)):
        for i in range(number):
            kind, stripes = (("rows", wave[:, None]), ("columns", wave[None, :]))[i % 2]
            file = folder / split / kind / f"{i:03}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((stripes + random.integers(0, 120, (32, 32))).astype(np.uint8)).save(file)
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, RecordRow]]:
    """What the verb says, and its records by architecture and mode."""
    folder = tmp_path_factory.mktemp("strange_heads")
    store = folder / "runs.sqlite"
    where = ["--store", str(store), "--catalog", CATALOG, "--arch", NAMES, "--no-report", "--threads", "1"]
    what = ["--suite", "transfer", "--measure", "top1", "--profile", "smoke", "--mode", f"{FROZEN},{WHOLE}"]
    how = ["--weights", "random", "--resolution", "32", "--augment", "none", "--steps", "20", "--seeds", "1"]
    seen = ["--target", f"folder:{photos(folder / 'photos')}", "--shots", "all"]
    found = subprocess.run(
        [sys.executable, "-m", "evobench", "run", *where, *what, *how, *seen], capture_output=True, text=True
    )
    with Store.open(store) as kept:
        run = kept.run("latest").id
        cells = {row.cell.key: row.cell for row in kept.cells(run)}
        records = {" ".join(str(cells[row.cell_key]).split()[::2][:2]): row for row in kept.records(run)}
    return found.stdout + found.stderr, records


@pytest.fixture
def told(done: tuple[str, dict[str, RecordRow]]) -> Told:
    """The record of an architecture in a mode."""
    return lambda architecture, mode: done[1][f"{architecture} {mode}"]


@pytest.mark.parametrize("mode", [FROZEN, WHOLE])
@pytest.mark.parametrize(("name", "usual"), [("squeezed", "flat"), ("head_first", "head_declared")])
def test_figures_are_those_of_the_same_network_in_the_usual_form(
    told: Told, name: str, usual: str, mode: str
) -> None:
    strange, plain = (told(each, mode) for each in (name, usual))
    assert ("ok", 65) == (strange.status, strange.details["n_test"])
    assert [point["loss"] for point in plain.details["curve"]] == [p["loss"] for p in strange.details["curve"]]
    assert plain.median == strange.median


def test_features_of_both_heads_are_learned_from(told: Told) -> None:
    assert 2 * (32 + 32 + 1) == told("two_heads", FROZEN).details["trainable"]


def test_both_heads_are_exchanged(told: Told) -> None:
    assert TRUNK + 2 * (32 * 2 + 2) == told("two_heads", WHOLE).details["trainable"]


@pytest.mark.parametrize("mode", [FROZEN, WHOLE])
@pytest.mark.parametrize(
    ("name", "why"),
    [("cosine", "fc, places, last never ran"), ("idle_declared", "the declared head 'fc' never ran")],
)
def test_a_head_that_cannot_be_replaced_is_told_in_one_line(told: Told, name: str, why: str, mode: str) -> None:
    found = told(name, mode)
    assert "unsupported" == found.status
    assert found.reason.startswith(f"{name} has no linear head to replace: {why}; declare the layer")
    assert "@architecture(head=NAME)" in found.reason


def test_features_that_depend_on_neighbours_are_told_in_one_line(
    done: tuple[str, dict[str, RecordRow]], told: Told
) -> None:
    (warning,) = told("by_the_batch", FROZEN).details["warnings"]
    assert [warning] == told("by_the_batch", WHOLE).details["warnings"]
    assert 1 == done[0].count(warning)


def test_a_filter_of_complex_numbers_trains(told: Told) -> None:
    found = told("filtering", WHOLE)
    assert (3 * 9 * 8 + 8) + 8 * 32 * 17 + (8 * 2 + 2) == found.details["trainable"]
