"""Nodes that fail during a run, with real raylets: it ends as an undisturbed one does, with each cell once."""

import io
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from bench.cell import Cell, Cost
from bench.errors import UsageError
from bench.execute.cluster.executor import RayExecutor
from bench.execute.executor import Ended
from bench.execute.jobs import Measure
from bench.run.driver import Pace, drive
from bench.store.rows import RecordRow
from tests.bench.driving import declarations, desk, step
from tests.bench.execute.cluster.raylets import STUCK, Raylets, Told, raylets

pytestmark = pytest.mark.ray
STEPS = [step("driver_count", resolution=32 + side) for side in range(24)]
LANES = 2


@dataclass
class Faulty:
    """A run during which a node is killed, one freezes, and on one the process of the engine is killed."""

    cluster: Raylets
    executor: RayExecutor
    state: str
    records: tuple[RecordRow, ...]
    said: str

    def names(self) -> set[str]:
        """Of the hosts that are left."""
        return {host.name for host in self.executor.hosts()}

    def begin(self, host: str) -> int:
        """Begin a job."""
        return self.executor.begin(Measure(Cell("net", "latency", Cost(mode="infer", resolution=16)), 1.0), host)

    def ended(self) -> Ended:
        """The next job that has ended."""
        event = self.executor.next_event(STUCK)
        assert isinstance(event, Ended)
        return event

    def told(self, host: str) -> Told:
        """The next job that has begun there; those of a node that was given up may still begin, late."""
        while told := self.cluster.told():
            if self.cluster.node_of(told.pid) == host.replace("local", ""):
                return told
        raise AssertionError("telling was stopped")

    def works(self, host: str) -> bool:
        """Whether a job can be done there."""
        handle = self.begin(host)
        self.told(host).end()
        event = self.ended()
        return (event.handle, event.outcome.status) == (handle, "ok")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ray")


@pytest.fixture(scope="module")
def cluster(folder: Path, one_ray: None) -> Iterator[Raylets]:
    """One node for each fault."""
    with raylets(folder) as made:
        for name in ("doomed", "icy", "restless"):
            made.add(name)
        yield made


@pytest.fixture(scope="module")
def refusal(cluster: Raylets, folder: Path) -> str:
    """What is said where a node has another torch."""
    other = folder / "other" / "torch-2.9.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1\n")
    cluster.add("odd", env_vars={"PYTHONPATH": str(other.parent)})
    with pytest.raises(UsageError) as refused:
        cluster.join()
    cluster.drop("odd")
    return str(refused.value)


@pytest.fixture(scope="module")
def faulty(cluster: Raylets, refusal: str, folder: Path) -> Iterator[Faulty]:
    """The run, with its cluster as it was left."""
    executor = cluster.join()
    answers = threading.Thread(target=answer, args=(cluster,), daemon=True)
    answers.start()
    said = io.StringIO()
    with declarations():
        here = desk(folder, executor, STEPS, shown=said)
        state = drive(here, STEPS, Pace(lanes=LANES))
    cluster.stop_telling()
    answers.join()
    yield Faulty(cluster, executor, state, tuple(here.store.records("r1")), said.getvalue())
    here.store.close()
    executor.close()
    cluster.forget()


def answer(cluster: Raylets) -> None:
    """End every job well, but for the first of each node that is to fail."""
    to_come = {"doomed", "icy", "restless"}
    while told := cluster.told():
        name = cluster.node_of(told.pid)
        match name if name in to_come else "":
            case "doomed":
                cluster.signal(name, signal.SIGKILL)
            case "icy":
                cluster.signal(name, signal.SIGSTOP)
                told.end()
            case "restless":
                os.kill(told.pid, signal.SIGKILL)
            case _:
                told.end()
        to_come.discard(name)


def test_a_node_with_another_torch_is_refused_by_its_name(refusal: str) -> None:
    torch = version("torch").partition("+")[0]
    assert f"node 'odd' has torch 2.9.1, the driver has {torch}" in refusal


def test_a_run_whose_nodes_fail_has_every_cell_once(faulty: Faulty) -> None:
    expected = {s.planned.cell.key: 1 for s in STEPS}
    assert ("complete", expected) == (faulty.state, Counter(row.cell_key for row in faulty.records))
    assert {"ok"} == {row.status for row in faulty.records}


def test_nodes_that_are_gone_are_told_and_no_hosts_any_more(faulty: Faulty) -> None:
    assert {"local", "restless"} == faulty.names()
    assert "host doomed went away" in faulty.said
    assert "host icy went away" in faulty.said


def test_a_node_whose_engine_was_killed_works_again(faulty: Faulty) -> None:
    assert faulty.works("restless")


def test_late_words_of_a_node_that_was_given_up_are_dropped(faulty: Faulty) -> None:
    faulty.cluster.signal("icy", signal.SIGCONT)
    late = faulty.begin("icy")
    event = faulty.ended()
    assert (late, True) == (event.handle, event.outcome.lost)
    assert "does not answer" in faulty.executor._links["icy"].why
    assert faulty.works("local")


def test_a_cancelled_job_ends_once(faulty: Faulty) -> None:
    handle = faulty.begin("local")
    faulty.told("local")
    faulty.executor.cancel(handle)
    event = faulty.ended()
    assert (handle, True) == (event.handle, event.outcome.killed)
    assert faulty.works("local")
