"""Real servers and workers: a side's own code, in processes of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.errors import NotComparable
from bench.execute.jobs import Measure, Step
from bench.execute.local.engine import Worker
from bench.gate.sides import CodeSide, SideServer
from bench.run.runs import Wish

ROOT = Path(__file__).parents[3]
CATALOG = '''
"""A network, and measures that step, do not step, and crash."""
import os, signal
from torch import nn
from evobench import Cell, Cost, Planned, Samples, architecture, measure, suite
from bench.declare.artifact import Artifact, producer
from bench.measures.timing import forward

@architecture(family="Sides", year=2026, paper="none", resolution=8, min_resolution=8, channels=1)
def sides_net(num_classes: int) -> nn.Module:
    """Small."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))

@measure(unit="s", better="lower")
def sides_twice(subject, clock):
    """Times two calls."""
    clock.sample(forward(subject))
    return clock.sample(forward(subject))

@measure(unit="s", better="lower")
def sides_place(subject, clock):
    """Tells where a tensor lies."""
    place = subject.model.get_parameter("1.weight").data_ptr()
    found = clock.sample(forward(subject))
    return Samples(found.values, details={"place": place})

@measure(unit="s", better="lower")
def sides_unstepped(subject, clock):
    """Takes no steps."""
    return Samples((1.0,))

@measure(unit="s", better="lower")
def sides_orphan(subject, clock):
    """Leaves a child behind."""
    if os.fork() == 0:
        os.setsid()
        os.execvp("sleep", ["sleep", "30"])
    os._exit(7)

@measure(unit="s", better="lower")
def sides_words(subject, clock):
    """Returns no numbers."""
    clock.sample(forward(subject))
    return Samples(("a", None))

@producer
def sides_lost(artifact, shelf, report):
    """Cannot be made."""
    raise ValueError("lost")

@producer
def sides_food(artifact, shelf, report):
    """Can."""
    with shelf.writing(artifact) as path:
        path.write_bytes(b"abc")

FOOD = Artifact("sides_food", ())

@measure(unit="B", better="lower", artifacts=lambda _: (Artifact("sides_lost", ()),))
def sides_needy(subject, clock):
    """Needs what there is not."""

@measure(unit="B", better="lower", artifacts=lambda _: (FOOD,))
def sides_fed(subject, clock):
    """Tells the size of what it needs."""
    return Samples((float(subject.shelf.path(FOOD).stat().st_size),))

@suite(title="Watched")
def sides_watched(setting):
    """A count."""
    yield Planned(Cell("sides_net", "parameters", Cost(mode="infer", resolution=8)), sampling=1.0)

@suite(title="Broken")
def sides_broken(setting):
    """Fails."""
    return [Planned(None, sampling=1 / 0)]

@measure(unit="s", better="lower")
def sides_crash(subject, clock):
    """Dies."""
    os.kill(os.getpid(), signal.SIGSEGV)
