"""Free resources of one host, and the works that fit into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bench.declare.needs import Needs
from bench.execute.executor import HERE, Host


@dataclass
class Room:
    """One host with the works that run on it."""

    host: Host
    lanes: int
    """Works that it runs at once, at most."""
    shares: bool
    """Whether a timing on its first GPU leaves the other GPUs to works that are not timings."""
    threads: int
    """Cores that are free; under 0 where a work that wants more than there are runs by itself."""
    memory: int
    """Bytes that are still free."""
    running: dict[int, tuple[Needs, str]] = field(default_factory=dict)
    """Needs and GPU of what runs."""
    timing: Needs | None = None
    """Needs of the timing that runs, if one does."""

    @classmethod
    def of(cls, host: Host, lanes: int, shares: bool) -> Room:
        """An empty host."""
        return cls(host, lanes, shares, host.threads, host.memory)

    def copy(self) -> Room:
        """Independent copy in the same state."""
        return replace(self, running=dict(self.running))

    @property
    def is_full(self) -> bool:
        """Whether all lanes are taken."""
        return len(self.running) >= self.lanes

    def takes(self, needs: Needs, waiting: Needs | None = None) -> bool:
        """Whether a work with such needs may begin here now.

        Args:
            needs: needs of the work.
            waiting: needs of a timing that waits for this host to be empty.
        """
        if needs.here and self.host.name != HERE:
            return False
        timing = self.timing or waiting
        if needs.alone:
            apart, beside = not self.running or self._stays_apart(needs), False
        else:
            apart = timing is None or (self.shares and bool(timing.device and needs.device))
            beside = timing is not None
        # what wants more than the host has runs by itself
        fits = not self.running or (needs.threads <= self.threads and needs.memory <= self.memory)
        return apart and fits and (not needs.device or bool(self._gpus(needs, beside)))

    def is_too_full_for(self, needs: Needs) -> bool:
        """Whether a work with such needs would begin here if the running works left it cores and memory."""
        wide = needs.threads > self.threads or needs.memory > self.memory
        return wide and not self.takes(needs) and replace(self, running={}, timing=None).takes(needs)

    def enter(self, work: int, needs: Needs) -> str:
        """Begin a work that this host takes; returns the GPU that it has for itself, or nothing."""
        gpu = self._gpus(needs, beside=self.timing is not None)[-1] if needs.device else ""
        self.running[work] = needs, gpu
        if needs.alone:
            self.timing = needs
        self.threads -= needs.threads
        self.memory -= needs.memory
        return gpu

    def leave(self, work: int) -> None:
        """A work has ended."""
        needs, _ = self.running.pop(work)
        if needs.alone:
            self.timing = None
        self.threads += needs.threads
        self.memory += needs.memory

    def _stays_apart(self, timing: Needs) -> bool:
        """Whether a timing on the first GPU would have everything but the other GPUs for itself."""
        others = self.running.values()
        return self.shares and bool(timing.device) and all(gpu and not needs.alone for needs, gpu in others)

    def _gpus(self, needs: Needs, beside: bool) -> Sequence[str]:
        """The free GPUs that a work could have: a timing the first alone, others that one last, or not beside it.

        Args:
            needs: needs of the work.
            beside: whether it runs beside a timing.
        """
        known = [gpu for gpu in self.host.gpus if needs.device in (gpu, gpu.partition(":")[0])]
        taken = {gpu for _, gpu in self.running.values()}
        wanted = known[:1] if needs.alone else known[1:] if beside and self.shares else known
        return [gpu for gpu in wanted if gpu not in taken]
