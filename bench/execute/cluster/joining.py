"""Making of a run's cluster: every node is started, looked at and compared with the driver's machine first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bench.declare.catalog import load_catalogs
from bench.errors import EvobenchError, UsageError
from bench.execute.cluster.bundle import Bundle, bundled
from bench.execute.cluster.calls import PATIENCE, Calls, Lost
from bench.execute.cluster.executor import RayExecutor
from bench.execute.cluster.facts import difference, facts
from bench.execute.cluster.link import Place
from bench.execute.cluster.node import Engine, Node, own_home
from bench.execute.cluster.raylet import Raylet
from bench.execute.cluster.starting import connected
from bench.execute.executor import HERE, Executor, Host
from bench.execute.local.executor import LocalExecutor

_START = 120.0
"""Seconds in which the process of a node must stand, with the catalogues loaded."""
_LOOK = 330.0
"""Seconds in which a node must tell what it has: torch is imported for it."""
_LANES = 1024
"""Jobs that a node's engine takes at once: the schedule gives it fewer."""
_AT_ONCE = 8
"""Calls that an actor answers side by side."""
Entry = Mapping[str, Any]
"""A node in Ray's own list."""


def local_engine(catalogs: Sequence[str]) -> Executor:
    """The engine that stands on each node."""
    return LocalExecutor(catalogs, lanes=_LANES)


def join(
    address: str,
    catalogs: Sequence[str],
    devices: Sequence[str] = (),
    patience: float = PATIENCE,
    engine: Engine = local_engine,
) -> RayExecutor:
    """Join the cluster with every node that it has now; `docs/how-to/cluster.md` tells how there comes to be one.

    Args:
        address: HOST:PORT; empty: what RAY_ADDRESS says, else a Ray of this machine alone.
        catalogs: catalogues of the run; files travel to the nodes.
        devices: devices that cells compute on, which decide what a node's fingerprint holds.
        patience: seconds in which a node must answer.
        engine: makes the executor of a node.

    Raises:
        UsageError: Ray is not installed, the cluster does not answer, or a node cannot take part.
    """
    ray = connected(address)
    calls = Calls(ray, patience)
    raylet = Raylet(ray, calls.cut)
    try:
        load_catalogs(catalogs)
        joining = _Joining(ray, calls, bundled(catalogs), tuple(devices), engine)
        return RayExecutor(joining.nodes(), calls, raylet.leave)
    except BaseException:
        raylet.leave()
        raise


@dataclass(frozen=True)
class _Joining:
    ray: Any
    calls: Calls
    bundle: Bundle
    devices: tuple[str, ...]
    engine: Engine

    def nodes(self) -> list[tuple[Place, Any]]:
        """Every node with its actor, that of this machine first.

        Raises:
            UsageError: one cannot take part.
        """
        home = self.ray.get_runtime_context().get_node_id()
        entries = [entry for entry in self.ray.nodes() if entry["Alive"] and _takes_part(entry, home)]
        entries.sort(key=lambda entry: entry["NodeID"] != home)
        names = _names(entries, home)
        actors = [self._actor(entry, home) for entry in entries]
        self._compare(names, self._all(names, [actor.load.remote(self.bundle) for actor in actors], _START))
        found = self._all(names, [actor.look.remote(self.devices) for actor in actors], _LOOK)
        places = [
            Place(_host(entry, name, host), entry["NodeID"] == home, partial(self._again, entry, home))
            for entry, name, host in zip(entries, names, found, strict=True)
        ]
        return list(zip(places, actors, strict=True))

    def _actor(self, entry: Entry, home: str) -> Any:
        """An actor on that node and no other; to Ray it takes nothing, since our own schedule decides."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        where = NodeAffinitySchedulingStrategy(entry["NodeID"], soft=False)
        options = {"num_cpus": 0, "max_restarts": 0, "max_concurrency": _AT_ONCE, "scheduling_strategy": where}
        own = own_home() if entry["NodeID"] == home else None
        actor = self.ray.remote(**options)(Node).remote(self.engine, own)
        self.calls.tell(actor.end_with_raylet)
        return actor

    def _again(self, entry: Entry, home: str) -> Any:
        actor = self._actor(entry, home)
        try:
            self.calls.ask(actor.load, self.bundle, patience=_START)
        except EvobenchError as error:
            raise Lost(str(error), for_good=True) from error
        return actor

    def _all(self, names: Sequence[str], answers: Sequence[Any], patience: float) -> list[Any]:
        """Answers of all nodes, which are asked at the same time."""
        self.calls.wait(list(answers), patience)
        return [self._one(name, answer) for name, answer in zip(names, answers, strict=True)]

    def _one(self, name: str, answer: Any) -> Any:
        try:
            return self.calls.got(answer, 0.0)
        except (EvobenchError, Lost) as error:
            raise UsageError(f"node '{name}' cannot take part: {error}") from error

    def _compare(self, names: Sequence[str], found: Sequence[Mapping[str, str]]) -> None:
        here = facts()
        for name, there in zip(names, found, strict=True):
            if wrong := difference(there, here):
                raise UsageError(f"node '{name}' {wrong}: give all nodes the same environment")


def _takes_part(entry: Entry, home: str) -> bool:
    """A node that was started with no CPUs is not to compute; the driver's own must read the user's files."""
    return bool(entry["NodeID"] == home or entry["Resources"].get("CPU", 0) >= 1)


def _host(entry: Entry, name: str, host: Host) -> Host:
    """The host under its name, with the cores that Ray was told it has."""
    return replace(host, name=name, threads=max(1, int(entry["Resources"].get("CPU", 0))))


def _names(entries: Sequence[Entry], home: str) -> list[str]:
    """A name that a person knows each node by, unique: as it was given to Ray, else that of its machine."""
    seen: Counter[str] = Counter()
    names = []
    for entry in entries:
        given = entry["NodeName"]
        name = given if given and given != entry["NodeManagerAddress"] else entry["NodeManagerHostname"]
        if entry["NodeID"] == home:
            name = HERE
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names
