"""A job in its process, as far as the process has told of it."""

from __future__ import annotations

import math
import os

from bench.clock import Stopwatch
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.limits import ENDING
from bench.execute.local.death import FROM_OUTSIDE, KILLED, Death, KernelKills, explain, last_words
from bench.execute.local.process import Peer
from bench.execute.outcome import ENDED, Outcome, outcome_of
from bench.machine.process import kill_group


def timeout_of(seconds: float) -> float | None:
    """The seconds as a queue takes them: none are below zero, and infinity is None."""
    return None if math.isinf(seconds) else max(0.0, seconds)


class Running:
    """One process at its job."""

    def __init__(self, peer: Peer, job: Job, number: int, kills: KernelKills) -> None:
        """Begin the job.

        Args:
            peer: does it; has nothing else to do.
            job: the job to do.
            number: number of the job's frames, other than that of any earlier job of the peer.
            kills: tell what the kernel has killed.
        """
        self.pid: int | None = None
        """Process id; None while it is not known or is the server's."""
        self.outcome: Outcome | None = None
        """Outcome of the job; None while the process is at work."""
        self._peer = peer
        self._number = number
        self._kills = kills
        self._told: Outcome | None = None
        self._limit: Frame = {}
        self._asked: Stopwatch | None = None
        """Runs since its end was asked for, or since the next harsher thing was done."""
        self._insists = False
        self._before = kills.count()
        self._said_before = peer.errors.seek(0, os.SEEK_END)
        if not peer.say({**job.to_dict(), "number": number}):
            self._told = Outcome("failed", "its server did not take it, and was ended", killed=True, lost=True)

    def take(self, frame: Frame) -> Frame | None:
        """Note what a frame of the peer tells.

        Returns:
            The frame, where it is for the driver to answer: progress, or a step. The late words of what an earlier
            job forked are for nobody.
        """
        if frame.get("number", self._number) != self._number:
            return None
        match frame["event"]:
            case "started":
                self.pid = frame["pid"]
            case "limited":
                self._limit = frame
            case "result":
                self._told = self._told or outcome_of(frame)
            case "refused":
                reason = f"the measuring process did not start: {frame['reason']}"
                self._told = self._told or Outcome("failed", reason)
            case "exit":
                self.outcome = self._told or self._dead(frame)
            case "closed":
                if self.pid is not None:
                    kill_group(self.pid)  # its server can no longer do so
                self.outcome = self._told or self._dead(frame)
            case _:
                return {name: value for name, value in frame.items() if name != "number"}
        return None

    def stop(self, told: Outcome = ENDED) -> None:
        """Kill it; its last frame follows, unless `patience` comes to its end.

        Args:
            told: becomes its outcome, unless it has told its own already.
        """
        if self.outcome is None:
            self._told = self._told or told
            self._asked = self._asked or Stopwatch()
            self._peer.kill(self.pid)

    @property
    def patience(self) -> float:
        """Seconds until it is time to `insist`; infinity while it may go on."""
        return math.inf if self._asked is None else ENDING - self._asked.seconds

    def insist(self) -> None:
        """Its last frame does not follow: kill what does it, or where that was in vain, wait no more."""
        if self._insists:
            self._peer.is_over = True
            self.outcome = self._told
        else:
            self._insists, self._asked = True, Stopwatch()
            self._peer.kill(None)

    def _dead(self, end: Frame) -> Outcome:
        """The outcome of a process that ended without a result."""
        killed = end["code"] in (None, KILLED)
        death = Death(
            end["code"],
            words=last_words(self._peer.errors, self._said_before),
            oom_kills=self._kills.claim(self._before) if killed else None,
            limit=self._limit.get("size"),
            grown=max(0, end.get("peak", 0) - self._limit.get("resident", 0)),
        )
        status, reason = explain(death)
        return Outcome(status, reason, killed=True, lost=death.code in FROM_OUTSIDE)
