"""Instructions instead of time, with pretended processes, and once under callgrind."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.compare.gate.counted import comparison
from bench.errors import UsageError
from bench.execute.jobs import Count
from bench.execute.outcome import Outcome
from bench.gate.counted import STEPS, Counter, InstructionCounting, as_record, require
from bench.gate.session import GateSession, fresh
from bench.gate.sides import Launch, SideServer
from bench.gate.steps import Servers, Trio
from bench.statistics.sequential import SequentialRule
from tests.bench.gate.fakes import TIMED, Server, Worker, renewing, servers, watched
from tests.bench.gate.test_sides import CATALOG, cell, side

OTHER = Cell("other", "gate_time", TIMED.scenario)


def counts(number: int) -> Server:
    """A server whose workers count so many instructions a step."""
    return Server(results=lambda _: Outcome("ok", details={"counts": [number] * STEPS}))


def counting(
    given: Servers, counter: Counter = "perf", launched: list[Launch] | None = None
) -> InstructionCounting:
    @contextmanager
    def start(preload: Sequence[str], launch: Launch) -> Iterator[Servers]:
        if launched is not None:
            launched.append(launch)
        yield given

    return InstructionCounting(counter, start)


def counted(given: Servers) -> Trio:
    with counting(given).begun([TIMED]) as count:
        return count(TIMED)


def session(given: Servers, *cells: Cell, budget: float = math.inf, **more: Any) -> GateSession:
    items = [watched(cell, "counted") for cell in cells]
    keep = more.pop("keep", lambda *_: None)
    by = counting(given, launched=more.pop("launched", None))
    return GateSession(renewing(given), items, SequentialRule(1), keep, budget, lambda _: None, counting=by)


def test_a_head_of_more_instructions_shows_by_its_share() -> None:
    trio = counted(servers(counts(1000), counts(1050), counts(1000)))
    assert (math.log(1.05), 0.0) == pytest.approx((trio.pair, trio.twin))


def test_one_process_of_each_counts_a_few_steps_of_the_cell() -> None:
    given = servers(counts(1), counts(1), counts(1))
    counted(given)
    jobs = [job for role in (given.base, given.head, given.twin) for job in role.jobs]  # type: ignore[attr-defined]
    assert [(TIMED, STEPS, "perf")] * 3 == [(job.cell, job.steps, job.counter) for job in jobs]


@pytest.mark.parametrize("bad", [Outcome("failed", "crashed"), Outcome("ok", details={"counts": [0] * STEPS})])
def test_without_counts_of_all_three_there_is_no_ratio(bad: Outcome) -> None:
    assert not counted(servers(counts(1000), Server(results=lambda _: bad), counts(1000))).complete


def test_who_is_interrupted_while_it_counts_ends_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Worker] = []

    def interrupted(worker: Worker, limit: float) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr(Worker, "finish", interrupted)
    monkeypatch.setattr(Worker, "kill", lambda worker: ended.append(worker))
    with pytest.raises(KeyboardInterrupt):
        counted(servers())
    assert 3 == len(ended)


def test_callgrind_runs_the_interpreters_and_its_files_are_gone_afterwards() -> None:
    launched: list[Launch] = []
    with counting(servers(), "callgrind", launched).begun([TIMED]):
        (launch,) = launched
        (option,) = [word for word in launch.prefix if word.startswith("--callgrind-out-file=")]
        folder = Path(option.partition("=")[2]).parent
        assert ("valgrind", True) == (launch.prefix[0], folder.is_dir())
    assert not folder.exists()


def test_the_processor_counts_without_another_program_but_hashes_alike() -> None:
    launched: list[Launch] = []
    with counting(servers(), "perf", launched).begun([TIMED]):
        assert [((), {"PYTHONHASHSEED": "0"})] == [(launch.prefix, launch.environment) for launch in launched]


def test_what_an_optimizer_imports_is_there_before_the_processes_of_a_training_step() -> None:
    training = Cell("net", "gate_time", Cost(mode="train", resolution=8))
    preloaded: list[Sequence[str]] = []

    @contextmanager
    def start(preload: Sequence[str], launch: Launch) -> Iterator[Servers]:
        preloaded.append(preload)
        yield servers()

    for asked in ([TIMED], [TIMED, training]):
        with InstructionCounting("perf", start).begun(asked):
            pass
    assert [(), ("torch._dynamo",)] == preloaded


def test_the_servers_are_started_once_for_all_cells() -> None:
    launched: list[Launch] = []
    given = servers(counts(1), counts(1), counts(1))
    found = session(given, TIMED, OTHER, launched=launched).run(given)
    assert (1, {TIMED.key, OTHER.key}) == (len(launched), set(found.counted))


def test_what_was_counted_is_kept_without_a_time() -> None:
    kept: list[Outcome] = []
    given = servers(counts(7), counts(7), counts(7))
    session(given, TIMED, keep=lambda *kept_of: kept.append(kept_of[-1])).run(given)
    assert [("unsupported", (), [7] * STEPS)] * 3 == [(o.status, o.values, o.details["counts"]) for o in kept]


def test_a_process_that_failed_is_kept_as_it_is() -> None:
    failed = Outcome("oom", "not enough")
    assert failed == as_record(failed)


def test_a_cell_that_cannot_be_counted_has_failed() -> None:
    given = servers(counts(1), Server(results=lambda _: Outcome("failed", "crashed")), counts(1))
    assert {TIMED.key} == set(session(given, TIMED).run(given).failed)


def test_where_the_budget_is_over_nothing_is_counted_any_more() -> None:
    given = servers(counts(1), counts(1), counts(1))
    found = session(given, TIMED, budget=-1.0).run(given)
    assert ("budget", {}) == (found.ended, found.counted)


def test_a_machine_without_valgrind_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="needs valgrind: apt-get install valgrind"):
        require("callgrind")


def test_a_machine_that_counts_no_instructions_is_told_of_callgrind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses() -> None:
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr("bench.gate.counted.HardwareCounter", refuses)
    with pytest.raises(UsageError, match=r"counts no instructions .*: --instructions callgrind"):
        require("perf")


COUNTS_NANOSECONDS = """
import sys
counting = sys.modules["_evobench_gate.counting"]
hardware = counting.Counter
counting.Counter = lambda: hardware((1, 0))  # a clock in the place of instructions: every Linux counts it
"""


def test_a_real_process_tells_the_count_of_each_step_and_no_time(tmp_path: Path) -> None:
    with SideServer(side(tmp_path, CATALOG + COUNTS_NANOSECONDS), ()) as server:
        outcome = server.begin(Count(cell(), 4, "perf")).finish(120.0)
    if "not counted here" in outcome.reason:
        pytest.skip(outcome.reason)
    assert ("ok", (), ()) == (outcome.status, outcome.values, outcome.warmup), outcome.reason
    counts = outcome.details["counts"]
    assert (4, True, "perf") == (len(counts), min(counts) > 0, outcome.details["counter"])


def test_what_takes_no_steps_cannot_be_counted(tmp_path: Path) -> None:
    with SideServer(side(tmp_path, CATALOG + COUNTS_NANOSECONDS), ()) as server:
        outcome = server.begin(Count(cell("sides_unstepped"), 4, "perf")).finish(120.0)
    assert ("unsupported", "its measure takes no steps by the clock") == (outcome.status, outcome.reason)


NETWORKS = '''
"""Two small networks."""
from torch import nn
from evobench import architecture

def layers(width: int, num_classes: int) -> nn.Module:
    first = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())
    return nn.Sequential(first, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, num_classes))

@architecture(family="Sides", year=2026, paper="none", resolution=32, min_resolution=32)
def sides_same(num_classes: int) -> nn.Module:
    """The same on both sides."""
    return layers(80, num_classes)

@architecture(family="Sides", year=2026, paper="none", resolution=32, min_resolution=32)
def sides_grown(num_classes: int) -> nn.Module:
    """Its layer has more channels in head."""
    return layers(WIDTH, num_classes)
'''


@pytest.mark.slow  # torch is imported three times by an emulated processor: a minute or more
def test_callgrind_tells_a_layer_that_is_larger_by_five_percent_from_the_same_code(tmp_path: Path) -> None:
    try:
        require("callgrind")
    except UsageError as error:
        pytest.skip(str(error))
    for name in ("base", "the-working-tree"):
        (tmp_path / name).mkdir()
    base = side(tmp_path / "base", NETWORKS.replace("WIDTH", "80"))
    head = side(tmp_path / "the-working-tree", NETWORKS.replace("WIDTH", "84"))
    where = Cost(mode="infer", resolution=32)
    cells = [Cell(name, "latency", where) for name in ("sides_same", "sides_grown")]
    with InstructionCounting("callgrind", partial(fresh, base, head)).begun(cells) as count:
        found = [comparison(item, count(item), SequentialRule(1), "callgrind") for item in cells]
    assert ["fine", "regression"] == [item.verdict for item in found], found
