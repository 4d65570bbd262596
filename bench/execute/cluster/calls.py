"""Calls of actors: each is answered in time, or its node is lost."""

from __future__ import annotations

import errno
from typing import Any

from bench.clock import Stopwatch
from bench.errors import EvobenchError
from bench.execute.cluster.parcels import Damaged
from bench.execute.executor import Event

PATIENCE = 20.0
"""Seconds in which a node must answer. Of one that is frozen Ray says nothing for more than two minutes."""
_GRACE = 2.0
"""Seconds more, since it may have been this process that was stopped."""
_TURN = 1.0
"""Seconds after which whoever waits for an answer looks whether there can still be one."""
RAYLET_ENDED = "the raylet of the driver's machine has ended"


class Lost(Exception):
    """The node does not answer, or cannot be worked with any more; the message says why."""

    def __init__(self, why: str, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good
        """Whether starting its engine anew is of no use."""


class Calls:
    """Calls of Ray's actors."""

    def __init__(self, ray: Any, patience: float = PATIENCE) -> None:
        """Call through the module `ray`, and wait so many seconds for an answer."""
        self._ray = ray
        self._patience = patience
        self._is_cut = False

    def cut(self) -> None:
        """Call Ray no more: it is going to be left, or calls would wait for a raylet that has ended."""
        self._is_cut = True

    def events(self, actor: Any) -> list[Event]:
        """Events on a node; empty when none has come after a while.

        Raises:
            Lost: the call fails as in `ask`.
        """
        found: list[Event] = self.ask(actor.events, self._patience / 4)
        return found

    def ask(self, method: Any, *arguments: Any, patience: float | None = None) -> Any:
        """Result of an actor's method.

        Raises:
            EvobenchError: the called function raises it.
            Lost: there is no answer in time, or there can be none, or the node has no room.
        """
        if self._is_cut:
            raise Lost(RAYLET_ENDED, for_good=True)
        return self.got(self.tell(method, *arguments), self._patience if patience is None else patience)

    def got(self, answer: Any, limit: float) -> Any:
        """The answer of a call; raises as `ask` does."""
        is_there = self.wait([answer], limit) or self.wait([answer], _GRACE)
        if self._is_cut:
            raise Lost(RAYLET_ENDED, for_good=True)
        if not is_there:
            raise Lost(f"it does not answer within {limit:.0f} s", for_good=True)
        errors = self._ray.exceptions
        try:
            return self._ray.get(answer)
        except errors.RayTaskError as error:
            raise of_node(error.cause) from error
        except errors.ActorDiedError as error:
            raise Lost(_cause(error), for_good=False) from error
        except errors.RayError as error:
            raise Lost(" ".join(str(error).split()), for_good=False) from error

    def tell(self, method: Any, *arguments: Any) -> Any:
        """Call a method of an actor without waiting; returns what its answer can be waited for by."""
        return method.remote(*arguments)

    def end(self, actor: Any) -> None:
        """Kill the actor's process, as soon as it can be reached."""
        if not self._is_cut:
            self._ray.kill(actor)

    def wait(self, answers: list[Any], limit: float | None = None) -> bool:
        """Wait for answers, or for as long as nodes may take for one; returns whether all are there."""
        watch, limit = Stopwatch(), self._patience if limit is None else limit
        while answers and not self._is_cut:
            left = max(0.0, limit - watch.seconds)
            there, _ = self._ray.wait(answers, num_returns=len(answers), timeout=min(left, _TURN))
            if len(there) == len(answers) or left <= _TURN:
                return len(there) == len(answers)
        return not answers


def of_node(cause: Exception) -> Exception:
    """Error that stands here for one that was raised on a node."""
    if isinstance(cause, EvobenchError):
        return cause
    if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        return Lost("its disk is full", for_good=True)
    if isinstance(cause, Damaged):
        return Lost(str(cause), for_good=True)
    return Lost(f"{type(cause).__name__}: {cause}", for_good=True)


def _cause(error: Exception) -> str:
    """Reason why an actor is gone, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "its process has ended"
