"""Nodes in this process, called without Ray: what goes between a driver and them, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from bench.execute.cluster.bundle import Bundle
from bench.execute.cluster.calls import Calls, Lost, of_node
from bench.execute.cluster.executor import RayExecutor
from bench.execute.cluster.link import Place
from bench.execute.cluster.node import Node
from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.jobs import Job
from bench.execute.outcome import ENDED, Outcome
from tests.bench.execute.cluster.obedient import done


class AtOnce:
    """An engine whose jobs end as soon as they have begun, but for those that it is told to hold."""

    def __init__(self, catalogs: Sequence[str] = (), answer: Callable[[Job], Outcome] = done) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._answer = answer
        self._number = 0

    def hosts(self) -> tuple[Host, ...]:
        return (Host("local", 4, 1 << 30),)

    def begin(self, job: Job, host: str) -> Handle:
        self._number += 1
        self._events.put(Ended(self._number, self._answer(job)))
        return self._number

    def next_event(self, timeout: float | None) -> Event | None:
        try:
            return self._events.get(timeout=timeout)
        except Empty:
            return None

    def cancel(self, handle: Handle) -> None:
        self._events.put(Ended(handle, ENDED))

    def close(self) -> None:
        return


@dataclass
class Direct(Calls):
    """Calls that are made at once, each where it stands; those of an actor that has been ended are lost."""

    asked: list[str] = field(default_factory=list)
    """Names of the methods that were called, but for `events`."""
    ended: set[int] = field(default_factory=set)

    def ask(self, method: Any, *arguments: Any, patience: float | None = None) -> Any:
        if id(method.__self__) in self.ended:
            raise Lost("its process has ended", for_good=False)
        if method.__name__ != "events":
            self.asked.append(method.__name__)
        try:
            return method(*arguments)
        except Exception as error:
            raise of_node(error) from error

    def events(self, actor: Any) -> list[Event]:
        found: list[Event] = self.ask(actor.events, 0.05)
        return found

    def tell(self, method: Any, *arguments: Any) -> Any:
        return method(*arguments)

    def end(self, actor: Any) -> None:
        self.ended.add(id(actor))

    def wait(self, answers: list[Any], limit: float | None = None) -> bool:
        return True


@contextmanager
def executor_on(calls: Direct, **nodes: Node) -> Iterator[RayExecutor]:
    """An executor on nodes by their names, none of which is the driver's own machine."""

    def gone() -> Any:
        raise Lost("it is not started again", for_good=True)

    places = [(Place(Host(name, 4, 1 << 30), False, gone), node) for name, node in nodes.items()]
    executor = RayExecutor(places, calls)
    yield executor
    executor.close()


def node(answer: Callable[[Job], Outcome] = done) -> Node:
    """A node with nothing on its shelf."""
    made = Node(lambda catalogs: AtOnce(catalogs, answer), None)
    made.load(Bundle((), (), {}))
    return made
