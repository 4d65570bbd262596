"""The driver's end of one process at its job, and the line to it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.execute.death import Death, explain
from bench.execute.local import Outcome, outcome_of
from bench.execute.process import kill_group

Frame = dict[str, Any]


class Line:
    """A connection of whole lines of JSON."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._reader = connection.makefile("rb")

    def say(self, frame: Any) -> None:
        """Send one; that the other side has gone shows when it is to answer."""
        try:
            self._socket.sendall(json.dumps(frame).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            return

    def hear(self, limit: float) -> Any:
        """The next one; None where the other side has gone.

        Raises:
            TimeoutError: it takes longer than `limit` seconds.
        """
        self._socket.settimeout(limit)
        try:
            line = self._reader.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
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
            self._end(Outcome("failed", "was ended"))

    def _hear(self, limit: float) -> Any:
        """The next word of it that is not its last; the last becomes the outcome."""
        try:
            frame = self._line and self._line.hear(limit)
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
