"""A whole comparison: what is exact, what was trained, then round after round of fresh processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from statistics import fmean

from bench.cell import Cell
from bench.clock import Stopwatch
from bench.execute.executor import Executor
from bench.execute.local.process import FORKS
from bench.execute.outcome import ENDED, Outcome
from bench.gate.at_once import AtOnce, OnSides
from bench.gate.counted import InstructionCounting, as_record
from bench.gate.inside.stepping import SLOW
from bench.gate.sides import CodeSide, Launch, SideServer
from bench.gate.steps import SECONDS, TRIOS, Role, Servers, Trio, measured_once, stepped, wider
from bench.gate.timings import Phase, Timings
from bench.gate.watch import Watched, Way
from bench.machine.host import available_cpus
from bench.statistics.sequential import Decision, SequentialRule

Tell = Callable[[str], None]
Renew = Callable[[Sequence[str]], AbstractContextManager[Servers]]
"""Gives new servers, which have imported these modules beside torch before they fork."""
Keep = Callable[[Role, Cell, int, Outcome], None]
"""Called with the side, the cell, the number of the process and its outcome, to keep a side's outcome."""
TRAINING = 900.0
"""Seconds after which a training, with all that it needs, has hung."""
EXACT = 300.0


@dataclass
class SessionOutcomes:
    """Outcomes of the watched cells, by their key; a cell that one side could not measure is in `failed` alone."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    exact: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Outcomes of base and head."""
    counted: dict[str, Trio] = field(default_factory=dict)
    """Trios whose processes have counted their instructions."""
    trained: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Outcomes of base and head, whose answers are to the same images."""
    failed: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Outcomes of base and head, of which at least one has no figure."""
    ended: str = "complete"
    """`complete`, or `budget` where time ran out before all was decided."""


