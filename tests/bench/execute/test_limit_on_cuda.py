"""A memory limit of a cell on CUDA, through the worker, on the stand-in for CUDA."""

from pathlib import Path

import pytest
import torch

from bench.cell import Cell, Cost
from bench.declare.catalog import load_catalogs
from bench.execute.frames import Frame
from bench.execute.jobs import Given, Measure
from bench.execute.work import worker
from tests.standin.cuda import StandIn

MB = 10**6


def performed(folder: Path, limit: int | None) -> list[Frame]:
    """What the worker says of the peak of SqueezeNet, whose weights take 5 MB."""
    load_catalogs()
    where = Cost(mode="infer", resolution=64, device="cuda", threads=torch.get_num_threads())
    frames: list[Frame] = []
    given = Given(folder, memory_limit=limit)
    worker.perform(Measure(Cell("squeezenet1_1", "peak_memory", where), 1.0, given), frames.append)
    return frames


@pytest.fixture(autouse=True)
def own_process(kept_process: None) -> None:
    """What a worker does to its process is undone."""


def test_want_of_memory_under_a_limit_on_cuda_is_out_of_memory_and_names_the_limit(
    cuda: StandIn, tmp_path: Path
) -> None:
    result = performed(tmp_path, MB)[-1]
    assert ("oom", True) == (result["status"], result["reason"].endswith("; its memory limit is 1 MB"))


@pytest.mark.parametrize("limit", [None, 100 * MB])
def test_memory_below_the_limit_on_cuda_is_had(cuda: StandIn, tmp_path: Path, limit: int | None) -> None:
    assert "ok" == performed(tmp_path, limit)[-1]["status"]


def test_the_limit_on_cuda_is_that_of_one_job(cuda: StandIn, tmp_path: Path) -> None:
    performed(tmp_path, MB)
    assert "ok" == performed(tmp_path, None)[-1]["status"]


def test_a_limit_on_cuda_is_not_told_as_one_that_the_process_could_die_of(cuda: StandIn, tmp_path: Path) -> None:
    assert [] == [frame for frame in performed(tmp_path, MB) if frame["event"] == "limited"]
