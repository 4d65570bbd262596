"""What can happen to nodes, with real raylets: each job ends once, and nothing waits for what is gone."""

import os
import signal
from collections.abc import Iterator
from typing import NamedTuple

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from bench.cell import Cell, Cost
from bench.execute.cluster.executor import RayExecutor
from bench.execute.executor import Ended
from bench.execute.jobs import Measure
from tests.bench.execute.cluster.raylets import STUCK, Raylets, raylets

pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray")]


class Joined(NamedTuple):
    """A cluster, and an executor on all of its nodes."""

    cluster: Raylets
    executor: RayExecutor

    def names(self) -> set[str]:
        """Of its hosts."""
        return {host.name for host in self.executor.hosts()}

    def begin(self, name: str, host: str) -> int:
        """Begin a job of this name."""
        return self.executor.begin(Measure(Cell(name, "latency", Cost(mode="infer", resolution=16)), 1.0), host)

    def ended(self) -> Ended:
        """The next job that has ended."""
        event = self.executor.next_event(STUCK)
        assert isinstance(event, Ended)
        return event

    def until_it_stands(self, host: str) -> None:
        """Wait until jobs can begin there."""
        changed = self.executor._changed
        with changed:
            assert changed.wait_for(lambda: host in self.names(), STUCK)

    def works(self, host: str) -> bool:
        """Whether a job can be done there."""
        handle = self.begin("again", host)
        self.cluster.told().end()
        event = self.ended()
        return (event.handle, event.outcome.status) == (handle, "ok")


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    """One node for each fault."""
    with raylets(tmp_path_factory.mktemp("ray")) as cluster:
        for name in ("doomed", "icy", "restless"):
            cluster.add(name)
        executor = cluster.join()
        yield Joined(cluster, executor)
        executor.close()
        cluster.forget()


def test_a_killed_node_loses_its_jobs_and_is_no_host_any_more(joined: Joined) -> None:
    assert "doomed" in joined.names()
    there, here = joined.begin("there", "doomed"), joined.begin("here", "local")
    begun = {told.what: told for told in (joined.cluster.told(), joined.cluster.told())}
    joined.cluster.signal("doomed", signal.SIGKILL)
    lost = joined.ended()
    assert (there, True) == (lost.handle, lost.outcome.lost)
    begun["here"].end()
    last = joined.ended()
    assert (here, "ok") == (last.handle, last.outcome.status)
    assert "doomed" not in joined.names()


def test_a_frozen_node_is_lost_and_its_late_words_are_dropped(joined: Joined) -> None:
    there = joined.begin("there", "icy")
    told = joined.cluster.told()
    joined.cluster.signal("icy", signal.SIGSTOP)
    told.end()
    lost = joined.ended()
    assert (there, True) == (lost.handle, lost.outcome.lost)
    assert "does not answer" in lost.outcome.reason
    assert "icy" not in joined.names()
    late = joined.begin("late", "icy")
    assert (late, True) == ((event := joined.ended()).handle, event.outcome.lost)
    joined.cluster.signal("icy", signal.SIGCONT)
    assert joined.works("local")


def test_a_killed_actor_costs_its_jobs_and_its_node_stands_again(joined: Joined) -> None:
    there = joined.begin("there", "restless")
    os.kill(joined.cluster.told().pid, signal.SIGKILL)
    lost = joined.ended()
    assert (there, True) == (lost.handle, lost.outcome.lost)
    joined.until_it_stands("restless")
    assert joined.works("restless")


def test_a_cancelled_job_ends_once(joined: Joined) -> None:
    handle = joined.begin("endless", "local")
    joined.cluster.told()
    joined.executor.cancel(handle)
    event = joined.ended()
    assert (handle, True) == (event.handle, event.outcome.killed)
    assert joined.works("local")