@dataclass(frozen=True)
class GateSession:
    """The things that a comparison works with."""

    renew: Renew
    watched: Sequence[Watched]
    rule: SequentialRule
    keep: Keep
    """Receives the outcome of every process as soon as it is known."""
    budget: float
    """Wall seconds for all."""
    tell: Tell
    seconds: float = SECONDS
    """Seconds of steps that a cell takes in a round."""
    trios: int = TRIOS if FORKS else 1
    """Trios of processes that a cell gets in a round: one where each process has to import everything itself."""
    timings: Timings = field(default_factory=Timings)
    """Receives the durations of each activity."""
    counting: InstructionCounting | None = None
    """How instructions are counted; None where none are."""
    lanes: int | None = None
    """Counts and trainings that run at once; None: one a core."""
    executor: Callable[[Servers, int], Executor] = field(default_factory=lambda: OnSides)
    """Makes the executor that runs so many counts and trainings at once on the sides."""

    def run(self, first: Servers) -> SessionOutcomes:
        """Compare all; the servers are used for the first round, and for what needs no fresh ones."""
        found, watch = SessionOutcomes(), Stopwatch()
        self._at_once("exact", first, "exact counts", EXACT, found.exact, found, watch)
        self._count(found, watch)
        self._at_once("trained", first, "trainings", TRAINING, found.trained, found, watch)
        rounds: dict[str, list[list[Trio]]] = {item.cell.key: [] for item in self._of("steps", "once")}
        for number in range(self.rule.looks[-1]):
            if not self._open(found):
                break
            with nullcontext(first) if number == 0 else self._renewed(rounds, found) as servers:
                if not self._round(number, servers, rounds, found, watch):
                    found.ended = "budget"
                    break
        return found

    def _renewed(
        self, rounds: Mapping[str, list[list[Trio]]], found: SessionOutcomes
    ) -> AbstractContextManager[Servers]:
        """New servers, which import what the workers of the cells that are still open needed."""
        done = [trios for item in self._open(found) for trios in rounds[item.cell.key]]
        return self.timings.of_servers(self.renew(_needed(done)))

    def _round(
        self,
        number: int,
        servers: Servers,
        rounds: Mapping[str, list[list[Trio]]],
        found: SessionOutcomes,
        watch: Stopwatch,
    ) -> bool:
        """Measure one pair of every undecided cell; False once the budget is over."""
        for item in self._open(found):
            if watch.seconds > self.budget:
                return False
            key, done = item.cell.key, rounds[item.cell.key]
            trios = list(self._trios(item, servers, number))
            if not trios[-1].complete:
                found.failed[key] = trios[-1].both
                self.tell(f"failed: {item.cell}: {self._why(trios[-1])}")
                continue
            done.append(trios)
            decision = self.rule.decide(
                [fmean(trio.pair or 0.0 for trio in trios) for trios in done],
                [fmean(trio.twin or 0.0 for trio in trios) for trios in done],
                [wider(trios) for trios in done] if item.way == "steps" else (),
            )
            found.decisions[key] = decision
            if len(done) in self.rule.looks:
                self.tell(f"{decision.answer} after {len(done)} pairs: {item.cell}: ratio {decision.ratio:.3f}")
        return True

    def _trios(self, item: Watched, servers: Servers, number: int) -> Iterator[Trio]:
        """Trios of one cell in a round, up to the first that fails; the outcome of each is kept at once."""
        wanted = self.trios if item.way == "steps" else 1
        for i in range(wanted):
            if item.way == "steps":
                trio = stepped(servers, item.cell, number, self.seconds / wanted, i, self.timings)
            else:
                with self.timings.of("processes without steps", item.cell):
                    trio = measured_once(servers, item.cell, item.step.planned.sampling, number)
            with self.timings.of("ending", item.cell):
                for role, outcome in trio.outcomes.items():
                    self.keep(role, item.cell, number * wanted + i, outcome)
            yield trio
            if not trio.complete:
                return

    def _open(self, found: SessionOutcomes) -> list[Watched]:
        """Watched cells that are still to be decided by pairs of processes."""

        def is_open(key: str) -> bool:
            decision = found.decisions.get(key)
            return key not in found.failed and (
                decision is None or (decision.answer == "undecided" and not self.rule.is_last(len(decision.pairs)))
            )

        return [item for item in self._of("steps", "once") if is_open(item.cell.key)]

    def _count(self, found: SessionOutcomes, watch: Stopwatch) -> None:
        """Count the instructions of the cells that are decided by them."""
        items = self._of("counted")
        if not items or self.counting is None:
            return
        slow = ", which takes minutes" if self.counting.counter == "callgrind" else ""
        self.tell(f"base, head and base's twin start to count with {self.counting.counter}{slow}")
        with self.counting.begun(item.cell for item in items) as count:
            for item in items:
                if watch.seconds > self.budget:
                    found.ended = "budget"
                    return
                self.tell(f"counting: {item.cell}")
                trio = count(item.cell)
                for role, outcome in trio.outcomes.items():
                    self.keep(role, item.cell, 0, as_record(outcome))
                if trio.complete:
                    found.counted[item.cell.key] = trio
                else:
                    found.failed[item.cell.key] = trio.both
                    self.tell(f"failed: {item.cell}: {self._why(trio)}")

    def _at_once(
        self,
        way: Way,
        servers: Servers,
        phase: Phase,
        limit: float,
        into: dict[str, tuple[Outcome, Outcome]],
        found: SessionOutcomes,
        watch: Stopwatch,
    ) -> None:
        """Measure the cells of this way once on each side, several at once."""
        items = self._of(way)
        if not items:
            return
        lanes = self.lanes or available_cpus()
        begin = self.timings.now()
        if way == "trained":
            self.tell(f"trainings of both sides: {2 * len(items)}, {lanes} at once at most")

        def keep(role: Role, cell: Cell, outcome: Outcome) -> None:
            self.keep(role, cell, 0, outcome)

        def goes_on() -> bool:
            if watch.seconds > self.budget:
                found.ended = "budget"
            return found.ended != "budget"

        at_once = AtOnce(self.executor(servers, lanes), lanes, limit, keep)
        for cell, (base, head) in at_once.both([item.cell for item in items], goes_on):
            now = self.timings.now()
            self.timings.add(phase, now - begin, cell)  # since the last one: what is done at once counts once
            begin = now
            if way == "trained":
                self.tell(f"trained: {cell}")
            good = base.status == head.status == "ok" and len(base.values) == len(head.values)
            (into if good else found.failed)[cell.key] = (base, head)

    def _of(self, *ways: str) -> list[Watched]:
        return [item for item in self.watched if item.way in ways]

    @staticmethod
    def _why(trio: Trio) -> str:
        own = [(role, o) for role, o in trio.outcomes.items() if o.status != "ok" and o != ENDED]
        reasons = [f"{role} {o.status}: {o.reason}" for role, o in own]
        return "; ".join(reasons)


@contextmanager
def fresh(
    base: CodeSide,
    head: CodeSide,
    preload: Sequence[str] = SLOW,
    digests: bool = False,
    launch: Launch | None = None,
) -> Iterator[Servers]:
    """New servers, which import at once: base, head, and base's twin.

    Args:
        base: code of base and of its twin.
        head: code of head.
        preload: modules that they import before they fork.
        digests: whether they will be asked to describe cells: reading all sources for that takes a quarter of
            their start.
        launch: settings with which they are started.
    """
    servers: list[SideServer] = []
    try:
        for side in (base, head, base):
            servers.append(SideServer(side, preload, digests=digests, launch=launch))
        for server in servers:
            server.await_ready()
        yield Servers(*servers)
    finally:
        for server in servers:
            server.close()


def _needed(rounds: Iterable[Sequence[Trio]]) -> tuple[str, ...]:
    """The slow modules that workers needed: for servers to have before they fork."""
    outcomes = [outcome for trios in rounds for trio in trios for outcome in trio.outcomes.values()]
    needed = {name for outcome in outcomes for name in outcome.details.get("imported", ())}
    return tuple(name for name in SLOW if name in needed)
