"""Artifacts travel by key: what a job reads is sent, what it makes comes back, and nothing arrives damaged."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import measure
from bench.execute.cluster.node import Node
from bench.execute.cluster.parcels import CHUNK
from bench.execute.executor import Ended
from bench.execute.jobs import Given, Job, Make, Measure
from bench.execute.outcome import Outcome
from tests.bench.driving import named
from tests.bench.execute.cluster.direct import Direct, executor_on, node
from tests.bench.execute.cluster.obedient import done

IMAGES = Artifact("images", (("name", "mine"),))
FEATURES = Artifact("features", (("architecture", "resnet18"),), (IMAGES,))
CONTENT = bytes(range(256)) * (CHUNK // 256) + b"the end"
"""More than is sent at once."""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The driver's, with the images on it."""
    made = Shelf(tmp_path / "artifacts")
    with made.writing(IMAGES, {"classes": 2}) as path:
        path.write_bytes(CONTENT)
    return made


@pytest.fixture
def calls() -> Direct:
    return Direct()


@pytest.fixture
def away() -> Iterator[Node]:
    made = node()
    yield made
    made.close()


def ended(executor: object, job: Job, host: str = "away") -> Outcome:
    executor.begin(job, host)  # type: ignore[attr-defined]
    event = executor.next_event(60)  # type: ignore[attr-defined]
    assert isinstance(event, Ended)
    return event.outcome


def make(shelf: Shelf) -> Make:
    return Make(FEATURES, 1, Given(shelf.folder))


def test_what_is_made_on_a_node_lies_on_the_drivers_shelf(shelf: Shelf, calls: Direct, away: Node) -> None:
    with executor_on(calls, away=away) as executor:
        assert "ok" == ended(executor, make(shelf)).status
    assert shelf.holds(FEATURES)
    assert CONTENT + FEATURES.key.encode() == shelf.path(FEATURES).read_bytes()


def test_what_its_maker_told_of_an_artifact_comes_with_it(shelf: Shelf, calls: Direct, away: Node) -> None:
    with executor_on(calls, away=away) as executor:
        ended(executor, make(shelf))
    assert str(shelf.folder) != shelf.details(FEATURES)["made_at"]


def test_an_artifact_is_sent_to_a_node_once(shelf: Shelf, calls: Direct, away: Node) -> None:
    with executor_on(calls, away=away) as executor:
        ended(executor, make(shelf))
        before = calls.asked.count("receive")
        ended(executor, make(shelf))
    assert (3, 3) == (before, calls.asked.count("receive"))


def test_a_cell_finds_what_it_reads(shelf: Shelf, calls: Direct, away: Node, no_declarations: None) -> None:
    measure(unit="1", nature="ratio", better="higher", artifacts=lambda _: (IMAGES,))(named("score"))
    with executor_on(calls, away=away) as executor:
        ended(executor, Measure(Cell("a", "score", Cost(mode="infer", resolution=16)), 1.0, Given(shelf.folder)))
    assert 1 == calls.asked.count("expect")


def test_what_an_artifact_was_made_from_comes_with_it(shelf: Shelf, calls: Direct, away: Node) -> None:
    heads = Artifact("heads", (("architecture", "resnet18"),), (FEATURES,))
    with executor_on(calls, away=node(), other=away) as executor:
        ended(executor, make(shelf))
        assert "ok" == ended(executor, Make(heads, 1, Given(shelf.folder)), "other").status
        assert away._shelf.holds(IMAGES)


def test_an_artifact_that_is_damaged_at_home_fails_its_job_and_no_node(
    shelf: Shelf, calls: Direct, away: Node
) -> None:
    shelf.path(IMAGES).write_bytes(CONTENT[:-1] + b"?")
    with executor_on(calls, away=away) as executor:
        outcome = ended(executor, make(shelf))
        assert ("failed", False) == (outcome.status, outcome.lost)
        assert "is damaged" in outcome.reason
        assert 1 == len(executor.hosts())


def test_a_node_that_sends_other_bytes_than_it_made_is_lost(
    shelf: Shelf, calls: Direct, away: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = away.chunk
    monkeypatch.setattr(away, "chunk", lambda artifact, offset: chunk(artifact, offset).replace(b"end", b"END"))
    with executor_on(calls, away=away) as executor:
        assert ended(executor, make(shelf)).lost
        assert () == executor.hosts()
    assert not shelf.holds(FEATURES)


@pytest.mark.parametrize("method", ["expect", "receive"])
def test_a_node_whose_disk_is_full_while_it_receives_is_lost(
    shelf: Shelf, calls: Direct, away: Node, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(away, method, full(method))
    with executor_on(calls, away=away) as executor:
        outcome = ended(executor, make(shelf))
    assert (True, "its disk is full") == (outcome.lost, outcome.reason.rpartition(": ")[2])


def full(name: str) -> object:
    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    fails.__name__ = name
    fails.__self__ = fails  # type: ignore[attr-defined]
    return fails


def test_a_job_that_a_nodes_full_disk_ends_is_done_elsewhere(shelf: Shelf, calls: Direct) -> None:
    crowded, roomy = node(lambda _: Outcome("failed", "no space left", disk_full=True)), node(done)
    with executor_on(calls, crowded=crowded, roomy=roomy) as executor:
        assert ended(executor, make(shelf), "crowded").lost
        assert ["roomy"] == [host.name for host in executor.hosts()]
        assert "ok" == ended(executor, make(shelf), "roomy").status


def test_a_full_disk_of_the_driver_is_told_as_its_own(
    shelf: Shelf, calls: Direct, away: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bench.execute.cluster.link.put", put)
    with executor_on(calls, away=away) as executor:
        outcome = ended(executor, make(shelf))
    assert (True, False) == (outcome.disk_full, outcome.lost)


def test_a_node_leaves_no_file() -> None:
    made = node()
    folder = made._folder
    assert folder.is_dir()
    made.close()
    assert not folder.exists()


def test_what_a_killed_node_has_left_is_removed_by_the_next() -> None:
    left = node()
    left._claim.release()
    second = node()
    assert not left._folder.exists()
    second.close()
