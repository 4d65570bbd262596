"""The verb `run` with networks that onnxruntime executes: what is kept, and what is said where it cannot."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.store.database import Store
from bench.store.rows import RecordRow

CATALOG = '''
import torch
from evobench import architecture


class Net(torch.nn.Module):
    def __init__(self, classes, end):
        super().__init__()
        self.below, self.head, self.end = torch.nn.Conv2d(3, 4, 3), torch.nn.Linear(4, classes), end

    def forward(self, images):
        return self.end(self.head(self.below(images).mean((2, 3))))


def declare(name, end):
    def build(num_classes: int):
        """One of the tests."""
        return Net(num_classes, end)

    build.__name__ = name
    architecture(family="Onnx", year=2026, paper="none", resolution=16, min_resolution=8)(build)


declare("plain", lambda scores: scores)
declare("drawing", lambda scores: scores + torch.rand_like(scores))
declare("looking", lambda scores: scores if scores.sum() > 0 else -scores)
'''
ABSENT = "import sys\nsys.modules['onnxruntime'] = None\n"
WHAT = ("--suite", "cost", "--profile", "smoke", "--threads", "1", "--no-report", "--execution", "eager,onnx")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
Told = Callable[[str], RecordRow]


def run(folder: Path, catalog: str, *options: str) -> tuple[int, str, dict[str, RecordRow]]:
    """Exit code, progress, and the records by the names of their cells, of a run in a process of its own."""
    (folder / "networks.py").write_text(catalog)
    where = ["--store", str(folder / "runs.sqlite"), "--catalog", str(folder / "networks.py")]
    command = [sys.executable, "-m", "evobench", "run", *where, *WHAT, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    with Store.open(folder / "runs.sqlite") as kept:
        name = kept.run("latest").id
        cells = {row.cell.key: row.cell for row in kept.cells(name)}
        return done.returncode, done.stderr, {str(cells[row.cell_key]): row for row in kept.records(name)}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, RecordRow]]:
    """Of all three networks the latency and a step of training."""
    measures = ("--measure", "latency,train_step")
    return run(tmp_path_factory.mktemp("onnx"), CATALOG, "--arch", "plain,drawing,looking", *measures)


@pytest.fixture
def told(ran: tuple[int, str, dict[str, RecordRow]]) -> Told:
    """The record of a latency under onnx, by the name of its network."""
    return lambda name: next(row for cell, row in ran[2].items() if f"{name} latency" in cell and "onnx" in cell)


def test_a_network_is_timed_and_told_by_which_versions(told: Told) -> None:
    assert ("ok", "CPUExecutionProvider") == (told("plain").status, told("plain").details["onnx"]["provider"])
    expected = {"onnxruntime", "opset", "provider", "difference", "tolerance", "filled"}
    assert expected == set(told("plain").details["onnx"])


def test_its_outputs_were_within_the_tolerance(told: Told) -> None:
    found = told("plain").details["onnx"]
    assert 0 <= found["difference"] <= found["tolerance"]


def test_exporting_lies_in_the_first_call_and_in_no_sample(told: Told) -> None:
    found = told("plain")
    assert found.details["first_call"] > 10 * (found.highest or 0)


def test_outputs_that_are_not_torch_s_fail_the_cell(told: Told) -> None:
    assert "failed" == told("drawing").status
    assert "away from torch's, where 0.0001 is tolerated" in told("drawing").reason


def test_a_network_without_a_form_in_onnx_is_unsupported(told: Told) -> None:
    assert "unsupported" == told("looking").status
    assert told("looking").reason.startswith("it cannot be exported to ONNX: ")


def test_training_is_unsupported(ran: tuple[int, str, dict[str, RecordRow]]) -> None:
    (found,) = (row for cell, row in ran[2].items() if "plain train_step" in cell and "onnx" in cell)
    assert ("unsupported", True) == (found.status, "onnxruntime infers" in found.reason)


def test_what_is_eager_has_nothing_of_onnx(ran: tuple[int, str, dict[str, RecordRow]]) -> None:
    assert 6 == sum("onnx" not in row.details for cell, row in ran[2].items() if "onnx" not in cell)


def test_the_terminal_hears_nothing_of_the_exporter(ran: tuple[int, str, dict[str, RecordRow]]) -> None:
    code, said, _ = ran
    assert 3 == code
    assert [] == [line for line in said.splitlines() if "torch.onnx" in line or "Warning" in line]


def test_without_the_extra_the_cell_says_how_to_install_it_and_the_run_goes_on(tmp_path: Path) -> None:
    measures = ("--measure", "latency,peak_memory", "--arch", "plain")
    code, _, records = run(tmp_path, CATALOG + ABSENT, *measures)
    statuses = {cell: row.status for cell, row in records.items() if "latency" in cell}
    assert (0, ["ok", "unsupported"]) == (code, sorted(statuses.values()))
    assert "ONNX needs onnxruntime: pip install 'evobench[onnx]'" in [row.reason for row in records.values()]
