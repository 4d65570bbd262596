"""GPUs that are made up, and a time that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field

GB = 10**9


class Hands:
    """A time that passes only where something is said to take it; stands for the module `time`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def perf_counter(self) -> float:
        """Seconds since the test began."""
        return self.seconds

    monotonic = time = perf_counter

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.seconds += max(0.0, seconds)


@dataclass
class Neighbour:
    """Somebody else's process on a GPU."""

    pid: int
    memory: int = GB
    """Bytes that it holds."""
    utilisation: int = 0
    """Percent of the time in which its kernels run."""
    is_graphics: bool = False


@dataclass
class Card:
    """One GPU: what it is, and its state, which a test may change at any time."""

    name: str = "NVIDIA H100 80GB HBM3"
    capability: tuple[int, int] = (9, 0)
    memory: int = 80 * GB
    """Bytes; a tensor that would make them more raises torch's `OutOfMemoryError`."""
    uuid: str = "11111111-2222-3333-4444-555555555555"
    """As torch has it: NVML's begins with `GPU-`."""
    multiprocessors: int = 132
    l2: int = 50 << 20
    workspace: int = 0
    """Bytes of torch's allocator that cuBLAS keeps from the first product on."""
    power_limit: float = 700.0
    """In W."""
    clock: int = 1980
    """Of its multiprocessors, in MHz."""
    highest_clock: int = 1980
    temperature: int = 45
    """In degrees Celsius."""
    reasons: int = 0
    """NVML's bits of why the clock is lower than it could be."""
    violations: dict[int, int] = field(default_factory=dict)
    """Nanoseconds for which a policy has kept the clock down, by NVML's number: 0 is power, 1 heat."""
    idle_watts: float = 70.0
    busy_watts: float = 500.0
    """What it takes while a kernel runs."""
    counter_step: float = 0.1
    """Seconds after which its energy counter goes on."""
    neighbours: list[Neighbour] = field(default_factory=list)
    lists_own: bool = True
    """Whether NVML lists this process by its own number, which it does not in a container."""
    has_ecc: bool = True
    is_persistent: bool = True
    has_mig: bool = False


@dataclass
class Work:
    """What a GPU has been given to do: kernels run one after the other, some time after they are launched."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    """Begin and end of what it does, in seconds; kernels without a gap are one."""

    @property
    def until(self) -> float:
        """When all of it is done."""
        return self.spans[-1][1] if self.spans else 0.0

    def add(self, now: float, seconds: float) -> None:
        """Let it run one kernel more, as soon as it can."""
        if self.spans and now <= self.until:
            begin, end = self.spans.pop()
            self.spans.append((begin, end + seconds))
        else:
            self.spans.append((now, now + seconds))

    def done(self, now: float) -> float:
        """Seconds in which it has run kernels until now."""
        return sum(max(0.0, min(end, now) - begin) for begin, end in self.spans)


@dataclass
class Memory:
    """What torch's allocator says of a GPU, in bytes."""

    allocated: int = 0
    reserved: int = 0
    peak: int = 0
    peak_reserved: int = 0

    def add(self, size: int) -> None:
        """Allocate so many more."""
        self.allocated += size
        self.reserved = max(self.reserved, self.allocated)
        self.peak, self.peak_reserved = max(self.peak, self.allocated), max(self.peak_reserved, self.reserved)

    def reset_peak(self) -> None:
        """Let the peaks be what there is now."""
        self.peak, self.peak_reserved = self.allocated, self.reserved

    def stats(self) -> dict[str, int]:
        """By the names of `torch.cuda.memory_stats`."""
        current, peak = (self.allocated, self.reserved), (self.peak, self.peak_reserved)
        kinds = ("allocated_bytes", "reserved_bytes")
        moments = (("current", current), ("peak", peak))
        return {
            f"{kind}.all.{name}": size for name, sizes in moments for kind, size in zip(kinds, sizes, strict=True)
        }
