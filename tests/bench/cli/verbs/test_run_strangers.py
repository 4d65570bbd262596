"""The verb `run` on networks of other people: their figures, or one line that says what to change."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.store.database import Store
from bench.store.rows import RecordRow

CATALOG = str(Path(__file__).parents[3] / "catalogs" / "strangers.py")
NAMES = "dictionary,textual,compiled_in_parts,scripted,frozen,zeroed"
SMALL = 8 * 32 * 32 * 27 + 8 * 1000
"""Multiply-adds of the small networks: 8 channels of 3x3x3 at 32 x 32 places, 8 to 1000."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
Told = Callable[[str, str], RecordRow]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The record of an architecture: of its `macs`, or of its predicted memory in a mode."""
    store = tmp_path_factory.mktemp("strangers") / "runs.sqlite"
    where = ["--store", str(store), "--catalog", CATALOG, "--arch", NAMES, "--no-report", "--threads", "1"]
    what = ["--suite", "counts,cost", "--measure", "macs,predicted_memory", "--profile", "smoke", "--batch", "4"]
    done = subprocess.run([sys.executable, "-m", "evobench", "run", *where, *what], capture_output=True, text=True)
    assert 3 == done.returncode, done.stderr
    with Store.open(store) as kept:
        run = kept.run("latest").id
        cells = {row.cell.key: row.cell for row in kept.cells(run)}
        records = {str(cells[row.cell_key]): row for row in kept.records(run)}

    def of(architecture: str, what: str) -> RecordRow:
        (found,) = (row for name, row in records.items() if name.startswith(f"{architecture} {what}"))
        return found

    return of


def test_a_network_that_answers_with_a_dictionary_is_counted(told: Told) -> None:
    assert SMALL == told("dictionary", "macs").median


def test_a_network_that_answers_with_a_dictionary_can_train(told: Told) -> None:
    assert "ok" == told("dictionary", "predicted_memory train").status


@pytest.mark.parametrize("what", ["macs", "predicted_memory infer", "predicted_memory train"])
def test_an_output_without_a_tensor_is_told_in_one_line(told: Told, what: str) -> None:
    found = told("textual", what)
    assert "failed" == found.status
    assert "answers with dict, in which there is no tensor: return the class scores" in found.reason


def test_what_the_builder_compiled_is_counted_as_eager(told: Told) -> None:
    found = told("compiled_in_parts", "macs")
    assert SMALL == found.median
    assert found.details["second_counter_agrees"]
    assert ["conv", "fc"] == [layer["name"] for layer in found.details["layers"]]
    assert {"the network itself", "conv", "fc"} == set(found.details["uncompiled"])


def test_a_scripted_network_is_told_in_one_line_that_names_the_way_out(told: Told) -> None:
    found = told("scripted", "macs")
    assert "failed" == found.status
    assert "return the module itself, and use --compile" in found.reason


def test_a_network_of_frozen_parameters_has_nothing_to_train(told: Told) -> None:
    found = told("frozen", "predicted_memory train")
    assert ("unsupported", "nothing to train: all 4 parameters are frozen") == (found.status, found.reason)


def test_a_network_of_frozen_parameters_infers_all_the_same(told: Told) -> None:
    # convolution and linear layer with their biases, four bytes each
    assert 4 * (216 + 8 + 8000 + 1000) == told("frozen", "predicted_memory infer").details["parts"]["parameters"]


def test_a_block_that_the_builder_set_to_zero_stays_off(told: Told) -> None:
    found = told("zeroed", "macs")
    assert 3 * 32 * 32 * 1024 + 1024 * 1000 == found.median
    assert "standard normal noise, seed 0" == found.details["ran_on_images"]
    # the convolution and the classifier
    assert {"tensors": 2, "elements": 3 * 32 * 32 * 1024 + 1024 * 1000} == found.details["cheap_weights"]
