"""A cluster of real raylets on this machine, whose jobs the test answers."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray
from ray.cluster_utils import Cluster

from bench.declare.catalog import declared_places
from bench.execute.cluster import facts
from bench.execute.cluster.executor import RayExecutor
from bench.execute.cluster.joining import join
from bench.execute.cluster.starting import QUIET
from tests.bench.execute.cluster.obedient import Obedient
from tests.rooms import ROOT

PATIENCE = 8.0
"""Seconds after which a node of these tests is lost: they wait for it where one is frozen."""
_STOP = "stop"
STUCK = 120
"""Seconds after which a test is taken for stuck, however busy the machine is."""


def _declared(catalogs: tuple[str, ...]) -> list[str]:
    """What a driver has that loads these catalogues: this process has those of other tests, too."""
    ours = (*(str(ROOT / package) for package in ("bench", "suites", "evobench")), *catalogs)
    return [place for place in declared_places() if place.startswith(ours)]


@dataclass
class Told:
    """A job that has begun somewhere."""

    pid: int
    """Process of its engine: the actor."""
    what: str
    line: socket.socket

    def end(self) -> None:
        """Let it end well."""
        self.line.sendall(b"x")


@dataclass
class Raylets:
    """A head, on which nothing runs unless it is asked for, and what is added."""

    cluster: Any
    door: Path
    listener: socket.socket
    raylets: dict[str, psutil.Process] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    lines: list[socket.socket] = field(default_factory=list)

    def add(self, name: str, **conditions: Any) -> None:
        """Add a node."""
        made = self.cluster.add_node(num_cpus=4, node_name=name, **conditions)
        self.nodes[name] = made
        self.raylets[name] = psutil.Process(made.all_processes["raylet"][0].process.pid)

    def drop(self, name: str) -> None:
        """End a node, which says so to the others."""
        self.cluster.remove_node(self.nodes.pop(name))
        del self.raylets[name]

    def join(self, catalogs: tuple[str, ...] = ()) -> RayExecutor:
        """An executor on all nodes, whose jobs are told of here."""
        engine = partial(Obedient, self.door)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(facts, "declared_places", lambda: _declared(catalogs))
            return join(self.cluster.address, catalogs, patience=PATIENCE, engine=engine)

    def told(self) -> Told | None:
        """The next job that has begun; None where telling was stopped."""
        self.listener.settimeout(STUCK)
        line, _ = self.listener.accept()
        self.lines.append(line)
        said = line.recv(4096).decode()
        if said == _STOP:
            return None
        pid, what = said.split(maxsplit=1)
        return Told(int(pid), what.strip(), line)

    def stop_telling(self) -> None:
        """Have whoever waits for the next job hear that there is none."""
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self.door))
        line.sendall(_STOP.encode())
        self.lines.append(line)

    def node_of(self, actor: int) -> str:
        """Name of the node whose raylet has started the process; empty: the head."""
        parent = psutil.Process(actor).ppid()
        return next((name for name, raylet in self.raylets.items() if raylet.pid == parent), "")

    def forget(self) -> None:
        """Close the lines of all jobs that were told of."""
        for line in self.lines:
            line.close()
        self.lines.clear()

    def processes(self, name: str) -> list[psutil.Process]:
        """The raylet of a node and all that it has started."""
        raylet = self.raylets[name]
        return [raylet, *raylet.children(recursive=True)]

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to every process of a node, the raylet first."""
        for process in self.processes(name):
            os.kill(process.pid, number)


@contextmanager
def raylets(folder: Path) -> Iterator[Raylets]:
    """A cluster with its head alone."""
    listener = socket.socket(socket.AF_UNIX)
    door = folder / "door"
    listener.bind(str(door))
    listener.listen(64)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**QUIET, "RAY_memory_monitor_refresh_ms": "0"}.items():
            environment.setenv(name, value)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            yield Raylets(cluster, door, listener)
        finally:
            ray.shutdown()
            cluster.shutdown()
            listener.close()
