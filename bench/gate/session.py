"""A whole comparison: what is exact, what was trained, then round after round of fresh processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from bench.cell import Cell
from bench.execute.local import Outcome
from bench.gate.decision import Decision, Rule
from bench.gate.side import SLOW
from bench.gate.sides import Server, Side, Task
from bench.gate.steps import SECONDS, Cluster, Role, Servers, measured_once, stepped
from bench.gate.trained import Pair, TrainedDecision, decide, group_of
from bench.gate.watch import Watched
from bench.progress import Stopwatch

Tell = Callable[[str], None]
Renew = Callable[[Sequence[str]], AbstractContextManager[Servers]]
"""Gives new servers, which have imported these modules beside torch before they fork."""
Keep = Callable[[Role, Cell, int, Outcome], None]
"""Of a side's process: which side, the cell, the number of the round, the outcome."""
TRAINING = 900.0
"""Seconds after which a training, with all that it needs, has hung."""
EXACT = 300.0


@dataclass
class Found:
    """What became of the watched cells, by their key; what one side could not measure is in `failed` alone."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    exact: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """Base's and head's."""
    trained: dict[str, TrainedDecision] = field(default_factory=dict)
    """By the key of the group."""
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
    """Of steps that a pair of processes takes."""

    def run(self, first: Servers) -> Found:
        """Compare all; the servers are used for the first round, and for what needs no fresh ones."""
        found, watch = Found(), Stopwatch()
        for item in self._of("exact"):
            self._exact(item.cell, first, found)
        self._train(first, found, watch)
        clusters: dict[str, list[Cluster]] = {item.cell.key: [] for item in self._of("steps", "once")}
        preload: tuple[str, ...] = ()
        for number in range(self.rule.looks[-1]):
            if not self._open(found):
                break
            if number == 1:
                preload = _imported(clusters.values())
            with nullcontext(first) if number == 0 else self.renew(preload) as servers:
                if not self._round(number, servers, clusters, found, watch):
                    found.ended = "budget"
                    break
        return found

    def _round(
        self, number: int, servers: Servers, clusters: Mapping[str, list[Cluster]], found: Found, watch: Stopwatch
    ) -> bool:
        """One fresh pair of every cell that is not decided; False where the budget is over."""
        for item in self._open(found):
            if watch.seconds > self.budget:
                return False
            cluster = self._cluster(item, servers, number)
            key = item.cell.key
            for role, outcome in cluster.outcomes.items():
                self.keep(role, item.cell, number, outcome)
            if not cluster.complete:
                found.failed[key] = (cluster.outcomes["base"], cluster.outcomes["head"])
                self.tell(f"failed: {item.cell}: {self._why(cluster)}")
                continue
            clusters[key].append(cluster)
            done = clusters[key]
            decision = self.rule.decide([c.pair or 0.0 for c in done], [c.twin or 0.0 for c in done])
            found.decisions[key] = decision
            if len(done) in self.rule.looks:
                self.tell(f"{decision.answer} after {len(done)} pairs: {item.cell}: ratio {decision.ratio:.3f}")
        return True

    def _cluster(self, item: Watched, servers: Servers, number: int) -> Cluster:
        if item.way == "steps":
            return stepped(servers, item.cell, number, self.seconds)
        return measured_once(servers, item.cell, item.step.planned.expected, number)

    def _open(self, found: Found) -> list[Watched]:
        """What is still to be decided by pairs of processes."""

        def is_open(key: str) -> bool:
            decision = found.decisions.get(key)
            return key not in found.failed and (
                decision is None or (decision.answer == "undecided" and not self.rule.is_last(len(decision.pairs)))
            )

        return [item for item in self._of("steps", "once") if is_open(item.cell.key)]

    def _exact(self, cell: Cell, servers: Servers, found: Found) -> None:
        self._both(cell, servers, EXACT, found.exact, found)

    def _train(self, servers: Servers, found: Found, watch: Stopwatch) -> None:
        """Train every cell on both sides, then decide group by group."""
        outcomes: dict[str, tuple[Outcome, Outcome]] = {}
        groups: dict[str, list[str]] = {}
        for item in self._of("trained"):
            if watch.seconds > self.budget:
                found.ended = "budget"
                break
            self.tell(f"training: {item.cell}")
            if self._both(item.cell, servers, TRAINING, outcomes, found):
                groups.setdefault(group_of(item.cell).key, []).append(item.cell.key)
        for group, keys in groups.items():
            found.trained[group] = decide(
                [Pair(*outcomes[key]) for key in keys], self.rule.alpha / self.rule.cells
            )

    def _both(
        self,
        cell: Cell,
        servers: Servers,
        limit: float,
        into: dict[str, tuple[Outcome, Outcome]],
        found: Found,
    ) -> bool:
        """Measure a cell once on each side; False where one has no figure."""
        roles: tuple[Role, Role] = ("base", "head")
        base, head = (servers.of(role).begin(Task("measure", cell, 1.0)).finish(limit) for role in roles)
        for role, outcome in (("base", base), ("head", head)):
            self.keep(role, cell, 0, outcome)  # type: ignore[arg-type]
        good = base.status == head.status == "ok" and len(base.values) == len(head.values)
        (into if good else found.failed)[cell.key] = (base, head)
        return good

    def _of(self, *ways: str) -> list[Watched]:
        return [item for item in self.watched if item.way in ways]

    @staticmethod
    def _why(cluster: Cluster) -> str:
        reasons = [f"{role} {o.status}: {o.reason}" for role, o in cluster.outcomes.items() if o.status != "ok"]
        return "; ".join(reasons)


@contextmanager
def fresh(base: Side, head: Side, preload: Sequence[str] = SLOW) -> Iterator[Servers]:
    """New servers, which import at once: base, head, and base's twin."""
    servers: list[Server] = []
    try:
        for side in (base, head, base):
            servers.append(Server(side, preload))
        for server in servers:
            server.await_ready()
        yield Servers(*servers)
    finally:
        for server in servers:
            server.close()


def _imported(clusters: Iterable[Sequence[Cluster]]) -> tuple[str, ...]:
    """The slow modules that a worker needed: for servers to have before they fork."""
    outcomes = [outcome for found in clusters for cluster in found for outcome in cluster.outcomes.values()]
    needed = {name for outcome in outcomes for name in outcome.details.get("imported", ())}
    return tuple(name for name in SLOW if name in needed)
