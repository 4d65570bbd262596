"""A whole comparison: what is exact, what was trained, then round after round of fresh processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from statistics import fmean

from bench.cell import Cell
from bench.clock import Stopwatch
from bench.execute.jobs import Measure
from bench.execute.local.process import FORKS
from bench.execute.outcome import ENDED, Outcome
from bench.gate.counted import Counting, as_record
from bench.gate.inside.stepping import SLOW
from bench.gate.sides import Launch, Server, Side
from bench.gate.steps import SECONDS, TRIOS, Role, Servers, Trio, cores, measured_once, stepped, wider
from bench.gate.timings import Phase, Timings
from bench.gate.watch import Watched
from bench.statistics.sequential import Decision, Rule

Tell = Callable[[str], None]
Renew = Callable[[Sequence[str]], AbstractContextManager[Servers]]
"""Gives new servers, which have imported these modules beside torch before they fork."""
Keep = Callable[[Role, Cell, int, Outcome], None]
"""Of a side's process: which side, the cell, the number of the process, the outcome."""
TRAINING = 900.0
"""Seconds after which a training, with all that it needs, has hung."""
EXACT = 300.0


@dataclass
class Found:
    """What became of the watched cells, by their key; what one side could not measure is in `failed` alone."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    exact: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Base's and head's."""
    counted: dict[str, Trio] = field(default_factory=dict)
    """Whose processes have counted their instructions."""
    trained: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Base's and head's, whose answers are to the same images."""
    failed: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Base's and head's, of which one at least has no figure."""
    ended: str = "complete"
    """`complete`, or `budget` where time ran out before all was decided."""


@dataclass(frozen=True)
class Session:
    """What a comparison works with."""

    renew: Renew
    watched: Sequence[Watched]
    rule: Rule
    keep: Keep
    """Receives what became of every process, as soon as it is known."""
    budget: float
    """Wall seconds for all."""
    tell: Tell
    seconds: float = SECONDS
    """Of steps that a cell takes in a round."""
    trios: int = TRIOS if FORKS else 1
    """Of processes that a cell gets in a round: one where each has to import everything itself."""
    timings: Timings = field(default_factory=Timings)
    """Receives where the time goes."""
    counting: Counting | None = None
    """How instructions are counted, where any are."""

    def run(self, first: Servers) -> Found:
        """Compare all; the servers are used for the first round, and for what needs no fresh ones."""
        found, watch = Found(), Stopwatch()
        for item in self._of("exact"):
            if watch.seconds > self.budget:
                found.ended = "budget"
                break
            self._exact(item.cell, first, found)
        self._count(found, watch)
        self._train(first, found, watch)
        rounds: dict[str, list[list[Trio]]] = {item.cell.key: [] for item in self._of("steps", "once")}
        for number in range(self.rule.looks[-1]):
            if not self._open(found):
                break
            with nullcontext(first) if number == 0 else self._renewed(rounds, found) as servers:
                if not self._round(number, servers, rounds, found, watch):
                    found.ended = "budget"
                    break
        return found

    def _renewed(self, rounds: Mapping[str, list[list[Trio]]], found: Found) -> AbstractContextManager[Servers]:
        """New servers, which import what the workers of the cells that are still open needed."""
        done = [trios for item in self._open(found) for trios in rounds[item.cell.key]]
        return self.timings.of_servers(self.renew(_needed(done)))

    def _round(
        self,
        number: int,
        servers: Servers,
        rounds: Mapping[str, list[list[Trio]]],
        found: Found,
        watch: Stopwatch,
    ) -> bool:
        """One pair of every cell that is not decided; False where the budget is over."""
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
        """Those of one cell in a round, up to the first that fails; what became of each is kept at once."""
        wanted = self.trios if item.way == "steps" else 1
        for i in range(wanted):
            if item.way == "steps":
                trio = stepped(servers, item.cell, number, self.seconds / wanted, i, self.timings)
            else:
                with self.timings.of("processes without steps", item.cell):
                    trio = measured_once(servers, item.cell, item.step.planned.expected, number)
            with self.timings.of("ending", item.cell):
                for role, outcome in trio.outcomes.items():
                    self.keep(role, item.cell, number * wanted + i, outcome)
            yield trio
            if not trio.complete:
                return

    def _open(self, found: Found) -> list[Watched]:
        """What is still to be decided by pairs of processes."""

        def is_open(key: str) -> bool:
            decision = found.decisions.get(key)
            return key not in found.failed and (
                decision is None or (decision.answer == "undecided" and not self.rule.is_last(len(decision.pairs)))
            )

        return [item for item in self._of("steps", "once") if is_open(item.cell.key)]

    def _exact(self, cell: Cell, servers: Servers, found: Found) -> None:
        self._both(cell, servers, "exact counts", EXACT, found.exact, found)

    def _count(self, found: Found, watch: Stopwatch) -> None:
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

    def _train(self, servers: Servers, found: Found, watch: Stopwatch) -> None:
        """Train every cell on both sides."""
        for item in self._of("trained"):
            if watch.seconds > self.budget:
                found.ended = "budget"
                break
            self.tell(f"training: {item.cell}")
            self._both(item.cell, servers, "trainings", TRAINING, found.trained, found)

    def _both(
        self,
        cell: Cell,
        servers: Servers,
        phase: Phase,
        limit: float,
        into: dict[str, tuple[Outcome, Outcome]],
        found: Found,
    ) -> None:
        """Measure a cell once on each side."""
        with self.timings.of(phase, cell):
            base, head = _once_each(cell, servers, limit)
            for role, outcome in (("base", base), ("head", head)):
                self.keep(role, cell, 0, outcome)  # type: ignore[arg-type]
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
    base: Side, head: Side, preload: Sequence[str] = SLOW, digests: bool = False, launch: Launch | None = None
) -> Iterator[Servers]:
    """New servers, which import at once: base, head, and base's twin.

    Args:
        base: the side that two of them have.
        head: that of the third.
        preload: modules that they import before they fork.
        digests: whether they will be asked to describe cells: reading all sources for that takes a quarter of
            their start.
        launch: what is special about how they are started.
    """
    servers: list[Server] = []
    try:
        for side in (base, head, base):
            servers.append(Server(side, preload, digests=digests, launch=launch))
        for server in servers:
            server.await_ready()
        yield Servers(*servers)
    finally:
        for server in servers:
            server.close()


def _once_each(cell: Cell, servers: Servers, limit: float) -> tuple[Outcome, Outcome]:
    """Base's and head's outcome of a job that is not timed: at once where there are cores for both.

    Where one of them finds too little memory, each gets all of it.
    """
    job = Measure(cell, 1.0, makes=True)
    threads = cell.scenario.threads
    if cell.scenario.device == "cpu" and len(cores(2 * threads, 0)) == 2 * threads:
        workers = servers.base.begin(job), servers.head.begin(job)
        base, head = (worker.finish(limit) for worker in workers)
        if "oom" not in (base.status, head.status):
            return base, head
    return servers.base.begin(job).finish(limit), servers.head.begin(job).finish(limit)


def _needed(rounds: Iterable[Sequence[Trio]]) -> tuple[str, ...]:
    """The slow modules that workers needed: for servers to have before they fork."""
    outcomes = [outcome for trios in rounds for trio in trios for outcome in trio.outcomes.values()]
    needed = {name for outcome in outcomes for name in outcome.details.get("imported", ())}
    return tuple(name for name in SLOW if name in needed)
