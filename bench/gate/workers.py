"""The driver's end of one process at its job, and the line to it."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.clock import Stopwatch
from bench.execute.death import Death, explain
from bench.execute.local import Outcome, outcome_of
from bench.machine.process import is_alive, kill_group

Frame = dict[str, Any]
ENDED = Outcome("failed", "was ended")
"""Of one that had no fault of its own, but nothing to be compared with any more."""
_ASKED_AFTER = 1.0
"""Seconds of silence after which is looked whether a worker lives."""


class Line:
    """A connection of whole lines of JSON."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._heard = b""

    def say(self, frame: Any) -> None:
        """Send one; that the other side has gone shows when it is to answer."""
        try:
            self._socket.sendall(json.dumps(frame).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            return

    def hear(self, limit: float, lives: Callable[[], bool] = lambda: True) -> Any:
        """The next one; None where the other side has gone.

        Args:
            limit: seconds.
            lives: whether the other side does: what it has forked may hold the line, and never say a word.

        Raises:
            TimeoutError: it takes longer than `limit` seconds.
        """
        watch = Stopwatch()
        while b"\n" not in self._heard:
            left = limit - watch.seconds
            if not select.select([self._socket], [], [], max(0.0, min(_ASKED_AFTER, left)))[0]:
                if left <= 0:
                    raise TimeoutError
                if not lives():
                    return None
                continue
            try:
                part = self._socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not part:
                return None
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclass
class Worker:
    """One process at its job."""

    _pid: int
    _line: Line | None
    _reap: Callable[[], int]
    _last_words: Callable[[], str]
    outcome: Outcome | None = field(default=None, init=False)
    """What became of it; None while it is at work."""

    def ready(self, limit: float) -> bool:
        """Wait until it can take steps; False where it has ended instead."""
        return isinstance(self._hear(limit), dict) and self.outcome is None

    def step(self, limit: float) -> float | None:
        """Have it take one step: its seconds; None where it has ended instead."""
        assert self._line is not None
        self._line.say("step")
        seconds = self._hear(limit)
        return seconds if isinstance(seconds, float) else None

    def finish(self, limit: float) -> Outcome:
        """End the steps, if it takes any, and get what became of it."""
        if self.outcome is None and self._line is not None:
            self._line.say("end")
        while self.outcome is None:
            self._hear(limit)
        return self.outcome

    def kill(self) -> None:
        """End it at once, whatever it does."""
        if self.outcome is None:
            self._end(ENDED)

    def _hear(self, limit: float) -> Any:
        """The next word of it that is not its last; the last becomes the outcome."""
        try:
            frame = self._line and self._line.hear(limit, lambda: is_alive(self._pid))
        except TimeoutError:
            self._end(Outcome("timeout", f"ended after its limit of {limit:.0f} s"))
            return None
        if frame is None:
            self._end(None)
        elif isinstance(frame, dict) and frame["event"] == "result":
            self._end(outcome_of(frame))
        return frame

    def _end(self, outcome: Outcome | None) -> None:
        kill_group(self._pid)
        words = "" if outcome else self._last_words()
        code = self._reap()
        if self._line is not None:
            self._line.close()
        self.outcome = outcome or Outcome(*explain(Death(code, words=words)))
