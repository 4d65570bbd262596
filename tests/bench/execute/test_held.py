"""An executor that holds the GPUs of its jobs. Executor and NVML are made up, and no time passes."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.artifact import Artifact
from bench.execute.executor import Ended, Host
from bench.execute.jobs import Job, Make, Measure, Probe
from bench.execute.local.held import LOOKS, SLACK, Holding
from bench.execute.outcome import Outcome
from bench.execute.underway import finish

GB = 10**9
OK = Outcome("ok")
KILLED = Outcome("timeout", killed=True)


def measure(device: str = "cuda") -> Measure:
    return Measure(Cell("net", "latency", Cost(mode="infer", resolution=8, device=device)), 1.0)


class Room:
    """An executor and a GPU; what happens is put down in order."""

    def __init__(
        self,
        *used: int,
        outcomes: tuple[Outcome, ...] = (KILLED, OK),
        uuids: tuple[str | None, str | None] = ("GPU-1", None),
    ) -> None:
        self.events: list[str] = []
        self._used: Iterator[int] = iter(used)
        self._outcomes = iter(outcomes)
        self._begun = self._over = 0
        devices: dict[str, dict[str, Any]] = {f"cuda:{index}": {"uuid": uuid} for index, uuid in enumerate(uuids)}
        nvml = SimpleNamespace(
            nvmlInit=lambda: None,
            nvmlDeviceGetHandleByUUID={"GPU-1": "first", "GPU-2": "second"}.__getitem__,
            nvmlDeviceGetMigMode=lambda handle: [0, 0],
            nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(used=next(self._used)),
        )
        self.holding = Holding(self, devices, self.events.append, nvml, lambda _: self.events.append("pause"))

    def hosts(self) -> tuple[Host, ...]:
        """One."""
        return (Host("local", 1, 0),)

    def begin(self, job: Job, host: str) -> int:
        """The next job."""
        self.events.append("job")
        self._begun += 1
        return self._begun

    def next_event(self, timeout: float | None) -> Ended:
        """The first that has not ended ends."""
        self._over += 1
        return Ended(self._over, next(self._outcomes))

    def cancel(self, handle: int) -> None:
        """Note it."""
        self.events.append(f"cancel {handle}")

    def close(self) -> None:
        """Nothing runs."""
        self.events.append("closed")

    def do(self, *jobs: Job) -> list[str]:
        """What happens while they are done."""
        for job in jobs:
            finish(self.holding, job, 1.0)
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


def test_jobs_on_two_gpus_at_once_each_have_what_was_left_of_their_own() -> None:
    room = Room(GB, 2 * GB, GB, 9 * GB, 2 * GB, 2 * GB, outcomes=(OK, KILLED, OK, OK), uuids=("GPU-1", "GPU-2"))
    for device in ("cuda:0", "cuda:1"):
        room.holding.begin(measure(device), "local")
    for _ in range(2):
        room.holding.next_event(None)
    assert ["job", "job", "job", "pause", "job"] == room.do(measure("cuda:0"), measure("cuda:1"))


def test_beside_another_job_of_ours_what_a_killed_one_left_is_not_waited_for() -> None:
    room = Room(GB, 5 * GB, 9 * GB, outcomes=(KILLED, OK))
    for _ in range(2):
        room.holding.begin(measure(), "local")
    room.holding.next_event(None)
    room.holding.begin(measure(), "local")
    assert ["job", "job", "job"] == room.events


def test_a_job_is_cancelled_where_it_runs() -> None:
    room = Room(GB)
    room.holding.cancel(room.holding.begin(measure(), "local"))
    assert ["job", "cancel 1"] == room.events


def test_to_close_it_ends_its_processes() -> None:
    room = Room()
    room.holding.close()
    assert ["closed"] == room.events


def test_without_gpus_nvml_is_not_asked() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            pytest.fail(f"NVML was asked for {name}")

    room = Room(outcomes=(OK,))
    assert OK == finish(Holding(room, {}, room.events.append, Untouchable()), measure("cpu"), 1.0)
