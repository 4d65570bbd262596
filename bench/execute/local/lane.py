"""A lane: a server forked from another, so that it has what that has imported, with a line of its own."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import suppress

from bench.execute.limits import ANSWER
from bench.execute.local.process import NotStarted, Peer, Process, Put

ENDED_AT_ONCE = "it ended as soon as it stood"


class ServerEnded(Exception):
    """Error raised when there is no server any more that could fork a lane, or it does not answer."""


class Lane(Peer):
    """Does job after job beside the other lanes of its server, with which it ends."""

    def __init__(self, server: Process, put: Put) -> None:
        """Have the server fork it.

        Args:
            server: stands, and has lanes.
            put: receives its frames.

        Raises:
            ServerEnded: the server has ended, or does not answer.
            NotStarted: it cannot be forked.
        """
        their_in, outgoing = os.pipe()
        incoming, their_out = os.pipe()
        # its other end is held by the lane alone and not by its jobs: where that is closed, the lane has ended
        self._life, their_life = os.pipe()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the lane
        super().__init__(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"), errors, put)
        try:
            lent = server.lend((their_in, their_out, errors.fileno(), their_life))
            for descriptor in (their_in, their_out, their_life):
                os.close(descriptor)
            if not lent:
                raise ServerEnded(ENDED_AT_ONCE)
            self._pid = self._forked()
        except BaseException:
            self._close()
            raise
        self._listen()

    def end(self) -> None:
        """End it, and wait for that: its job must have been killed."""
        super().end()
        if self.is_over:  # else a thread still waits for it
            os.close(self._life)

    def _forked(self) -> int:
        """Process id of the lane, which is the first thing that it sends."""
        if not self._line.is_heard_within(ANSWER):
            raise ServerEnded(f"it does not answer within {ANSWER:.0f} s")
        frame = self._line.hear()  # a whole frame: so small a one is written at once
        if frame is None:
            raise ServerEnded(ENDED_AT_ONCE)
        if frame["event"] == "refused":
            raise NotStarted(frame["reason"])
        return int(frame["pid"])

    def _close(self) -> None:
        """Let go of the line of a lane that there is not."""
        self._incoming.close()
        self._outgoing.close()
        self.errors.close()
        os.close(self._life)

    def _waits_for_others(self) -> bool:
        return True

    def _wait(self) -> None:
        os.read(self._life, 1)

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if not self.is_over:  # later its number may be another's
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)
