"""An executor without processes, for what is told of jobs and not for how they are run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count

from bench.execute.executor import Ended, Event, Host, ToldProgress
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome


class Answering:
    """Answers each job where it is begun; subclasses say how."""

    def __init__(self) -> None:
        """Nothing has been begun."""
        self._numbers = count(1)
        self._events: deque[Event] = deque()

    def answer(self, job: Job, progress: Callable[[Frame], None]) -> Outcome:
        """What becomes of the job; `progress` receives its progress frames."""
        raise NotImplementedError

    def hosts(self) -> tuple[Host, ...]:
        """One, of a single core."""
        return (Host("local", 1, 0),)

    def begin(self, job: Job, host: str) -> int:
        """Do the job."""
        handle = next(self._numbers)
        outcome = self.answer(job, lambda frame: self._events.append(ToldProgress(handle, frame)))
        self._events.append(Ended(handle, outcome))
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        """The next of what has happened."""
        return self._events.popleft() if self._events else None

    def cancel(self, handle: int) -> None:
        """It has ended already."""

    def close(self) -> None:
        """There is no process to end."""
