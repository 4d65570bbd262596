"""An executor on which jobs run side by side until the test says which of them ends."""

from collections.abc import Callable, Sequence
from itertools import count

from bench.execute.executor import Ended, Event, Handle, Host
from bench.execute.jobs import Job, Make, Measure
from bench.execute.outcome import ENDED, Outcome

GB = 1 << 30


def host(name: str = "local", threads: int = 4, **fingerprint: object) -> Host:
    return Host(name, threads, 16 * GB, fingerprint=fingerprint)


def fine(_: Job) -> Outcome:
    return Outcome("ok", values=(1.0,))


def first(running: Sequence[Handle]) -> Handle:
    return running[0]


class Stage:
    """Jobs begin, and end in the order that `choose` says; a host can be taken away."""

    def __init__(
        self,
        *places: Host,
        answer: Callable[[Job], Outcome] = fine,
        choose: Callable[[Sequence[Handle]], Handle] = first,
    ) -> None:
        self.places = list(places) or [host()]
        self.answer = answer
        self.choose = choose
        self.running: dict[Handle, tuple[Job, str]] = {}
        self.begun: list[tuple[str, str]] = []
        """What began, and where."""
        self.beside: list[list[Job]] = []
        """Of each that began all that then ran on its host, itself last."""
        self.cancelled: list[Handle] = []
        self._ended: list[Event] = []
        self._numbers = count(1)

    def hosts(self) -> tuple[Host, ...]:
        return tuple(self.places)

    def begin(self, job: Job, host: str) -> Handle:
        assert host in [place.name for place in self.places]
        self.beside.append([other for other, where in self.running.values() if where == host] + [job])
        self.begun.append((name_of(job), host))
        handle = next(self._numbers)
        self.running[handle] = job, host
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        if self._ended:
            return self._ended.pop(0)
        if not self.running:
            return None
        handle = self.choose(list(self.running))
        if self._ended:  # the choice was that a host goes
            return self._ended.pop(0)
        outcome = self.answer(self.running[handle][0])
        del self.running[handle]
        return Ended(handle, outcome)

    def lose(self, name: str) -> None:
        """Take a host away, with what runs there."""
        self.places = [place for place in self.places if place.name != name]
        for handle in [handle for handle, (_, where) in self.running.items() if where == name]:
            del self.running[handle]
            self._ended.append(Ended(handle, Outcome("failed", "its host is gone", lost=True)))

    def cancel(self, handle: Handle) -> None:
        self.cancelled.append(handle)
        if self.running.pop(handle, None):
            self._ended.append(Ended(handle, ENDED))

    def close(self) -> None:
        self.running.clear()


def name_of(job: Job) -> str:
    """Of a cell its measure and resolution, of an artifact its name."""
    if isinstance(job, Measure):
        return f"{job.cell.measure} {job.cell.scenario.resolution}"
    assert isinstance(job, Make)
    return str(job.artifact)