'''
LIMIT = 120.0


def cell(measure: str = "latency", batch: int = 1) -> Cell:
    return Cell("sides_net", measure, Cost(mode="infer", resolution=8, batch=batch))


def side(folder: Path, source: str = CATALOG, name: str = "models.py") -> CodeSide:
    (folder / name).write_text(source)
    return CodeSide("main (abc)", Path(sys.executable), (ROOT,), folder, folder / "shelf", (str(folder / name),))


def pid_of(worker: Worker) -> int:
    assert worker.pid is not None
    return worker.pid


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SideServer]:
    """One server for the tests that do it no harm."""
    with SideServer(side(tmp_path_factory.mktemp("side")), ()) as started:
        started.await_ready()
        yield started


def test_a_worker_takes_a_step_when_it_is_told_to(server: SideServer) -> None:
    worker = server.begin(Step(cell()))
    assert worker.ready(LIMIT)
    steps = [worker.step(LIMIT) for _ in range(3)]
    outcome = worker.finish(LIMIT)
    assert ("ok", tuple(steps)) == (outcome.status, outcome.values)


def test_a_rate_is_kept_in_its_own_unit(server: SideServer) -> None:
    worker = server.begin(Step(cell("throughput", batch=4)))
    assert worker.ready(LIMIT)
    seconds = worker.step(LIMIT)
    assert seconds is not None
    assert 4 / seconds == pytest.approx(worker.finish(LIMIT).values[0])


def test_a_training_step_ends_without_timing_its_parts(server: SideServer) -> None:
    where = Cell("sides_net", "train_step", Cost(mode="train", resolution=8, batch=2))
    worker = server.begin(Step(where))
    assert worker.ready(LIMIT)
    worker.step(LIMIT)
    assert {} == worker.finish(LIMIT).details["parts"]


def test_a_worker_stays_on_its_core(server: SideServer) -> None:
    core = sorted(os.sched_getaffinity(0))[-1]
    worker = server.begin(Step(cell(), cpus=(core,)))
    assert worker.ready(LIMIT)
    worker.step(LIMIT)
    assert [core] == worker.finish(LIMIT).details["conditions"]["cpus"]


def test_memory_does_not_lie_in_the_same_place_in_all_workers_of_a_server(server: SideServer) -> None:
    places = set()
    for _ in range(3):
        worker = server.begin(Step(cell("sides_place")))
        assert worker.ready(LIMIT)
        worker.step(LIMIT)
        places.add(worker.finish(LIMIT).details["place"])
    assert 1 < len(places)


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        ("sides_twice", "its measure times more than one kind of call: such steps cannot be taken in turn"),
        ("sides_unstepped", "its measure takes no steps by the clock"),
    ],
)
def test_what_cannot_be_stepped_is_unsupported(server: SideServer, measure: str, reason: str) -> None:
    worker = server.begin(Step(cell(measure)))
    if worker.ready(LIMIT):
        worker.step(LIMIT)
    outcome = worker.finish(LIMIT)
    assert ("unsupported", reason) == (outcome.status, outcome.reason)


def test_a_crash_is_told_and_harms_no_other_worker(server: SideServer) -> None:
    worker = server.begin(Step(cell("sides_crash")))
    assert not worker.ready(LIMIT)
    assert "crashed with SIGSEGV" in worker.finish(LIMIT).reason
    assert "ok" == server.begin(Measure(cell("parameters"), 1.0)).finish(LIMIT).status


def test_a_killed_worker_is_explained(server: SideServer) -> None:
    worker = server.begin(Step(cell()))
    assert worker.ready(LIMIT)
    os.kill(pid_of(worker), signal.SIGKILL)
    assert worker.step(LIMIT) is None
    assert "killed by SIGKILL" in worker.finish(LIMIT).reason


def test_a_worker_that_ended_is_not_waited_for_though_what_it_forked_lives_on(server: SideServer) -> None:
    begin = time.monotonic()
    worker = server.begin(Step(cell("sides_orphan")))
    assert not worker.ready(LIMIT)
    assert "ended with exit code 7" in worker.finish(LIMIT).reason
    assert time.monotonic() - begin < 20


def test_samples_that_are_no_numbers_are_refused_as_in_a_run(server: SideServer) -> None:
    worker = server.begin(Step(cell("sides_words")))
    if worker.ready(LIMIT):
        worker.step(LIMIT)
    assert "must be a finite number" in worker.finish(LIMIT).reason


def test_a_worker_that_takes_too_long_is_a_timeout(server: SideServer) -> None:
    worker = server.begin(Step(cell()))
    assert worker.ready(LIMIT)
    os.kill(pid_of(worker), signal.SIGSTOP)
    assert worker.step(0.2) is None
    assert "timeout" == worker.finish(LIMIT).status


def test_a_count_is_measured_as_evobench_run_does(server: SideServer) -> None:
    outcome = server.begin(Measure(cell("parameters"), 1.0)).finish(LIMIT)
    assert (650.0,) == outcome.values


def test_a_side_describes_the_cells_that_it_has_and_why_not_the_others(server: SideServer) -> None:
    unknown = Cell("no_such_net", "latency", Cost(mode="infer", resolution=8))
    found = server.describe([cell(), unknown])
    assert {cell().key} == set(found.codes)
    assert "unknown architecture 'no_such_net'" in found.missing[unknown.key]


def test_a_side_looks_at_the_machine(server: SideServer) -> None:
    assert {"torch_build", "gpus"} <= set(server.probe())


def test_other_code_has_another_digest(server: SideServer, tmp_path: Path) -> None:
    with SideServer(side(tmp_path, CATALOG.replace("Linear(64", "Linear( 64")), ()) as other:
        other.await_ready()
        assert server.describe([cell()]).codes != other.describe([cell()]).codes


def test_what_a_cell_needs_and_cannot_be_made_is_told(server: SideServer) -> None:
    outcome = server.begin(Measure(cell("sides_needy"), 1.0, makes=True)).finish(LIMIT)
    assert ("failed", True) == (outcome.status, outcome.reason.startswith("needs sides_lost "))


def test_what_a_cell_needs_is_made_beside_it(server: SideServer) -> None:
    job = Measure(cell("sides_fed"), 1.0, makes=True)
    outcome = server.begin(job).finish(LIMIT)
    assert ("ok", (3.0,)) == (outcome.status, outcome.values), outcome.reason


def test_a_side_tells_what_its_own_declarations_plan(server: SideServer) -> None:
    found = server.plan(Wish(suites=("sides_watched", "gone"), threads=(1,)))
    assert ([cell("parameters").key], ("gone",)) == ([item.key for item in found.cells], found.unknown)
    assert server.side.catalogs == (found.files["sides_watched"],)


def test_a_side_whose_plan_fails_is_not_comparable(server: SideServer) -> None:
    with pytest.raises(
        NotComparable, match=r"main \(abc\) cannot plan what is asked: suite 'sides_broken' failed"
    ):
        server.plan(Wish(suites=("sides_broken",)))


def test_what_a_side_says_of_its_own_files_is_told_of_those_of_the_repository(tmp_path: Path) -> None:
    own = replace(side(tmp_path), moved=(Path("/mine"), Path("/mine/runs/tree")))
    assert "file:/mine/w.pt" == own.elsewhere("file:/mine/runs/tree/w.pt")
