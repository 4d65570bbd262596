"""What can happen to nodes: real raylets on this machine. Each job ends once, and nothing waits for what is gone."""

import os
import signal
from collections.abc import Iterator

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from bench.cell import Cell, Cost
from bench.execute.cluster.executor import RayExecutor
from bench.execute.executor import Ended
from bench.execute.jobs import Measure
from tests.bench.execute.cluster.raylets import STUCK, Raylets, raylets

pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raylets]:
    with raylets(tmp_path_factory.mktemp("ray")) as made:
        yield made


@pytest.fixture
def pair(cluster: Raylets) -> Iterator[RayExecutor]:
    """An executor on the driver's own machine and one node more, `other`."""
    cluster.add("other")
    executor = cluster.join()
    yield executor
    executor.close()
    cluster.forget()
    cluster.drop("other")


def job(name: str) -> Measure:
    return Measure(Cell(name, "latency", Cost(mode="infer", resolution=16)), 1.0)


def ended(executor: RayExecutor) -> Ended:
    event = executor.next_event(STUCK)
    assert isinstance(event, Ended)
    return event


def names(executor: RayExecutor) -> list[str]:
    return [host.name for host in executor.hosts()]


def test_a_killed_node_loses_its_jobs_and_is_no_host_any_more(cluster: Raylets, pair: RayExecutor) -> None:
    assert ["local", "other"] == names(pair)
    there, here = pair.begin(job("there"), "other"), pair.begin(job("here"), "local")
    begun = {told.what: told for told in (cluster.told(), cluster.told())}
    cluster.signal("other", signal.SIGKILL)
    lost = ended(pair)
    assert (there, True) == (lost.handle, lost.outcome.lost)
    begun["here"].end()
    assert (here, "ok") == ((last := ended(pair)).handle, last.outcome.status)
    assert ["local"] == names(pair)


def test_a_frozen_node_is_lost_and_its_late_words_are_dropped(cluster: Raylets, pair: RayExecutor) -> None:
    there = pair.begin(job("there"), "other")
    told = cluster.told()
    cluster.signal("other", signal.SIGSTOP)
    told.end()
    lost = ended(pair)
    assert (there, True) == (lost.handle, lost.outcome.lost)
    assert "does not answer" in lost.outcome.reason
    assert ["local"] == names(pair)
    cluster.signal("other", signal.SIGCONT)
    again = pair.begin(job("again"), "local")
    cluster.told().end()
    assert again == ended(pair).handle


def test_a_killed_actor_costs_its_jobs_and_its_node_stands_again(cluster: Raylets, pair: RayExecutor) -> None:
    there = pair.begin(job("there"), "other")
    first = cluster.told()
    os.kill(first.pid, signal.SIGKILL)
    lost = ended(pair)
    assert (there, True) == (lost.handle, lost.outcome.lost)
    assert ["local", "other"] == sorted(names(pair), key=["local", "other"].index)
    again = pair.begin(job("again"), "other")
    second = cluster.told()
    second.end()
    assert (again, "ok") == ((last := ended(pair)).handle, last.outcome.status)
    assert first.pid != second.pid
