"""What the first run on a GPU must show, through the harness's own workers: what weighs most comes first."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import cast

import pytest
import torch

from bench.cell import Cell, Cost
from bench.execute.outcome import Outcome
from tests.gpu_check.conftest import quick_session
from tests.gpu_check.costs import LEAST, asked_of, bare_loop, beside_bare, records, smoke
from tests.gpu_check.machine import busy, doctor, noticed, second_gpu
from tests.gpu_check.session import Session, precisions_of
from tests.gpu_check.trainings import resumed, twice

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen"),
]
SECONDS = 60.0
WHERE = Cost(mode="infer", resolution=224, memory_format="channels_last", device="cuda")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with quick_session("cuda", tmp_path_factory.mktemp("check")) as session:
        yield session


def usual(session: Session) -> Cost:
    """Conditions that GPUs are used in: 16 bits, channels_last, autotuned convolutions."""
    kinds = precisions_of(session.seen, session.device)
    return replace(WHERE, precision="bf16" if "bf16" in kinds else "fp16", autotune=True)


def measured(session: Session, measure: str, where: Cost) -> Outcome:
    """What the worker makes of ResNet-50."""
    outcome = session.submitted(Cell("resnet50", measure, where), 2.0, SECONDS)
    assert ("ok", "") == (outcome.status, outcome.reason)
    return outcome


def test_doctor_finds_all_that_a_gpu_needs(session: Session) -> None:
    assert "pass" == (line := doctor(session)).verdict, line.why


def test_a_latency_on_cuda_is_warmed_up_and_has_samples_enough(session: Session) -> None:
    outcome = measured(session, "latency", WHERE)
    assert len(outcome.warmup) > 1
    assert len(outcome.values) >= LEAST
    assert outcome.details["ended"]


def test_resnet50_is_as_fast_as_in_a_bare_loop(session: Session) -> None:
    cell = Cell("resnet50", "throughput", replace(usual(session), batch=256))
    outcome = measured(session, "throughput", cast("Cost", cell.scenario))
    line = beside_bare(session, cell, median(outcome.values), bare_loop(session, asked_of(cell), SECONDS))
    assert "pass" == line.verdict, line


def test_one_image_takes_no_longer_on_the_device_than_on_the_host(session: Session) -> None:
    asked = asked_of(Cell("resnet50", "latency", usual(session)))
    waited, queued = (bare_loop(session, replace(asked, pipelined=p), SECONDS) for p in (False, True))
    assert isinstance(waited, float), waited
    assert isinstance(queued, float), queued
    assert 0 < queued <= 1.05 * waited


def test_the_device_s_time_of_one_image_is_told_beside_the_host_s(session: Session) -> None:
    outcome = measured(session, "latency", usual(session))
    assert 0 < outcome.details["device_time"] <= 1.05 * median(outcome.values)


def test_another_process_at_work_on_the_gpu_is_noticed(session: Session) -> None:
    with busy("cuda"):
        verdict, why = noticed(measured(session, "throughput", replace(usual(session), batch=64)))
    if verdict == "skip":
        pytest.skip(why)
    assert "pass" == verdict, why


def test_a_training_on_cuda_comes_out_the_same_twice(session: Session) -> None:
    assert ["pass"] == [line.verdict for line in twice(session, SECONDS)]


def test_a_training_on_cuda_that_is_killed_goes_on_where_it_was(session: Session) -> None:
    assert "pass" == next(iter(resumed(session, SECONDS))).verdict


def test_the_share_of_time_that_the_gpu_waits_is_told(session: Session) -> None:
    found = session.measured(session.grid.fine_tuning, SECONDS)[0].rows[0]
    assert ("ok", "") == (found.status, found.reason)
    assert 0 <= (found.median or 0) <= 1


def test_no_cell_of_a_smoke_run_fails_and_each_timing_tells_why_it_ended(session: Session) -> None:
    lines = [*smoke(session, 2 * SECONDS), *records(session, SECONDS)]
    assert [] == [line for line in lines if line.verdict == "fail"]


@pytest.mark.skipif(torch.cuda.device_count() == 1, reason="there is one GPU")
def test_a_second_gpu_is_waited_for_as_the_first_is(session: Session) -> None:
    assert {"pass", "note"} >= {line.verdict for line in second_gpu(session, SECONDS)}
