"""What one cell's code sets for the whole process does not reach another cell, and never a row's label."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.execute.jobs import Given, Make, Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish
from bench.measures.counts import count_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
SETS = '''
import gc
import os
import random
import sys
import warnings
import numpy
import torch
from evobench import Samples, architecture, measure

torch.set_default_dtype(torch.float64)
torch.set_num_threads(5)
torch.set_num_interop_threads(5)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
torch.set_float32_matmul_precision("medium")
torch.backends.cuda.matmul.allow_tf32 = True
torch.manual_seed(7)
numpy.random.seed(7)
random.seed(7)
warnings.simplefilter("error")

declare = architecture(family="Own", year=2026, paper="none", resolution=16, min_resolution=8)

@declare
def quiet(num_classes):
    """Sets nothing."""
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(784, num_classes))

@declare
def busy(num_classes):
    """Sets in its builder what it can."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(5)
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    return quiet(num_classes)

@declare
def sleepless(num_classes):
    """Sets its threads whenever it runs."""
    class Net(torch.nn.Sequential):
        def forward(self, images):
            torch.set_num_threads(1)
            return super().forward(images)
    return Net(*quiet(num_classes))

@declare
def double(num_classes):
    """Has weights of another type than pictures."""
    torch.set_default_dtype(torch.float64)
    return quiet(num_classes)

@declare
def casting(num_classes):
    """Has weights of another type than pictures, and runs all the same."""
    class Net(torch.nn.Sequential):
        def forward(self, images):
            return super().forward(images.double())
    return Net(*double(num_classes))

LONG = "The first part is told whole. " * 20

@declare
def long(num_classes):
    """Says more than a reason has room for."""
    class Net(torch.nn.Identity):
        def forward(self, images):
            raise RuntimeError(LONG + "And the last one has no room in a line, " + "however " * 20 + "long it is.")
    return Net()

@declare
def without_operators(num_classes):
    """Needs what is not installed."""
    class Net(torch.nn.Identity):
        def forward(self, images):
            raise RuntimeError("Couldn't load custom C++ ops. Please reinstall torchvision.")
    return Net()

@measure(unit="1", nature="count", better="neither")
def in_force(subject, clock):
    """Settings of the process after the model was built."""
    model = subject.model
    drawn = [torch.rand(1).item(), random.random(), float(numpy.random.rand())]
    found = {
        "dtype": str(torch.get_default_dtype()),
        "interop": torch.get_num_interop_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "gradients": torch.is_grad_enabled(),
        "precision": torch.backends.cuda.matmul.fp32_precision,
        "tf32": torch.backends.cuda.matmul.allow_tf32,
        "errors": any(rule[0] == "error" for rule in warnings.filters),
    }
    return Samples((1.0,), details={"found": found, "drawn": drawn})
'''


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("catalogue") / "sets.py"
    file.write_text(SETS)
    return str(file)


@pytest.fixture(scope="module")
def executor(catalogue: str) -> Iterator[LocalExecutor]:
    local = LocalExecutor([catalogue])
    yield local
    local.close()


def outcome(executor: LocalExecutor, architecture: str, measure: str = "in_force") -> Outcome:
    cell = Cell(architecture, measure, Cost(mode="infer", resolution=16, threads=2))
    return finish(executor, Measure(cell, 0.01), 60)


AS_TORCH_COMES = {
    "dtype": "torch.float32",
    "interop": 1,
    "deterministic": False,
    "gradients": True,
    "precision": "ieee",
    "tf32": False,
    "errors": False,
}


@pytest.mark.parametrize("name", ["quiet", "busy"])
def test_what_a_catalogue_and_a_builder_set_is_not_in_force(executor: LocalExecutor, name: str) -> None:
    assert AS_TORCH_COMES == outcome(executor, name).details["found"]


def test_seeds_of_a_catalogue_and_a_builder_reach_no_other_draw(executor: LocalExecutor) -> None:
    quiet, busy = (outcome(executor, name).details["drawn"] for name in ("quiet", "busy"))
    assert 0.32383276483316237 != quiet[1]  # random.seed(7)
    assert 0.07630828937395717 != quiet[2]  # numpy.random.seed(7)
    assert 0.4962565899 != pytest.approx(busy[0])  # torch.manual_seed(0)


@pytest.mark.parametrize("fork", [True, False])
def test_a_record_says_what_was_set_and_by_whom(catalogue: str, fork: bool) -> None:
    local = LocalExecutor([catalogue], fork=fork)
    undone = outcome(local, "busy").details["settings_undone"]
    local.close()
    imported, built = undone["catalogue 'sets.py'"], undone["the builder of 'busy' (sets.py:30)"]
    expected = {"default dtype": "torch.float64", "threads": "5", "interop threads": "5", "gradients": "False"}
    assert expected == {name: imported[name] for name in expected}
    assert {"threads": "1", "interop threads": "5", "seed of torch": "0", "gradients": "False"} == built


def test_each_who_sets_something_gets_one_warning(executor: LocalExecutor) -> None:
    first, second = outcome(executor, "busy").details["warnings"]
    assert (True, True) == (first.startswith("catalogue 'sets.py'"), second.startswith("the builder of 'busy'"))


def test_a_builder_that_sets_threads_is_timed_with_those_of_the_cell(executor: LocalExecutor) -> None:
    assert 2 == outcome(executor, "busy", "latency").details["conditions"]["threads"]


def test_no_time_is_told_of_a_network_that_runs_with_other_threads_than_its_cell(executor: LocalExecutor) -> None:
    words = "threads was 1 at the end of a cell that says 2: leave such settings out of the forward of 'sleepless'"
    found = outcome(executor, "sleepless", "latency")
    assert ("failed", words, ()) == (found.status, found.reason, found.values)


@pytest.mark.parametrize("name", ["double", "casting"])
def test_no_time_is_told_of_weights_of_another_type_than_the_cell_s(executor: LocalExecutor, name: str) -> None:
    words = "its weights are of float64, where those of every precision are of float32"
    found = outcome(executor, name, "latency")
    assert ("unsupported", words, ()) == (found.status, found.reason, found.values)


def test_a_count_of_a_network_in_another_type_than_pictures_is_told_so_before_torch_speaks(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    load_catalogs()
    job = Make(count_of(ARCHITECTURES.get("resnet18"), 16), 1, Given(tmp_path))
    made = replace(job, artifact=replace(job.artifact, spec=(("architecture", "double"), ("resolution", 16))))
    found = finish(executor, made, 60)
    words = "'double' has weights of float64, and pictures are of float32: build it in float32: RuntimeError: "
    assert ("failed", words) == (found.status, found.reason[: len(words)])


def test_missing_operators_are_told_first_and_torchvision_s_words_are_whole(executor: LocalExecutor) -> None:
    found = outcome(executor, "without_operators", "latency")
    ours = "'without_operators' needs torchvision's C++ operators, which this installation lacks"
    theirs = "RuntimeError: Couldn't load custom C++ ops. Please reinstall torchvision. (sets.py:"
    assert ("failed", f"{ours}: {theirs}") == (found.status, found.reason[: len(ours) + 2 + len(theirs)])


def test_no_sentence_of_an_error_is_cut_and_the_details_have_all_of_it(executor: LocalExecutor) -> None:
    found = outcome(executor, "long", "latency")
    told = "The first part is told whole. " * 20
    assert f"RuntimeError: {told}... (sets.py:" == found.reason[: len(told) + 27]
    assert "however long it is." in found.details["traceback"][-1]
