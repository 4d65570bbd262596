"""What the first run on a GPU must show, through the harness's own workers: cells of a small network."""

from collections.abc import Iterator

import pytest
import torch

from bench.cell import Cell, Cost
from tests.gpu_check.conftest import quick_session
from tests.gpu_check.costs import LEAST
from tests.gpu_check.machine import second_gpu
from tests.gpu_check.session import Session
from tests.gpu_check.trainings import resumed, twice

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen"),
]
SECONDS = 60.0
LATENCY = Cell("resnet18", "latency", Cost(mode="infer", resolution=224, device="cuda"))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with quick_session("cuda", tmp_path_factory.mktemp("check")) as session:
        yield session


def test_a_latency_on_cuda_is_warmed_up_and_has_samples_enough(session: Session) -> None:
    outcome = session.submitted(LATENCY, 2.0, SECONDS)
    assert ("ok", "") == (outcome.status, outcome.reason)
    assert len(outcome.warmup) > 1
    assert len(outcome.values) >= LEAST


def test_a_training_on_cuda_comes_out_the_same_twice(session: Session) -> None:
    assert ["pass"] == [line.verdict for line in twice(session, SECONDS)]


def test_a_training_on_cuda_that_is_killed_goes_on_where_it_was(session: Session) -> None:
    assert "pass" == next(iter(resumed(session, SECONDS))).verdict


def test_the_share_of_time_that_the_gpu_waits_is_told(session: Session) -> None:
    found = session.measured(session.grid.fine_tuning, SECONDS)[0].rows[0]
    assert ("ok", "") == (found.status, found.reason)
    assert 0 <= (found.median or 0) <= 1


@pytest.mark.skipif(torch.cuda.device_count() == 1, reason="there is one GPU")
def test_a_second_gpu_is_waited_for_as_the_first_is(session: Session) -> None:
    assert {"pass", "note"} >= {line.verdict for line in second_gpu(session, SECONDS)}
