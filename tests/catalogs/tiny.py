"""A catalogue of small and of misbehaving architectures: what the tests measure."""

import os
import signal
import sys
import time
from collections.abc import Iterator

from evobench import Cell, Cost, Picture, Planned, Samples, Setting, architecture, lazy, measure, suite

torch = lazy("torch")


def _net(num_classes: int):  # type: ignore[no-untyped-def]
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))


def _declare(behave) -> None:  # type: ignore[no-untyped-def]
    """Declare a network that misbehaves while it is built."""

    def build(num_classes: int):  # type: ignore[no-untyped-def]
        behave()
        return _net(num_classes)

    build.__name__ = behave.__name__
    build.__doc__ = behave.__doc__
    architecture(family="Tiny", year=2026, paper="none", resolution=16, min_resolution=3)(build)


@_declare
def tiny() -> None:
    """Small and well-behaved."""


@_declare
def tiny_too() -> None:
    """As small, and as well-behaved."""


@_declare
def raising() -> None:
    """Raises while it is built."""
    raise ValueError("expected 3 channels")


@_declare
def crashing() -> None:
    """Ends with a segmentation fault."""
    os.kill(os.getpid(), signal.SIGSEGV)


@_declare
def killed() -> None:
    """Ends as if the kernel's out-of-memory killer had come."""
    os.kill(os.getpid(), signal.SIGKILL)


@_declare
def hanging() -> None:
    """Never returns."""
    time.sleep(3600)


@_declare
def starving() -> None:
    """Gets no memory from Python."""
    raise MemoryError


@_declare
def greedy() -> None:
    """Asks for more memory than there is."""
    torch.empty(1 << 50)


@_declare
def ambiguous() -> None:
    """Fails of itself, in the words in which oneDNN tells of want of memory, too."""
    raise RuntimeError("could not create a primitive")


@_declare
def exiting() -> None:
    """Leaves without a result."""
    os._exit(7)


class Panic(BaseException):
    """An error that is not an `Exception`."""


class Speechless(Panic):
    """An error without words."""

    def __str__(self) -> str:
        raise Panic("no words")


@_declare
def leaving() -> None:
    """Asks for the end of the process."""
    sys.exit("enough")


@_declare
def panicking() -> None:
    """Raises what is not an `Exception`."""
    raise Panic("of its own")


@_declare
def speechless() -> None:
    """Raises an error whose words cannot be had."""
    raise Speechless


@_declare
def talkative() -> None:
    """Prints to the stdout that carries the frames elsewhere."""
    print("hello")  # noqa: T201
    os.write(1, b"{not json\n")


@measure(unit="1", nature="count", better="neither")
def process_id(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """The process that measured it, its parent and its threads."""
    subject.report({"step": 1})
    return Samples((float(os.getpid()), float(os.getppid()), float(torch.get_num_threads())))


@measure(unit="1", nature="count", better="neither")
def stay(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Says who it is, then never returns."""
    os.write(2, b"a word of one that stays\n")
    subject.report({"process": os.getpid(), "lane": os.getppid()})
    time.sleep(3600)
    return Samples((0.0,))


@measure(unit="1", nature="count", better="neither")
def pools(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """The threads of every pool; in the details torch's that have started, those of later ones, what is loaded."""
    from threadpoolctl import threadpool_info

    torch.zeros(1 << 20).add_(1)
    started = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are all that is wanted
    found = tuple(float(pool["num_threads"]) for pool in threadpool_info())
    details = {"started": started, "variable": os.environ["OMP_NUM_THREADS"], "loaded": sorted(sys.modules)}
    return Samples(found, details=details)


@measure(unit="1", nature="count", better="neither")
def hoard(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Takes 200 MB."""
    return Samples((float(torch.ones(50_000_000).numel()),))


@measure(unit="1", nature="count", better="neither")
def hoard_to_a_crash(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Takes 100 MB, then crashes as libraries do that do not check their allocations."""
    held = torch.ones(25_000_000)
    os.kill(os.getpid(), signal.SIGSEGV)
    return Samples((float(held.numel()),))


@measure(unit="s", better="neither")
def nap(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """A tenth of a second of sleep: time enough to be killed in."""
    return Samples((clock.once(lambda: time.sleep(0.1)),))


def _drawn(png: bytes) -> Samples:
    return Samples((1.0,), pictures=(Picture("dot", "A dot", "It is gray.", b"\x89PNG\r\n\x1a\n" + png),))


@measure(unit="1", nature="count", better="neither")
def drawing(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Makes a picture."""
    return _drawn(bytes(range(256)))


@measure(unit="1", nature="count", better="neither")
def overdrawing(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Makes a picture that no record takes."""
    return _drawn(bytes(200_000))


@suite(title="Trial")
def trial(setting: Setting) -> Iterator[Planned]:
    """Two networks, twelve cells each, some in two processes; long enough to be killed in between."""
    for name in ("tiny", "tiny_too"):
        for number in range(12):
            where = Cost(mode="infer", resolution=16 + number, threads=1)
            yield Planned(Cell(name, "nap", where), 0.1, replicates=1 + number % 2)


@suite(title="Endless")
def endless(setting: Setting) -> Iterator[Planned]:
    """A cell that is done at once, then one that never ends: its run goes on until somebody ends it."""
    for name in ("tiny", "hanging"):
        yield Planned(Cell(name, "latency", Cost(mode="infer", resolution=16, threads=1)), 0.1)


@suite(title="Faults")
def faults(setting: Setting) -> Iterator[Planned]:
    """One cell of each kind of failure, and one that is well behind them.

    None is killed: whether that is out of memory depends on what the machine's kernel tells.
    """
    for name in ("raising", "crashing", "starving", "greedy", "exiting", "talkative", "tiny"):
        yield Planned(Cell(name, "latency", Cost(mode="infer", resolution=16, threads=1)), 0.1)
