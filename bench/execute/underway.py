"""Jobs under way: what is heard of them, and the one deadline that each has."""

from __future__ import annotations

import math
from collections.abc import Callable

from bench.clock import Stopwatch
from bench.execute.executor import Ended, Event, Executor, Handle, ToldProgress
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome

Progress = Callable[[Frame], None]
"""Receives the progress frames of a job."""


class Underway:
    """The jobs that were begun on an executor and have not ended, each with its deadline.

    A deadline is that of the whole job: a word of progress does not put it off.
    """

    def __init__(self, executor: Executor, watch: Stopwatch | None = None) -> None:
        """Nothing is under way yet.

        Args:
            executor: runs the jobs.
            watch: tells the seconds; None: a new one.
        """
        self._executor = executor
        self._watch = watch or Stopwatch()
        self._limits: dict[Handle, float] = {}
        """Wall seconds that each job may take."""
        self._deadlines: dict[Handle, float] = {}
        """Deadlines that are still to come, in seconds of the watch."""

    def begin(self, job: Job, host: str, limit: float = math.inf, left: float = math.inf) -> Handle:
        """Begin the job on the host, and cancel it when its time is over (infinity: never).

        Args:
            job: the job to do.
            host: host to run on.
            limit: wall seconds that it may take once it has begun: what it waits for a server is not its own.
            left: wall seconds from now that there are for it and for its beginning.

        Raises:
            EvobenchError: no process can be started for it.
        """
        end = self._watch.seconds + left
        handle = self._executor.begin(job, host)
        self._limits[handle] = min(limit, left)
        self._deadlines[handle] = min(self._watch.seconds + limit, end)
        return handle

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event of a job that was begun here, whose deadlines are kept meanwhile.

        Returns:
            None where nothing is under way, or nothing happens within `timeout` seconds.
        """
        until = math.inf if timeout is None else self._watch.seconds + timeout
        while self._limits:
            self._cancel_overdue()
            wait = min(until, *self._deadlines.values(), math.inf) - self._watch.seconds
            event = self._executor.next_event(None if math.isinf(wait) else max(0.0, wait))
            match event:
                case ToldProgress() if event.handle in self._limits:
                    return event
                case Ended() if event.handle in self._limits:
                    return self._ended(event)
                case None if self._watch.seconds >= until:
                    return None
        return None

    def cancel(self, handle: Handle) -> None:
        """Kill the job; its `Ended` follows."""
        self._executor.cancel(handle)

    def _cancel_overdue(self) -> None:
        now = self._watch.seconds
        for handle in [handle for handle, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[handle]
            self._executor.cancel(handle)

    def _ended(self, event: Ended) -> Ended:
        """The event, which says `timeout` where the deadline has ended the job."""
        limit = self._limits.pop(event.handle)
        in_time = self._deadlines.pop(event.handle, None) is not None
        if in_time or event.outcome.status == "ok" or event.outcome.lost:
            return event
        reason = f"ended after its limit of {limit:.0f} s"
        return Ended(event.handle, Outcome("timeout", reason, killed=True))


def finish(
    executor: Executor,
    job: Job,
    limit: float,
    progress: Progress = lambda _: None,
    host: str | None = None,
) -> Outcome:
    """Run one job to its end, while no other runs; whatever interrupts it ends every process of the executor.

    One that is ended from outside is begun once more.

    Args:
        executor: runs it.
        job: the job to do.
        limit: wall seconds after which it is killed.
        progress: receives its progress frames.
        host: host to run on; None: the first there is.

    Raises:
        EvobenchError: no process can be started for it.
    """
    try:
        outcome = _ended(executor, job, limit, progress, host)
        again = outcome.lost and executor.hosts()
        return _ended(executor, job, limit, progress, host) if again else outcome
    except BaseException:
        executor.close()
        raise


def _ended(executor: Executor, job: Job, limit: float, progress: Progress, host: str | None) -> Outcome:
    underway = Underway(executor)
    underway.begin(job, executor.hosts()[0].name if host is None else host, limit)
    while not isinstance(event := underway.next(), Ended):
        if event is not None:
            progress(event.frame)
    return event.outcome
