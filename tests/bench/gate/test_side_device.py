"""What a side does with device and arithmetic, whatever its revision does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.errors import NotComparable
from bench.execute.jobs import Step
from bench.gate.sides import CodeSide, SideServer

ROOT = Path(__file__).parents[3]
LIMIT = 120.0
CATALOG = '''
"""A network, and a measure that tells the number format of its convolutions, and how GPUs are asked for."""
import os
import torch
from torch import nn
from evobench import Samples, architecture, measure
from bench.measures.timing import forward

SWITCH = "PYTORCH_NVML_BASED_CUDA_CHECK"
AT_IMPORT = os.environ.get(SWITCH)

@architecture(family="Formats", year=2026, paper="none", resolution=8, min_resolution=8, channels=1)
def formats_net(num_classes: int) -> nn.Module:
    """Small."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))

@measure(unit="s", better="lower")
def formats(subject, clock):
    """Tells both."""
    found = clock.sample(forward(subject))
    of_jobs = {"format": torch.backends.cudnn.conv.fp32_precision, "switch": os.environ.get(SWITCH)}
    return Samples(found.values, details={**of_jobs, "switch_of_server": AT_IMPORT})
'''


def side(folder: Path, source: str) -> CodeSide:
    (folder / "models.py").write_text(source)
    return CodeSide(
        "main (abc)", Path(sys.executable), (ROOT,), folder, folder / "shelf", (str(folder / "models.py"),)
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a worker that takes steps tells of itself."""
    cell = Cell("formats_net", "formats", Cost(mode="infer", resolution=8))
    with SideServer(side(tmp_path_factory.mktemp("side"), CATALOG), ()) as server:
        worker = server.begin(Step(cell))
        assert worker.ready(LIMIT)
        worker.step(LIMIT)
        return worker.finish(LIMIT).details


def test_a_step_computes_in_the_precision_of_its_cell(told: dict[str, Any]) -> None:
    assert "ieee" == told["format"]


def test_a_worker_asks_cuda_itself_for_gpus_though_its_server_asked_nvml(told: dict[str, Any]) -> None:
    assert ("1", None) == (told["switch_of_server"], told["switch"])


def test_a_catalogue_that_starts_cuda_where_workers_are_forked_is_named(tmp_path: Path) -> None:
    starts = "import torch\ntorch.cuda.is_initialized = lambda: True\n"
    with (
        SideServer(side(tmp_path, starts), ()) as started,
        pytest.raises(NotComparable, match=r"catalogue '.*models\.py' starts CUDA"),
    ):
        started.await_ready()
