"""Learning on CUDA asks torch for the same answer twice, and keeps what operators say that cannot give it."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from bench.cell import Cell, Cost
from bench.errors import UsageError
from bench.execute.work.measuring import get_ready, with_conditions
from bench.machine.determinism import WORKSPACE, be_deterministic, determinism_in_force, undetermined
from bench.machine.process import conditions
from tests.bench.stripes import Measured, cell_of
from tests.standin.cuda import StandIn

WHOLE = {"deterministic": True, "cudnn_deterministic": True, "cublas_workspace": ":4096:8"}


@pytest.fixture
def settled(cuda: StandIn) -> Iterator[StandIn]:
    """A process that has been asked to be deterministic, for one test."""
    be_deterministic("cuda")
    yield cuda
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]


def test_all_that_makes_cuda_deterministic_is_in_the_conditions(settled: StandIn) -> None:
    assert WHOLE == {name: value for name, value in conditions("cuda").items() if name in WHOLE}


def test_cublas_is_told_before_cuda_has_a_context(settled: StandIn) -> None:
    assert [] == settled.named("context")
    assert ":4096:8" == os.environ[WORKSPACE]


def test_a_workspace_of_the_users_that_is_deterministic_stays(
    cuda: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WORKSPACE, ":16:8")
    be_deterministic("cuda:0")
    assert ":16:8" == determinism_in_force()["cublas_workspace"]
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]


def test_on_a_cpu_nothing_is_asked_and_nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WORKSPACE, raising=False)
    be_deterministic("cpu")
    assert {"deterministic": False, "cudnn_deterministic": False, "cublas_workspace": ""} == determinism_in_force()
    assert not WHOLE.keys() & conditions("cpu").keys()


@pytest.mark.usefixtures("world", "kept_process")
@pytest.mark.parametrize("is_learning", [True, False])
def test_cost_on_cuda_is_measured_as_users_run_it(cuda: StandIn, is_learning: bool) -> None:
    cost = Cell("lenet5", "latency", Cost(mode="infer", resolution=32, device="cuda"))
    get_ready(cell_of(device="cuda") if is_learning else cost)
    assert is_learning == determinism_in_force()["deterministic"]
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]


@pytest.mark.usefixtures("kept_process")
def test_a_network_that_gives_up_determinism_while_it_learns_is_refused(
    settled: StandIn, measured: Measured
) -> None:
    cell = cell_of(device="cuda")
    samples = measured(device="cuda")
    torch.use_deterministic_algorithms(False)
    with pytest.raises(UsageError, match="deterministic was False at the end of a cell that says True"):
        with_conditions(samples, cell, False, threads=cell.scenario.threads, tf32_matmul=False, tf32_cudnn=False)


def put() -> None:
    """An operator that has no deterministic form, on any device."""
    torch.zeros(3).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))


def test_what_an_operator_says_that_has_no_deterministic_form_is_kept_once(settled: StandIn) -> None:
    with undetermined("cuda") as said:
        put()
        put()
    assert ["put_ does not have a deterministic implementation"] == list(said)


def test_what_is_said_once_a_process_is_heard_in_each_training(settled: StandIn) -> None:
    heard = []
    for _ in range(2):
        with undetermined("cuda") as said:
            heard.append(torch.is_warn_always_enabled())
            warnings.warn(
                "Flash Attention defaults to a non-deterministic algorithm. To explicitly ...", stacklevel=1
            )
        assert ["Flash Attention defaults to a non-deterministic algorithm"] == list(said)
    assert ([True, True], False) == (heard, torch.is_warn_always_enabled())


def test_other_warnings_go_their_way(settled: StandIn) -> None:
    with pytest.warns(UserWarning, match="something else"), undetermined("cuda") as said:
        warnings.warn("something else", UserWarning, stacklevel=1)
    assert {} == said


def test_a_record_says_what_of_its_training_and_of_its_artifacts_does_not_repeat(
    settled: StandIn, measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.bench.stripes import Net

    forward = Net.forward

    def putting(self: Net, x: torch.Tensor) -> torch.Tensor:
        put()
        return forward(self, x)

    words = ["put_ does not have a deterministic implementation"]
    with monkeypatch.context() as patch:
        patch.setattr(Net, "forward", putting)
        assert words == measured(device="cuda").details["not_deterministic"]
        assert words == measured(device="cuda", mode="features+svm").details["not_deterministic"]
    assert words == measured(device="cuda", mode="features+svm").details["not_deterministic"]
    assert "not_deterministic" not in measured(device="cuda", seed=1).details
