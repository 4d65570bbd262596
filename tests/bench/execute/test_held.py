"""An executor that holds the GPUs of its jobs. Executor and NVML are made up, and no time passes."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.artifact import Artifact
from bench.execute.jobs import Job, Make, Measure, Probe
from bench.execute.local.held import LOOKS, SLACK, Holding
from bench.execute.outcome import Outcome

GB = 10**9
DEVICES: dict[str, dict[str, Any]] = {"cuda:0": {"uuid": "GPU-1"}, "cuda:1": {"uuid": None}}
OK = Outcome("ok")
KILLED = Outcome("timeout", killed=True)


def measure(device: str = "cuda") -> Measure:
    return Measure(Cell("net", "latency", Cost(mode="infer", resolution=8, device=device)), 1.0)


class Room:
    """An executor and a GPU; what happens is put down in order."""

    def __init__(self, *used: int, outcomes: tuple[Outcome, ...] = (KILLED, OK)) -> None:
        self.events: list[str] = []
        self._used: Iterator[int] = iter(used)
        self._outcomes = iter(outcomes)
        nvml = SimpleNamespace(
            nvmlInit=lambda: None,
            nvmlDeviceGetHandleByUUID={"GPU-1": "handle"}.__getitem__,
            nvmlDeviceGetMigMode=lambda handle: [0, 0],
            nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(used=next(self._used)),
        )
        self.holding = Holding(self, DEVICES, self.events.append, nvml, lambda _: self.events.append("pause"))

    def submit(self, *_: object) -> Outcome:
        """The next outcome."""
        self.events.append("job")
        return next(self._outcomes)

    def close(self) -> None:
        """Nothing runs."""
        self.events.append("closed")

    def do(self, *jobs: Job) -> list[str]:
        """What happens while they are done."""
        for job in jobs:
            self.holding.submit(job, 1.0, lambda _: None)
        return self.events


def test_after_a_killed_cell_the_next_waits_until_its_memory_is_free() -> None:
    assert ["job", "pause", "pause", "job"] == Room(GB, 9 * GB, 5 * GB, GB, GB).do(measure(), measure())


def test_memory_that_others_take_meanwhile_is_not_waited_for() -> None:
    assert ["job", "job"] == Room(GB, GB + SLACK, GB).do(measure(), measure())


def test_after_a_cell_that_ended_by_itself_nothing_is_waited_for() -> None:
    assert ["job", "job"] == Room(GB, 9 * GB, outcomes=(OK, OK)).do(measure(), measure())


def test_one_cell_alone_waits_for_the_killed_one() -> None:
    room = Room(GB, 9 * GB, GB, GB, GB, outcomes=(KILLED, OK, OK))
    assert ["job", "pause", "job", "job"] == room.do(measure(), measure(), measure())


def test_memory_that_stays_is_told_and_the_cell_begins_all_the_same() -> None:
    words = "cuda:0 still holds 8000 MB more than before the process that was killed"
    room = Room(GB, *[9 * GB] * (LOOKS + 1))
    assert ["job", *["pause"] * LOOKS, words, "job"] == room.do(measure(), measure())


def test_an_artifact_waits_like_a_cell() -> None:
    made = Make(Artifact("checkpoint", (("device", "cuda:0"),)), 1)
    assert ["job", "pause", "job"] == Room(GB, 9 * GB, GB, GB).do(measure(), made)


@pytest.mark.parametrize("job", [measure("cpu"), measure("cuda:1"), Probe()])
def test_a_job_on_no_gpu_or_one_that_nvml_does_not_know_is_only_done(job: Any) -> None:
    assert ["job", "job"] == Room().do(job, job)


def test_to_close_it_ends_its_processes() -> None:
    room = Room()
    room.holding.close()
    assert ["closed"] == room.events


def test_without_gpus_nvml_is_not_asked() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            pytest.fail(f"NVML was asked for {name}")

    room = Room(outcomes=(OK,))
    assert OK == Holding(room, {}, room.events.append, Untouchable()).submit(measure("cpu"), 1.0, lambda _: None)
