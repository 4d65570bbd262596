"""Readings of machine and process at one moment, before and after a cell. Nothing is read in between.

All comes from files, whose root is an argument; what cannot be read is None, and says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench.machine.cgroup import folders, throttling
from bench.machine.gpus.gpu import GpuState, read_gpu
from bench.machine.process import own_cpus

T = TypeVar("T")
ROOT = Path("/")
_LOOKED_AT = 8
"""Number of CPUs whose clock is read: each reading wakes its core, and machines have hundreds."""
_JIFFIES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
"""Columns of /proc/stat; guests' time, which follows, is already part of user and nice."""
_IDLE = ("idle", "iowait")


@dataclass(frozen=True)
class Core:
    """Times of one CPU since boot, in seconds; counted in whole ticks (10 ms, most often)."""

    busy: float
    """Seconds that the CPU was not idle, stolen time included."""
    stolen: float
    """Seconds that the CPU had work while the host of this virtual machine ran something else."""


@dataclass(frozen=True)
class Thread:
    """Times of one thread since it began, in seconds."""

    ran: float
    waited: float
    """Seconds that the thread could have run, but no core was free."""


@dataclass(frozen=True)
class MachineReading:
    """Machine and process at one moment; None: could not be read, and `unread` says why."""

    at: float
    """Time of the reading in monotonic seconds."""
    cores: dict[str, Core] | None = None
    """Times of the CPUs that the process may use."""
    threads: dict[str, Thread] | None = None
    """Times of the threads that are alive; the measuring threads of a pool live as long as their process."""
    children: float = 0.0
    """Seconds that ended child processes have run: compiling starts some."""
    load: tuple[float, ...] | None = None
    """Mean number of running tasks in the last 1, 5 and 15 minutes."""
    throttled: tuple[int, float] | None = None
    """Number of stops at the cgroup's quota, and the seconds of CPU time that they took."""
    pressure: dict[str, float] | None = None
    """Seconds in which some task waited for `cpu`, `memory` or `io` (PSI)."""
    clock: float | None = None
    """Mean of the CPUs' frequencies, in Hz."""
    temperature: float | None = None
    """Temperature of the hottest sensor, in degrees Celsius."""
    slowdowns: int | None = None
    """Times that heat made a core slow down."""
    gpu: GpuState | None = None
    device: str = "cpu"
    """Device that the process computes on."""
    unread: dict[str, str] = field(default_factory=dict)


def read(at: float, device: str = "cpu", root: Path = ROOT, cpus: Iterable[int] | None = None) -> MachineReading:
    """Read all values once.

    Args:
        at: monotonic seconds of now.
        device: the cell's; of `cuda` the GPU is read, too.
        root: folder with `proc` and `sys`.
        cpus: the CPUs that the process may use; None asks the system.
    """
    unread: dict[str, str] = {}

    def attempt(what: str, function: Callable[[], T]) -> T | None:
        try:
            return function()
        except (OSError, ValueError, LookupError) as error:
            unread[what] = _why(error, root)
            return None

    own = sorted((own_cpus() or range(os.cpu_count() or 1)) if cpus is None else cpus)
    gpu = attempt("gpu", lambda: read_gpu(device)) if device.startswith("cuda") else None
    return MachineReading(
        at=at,
        cores=attempt("cores", lambda: _cores(root, own)),
        threads=attempt("threads", lambda: _threads(root)),
        children=sum(os.times()[2:4]),
        load=attempt("load", lambda: _load(root)),
        throttled=attempt("throttled", lambda: throttling(root)),
        pressure=attempt("pressure", lambda: _pressure(root)),
        clock=attempt("clock", lambda: _clock(root, own)),
        temperature=attempt("temperature", lambda: _temperature(root)),
        slowdowns=attempt("slowdowns", lambda: _slowdowns(root, own)),
        gpu=gpu,
        device=device,
        unread={**unread, **(gpu.unread if gpu else {})},
    )


def _why(error: Exception, root: Path) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"/{os.path.relpath(error.filename, root)}: {error.strerror}"
    return str(error) or type(error).__name__


def _cores(root: Path, cpus: list[int]) -> dict[str, Core]:
    lines = (root / "proc/stat").read_text().splitlines()  # only Linux has it, and Windows has no `sysconf`
    tick = 1 / os.sysconf("SC_CLK_TCK")
    found = {}
    for line in lines:
        name, *numbers = line.split()
        if name.startswith("cpu") and name[3:].isdecimal() and int(name[3:]) in cpus:
            spent = dict(zip(_JIFFIES, (int(number) * tick for number in numbers), strict=False))
            busy = sum(seconds for state, seconds in spent.items() if state not in _IDLE)
            found[name] = Core(busy, spent.get("steal", 0.0))
    if not found:
        raise LookupError("/proc/stat lists none of the process's CPUs")
    return found


def _threads(root: Path) -> dict[str, Thread]:
    found = {}
    for folder in (root / "proc/self/task").iterdir():
        try:
            ran, waited, _ = (folder / "schedstat").read_text().split()
        except FileNotFoundError:  # it ended meanwhile, or the kernel has no such file: then none has
            continue
        found[folder.name] = Thread(int(ran) / 1e9, int(waited) / 1e9)
    if not any(thread.ran for thread in found.values()):
        raise LookupError("this kernel does not count how long threads wait")
    return found


def _load(root: Path) -> tuple[float, ...]:
    return tuple(float(part) for part in (root / "proc/loadavg").read_text().split()[:3])


def _pressure(root: Path) -> dict[str, float]:
    """Pressure of the own cgroup where it is counted, else of the machine."""
    found = {}
    for what in ("cpu", "memory", "io"):
        group = folders(what, root)[:1]
        files = [*(folder / f"{what}.pressure" for folder in group), root / "proc/pressure" / what]
        text = next((file for file in files if file.is_file()), files[-1]).read_text()
        found[what] = int(text.splitlines()[0].rpartition("total=")[2]) / 1e6
    return found


def _clock(root: Path, cpus: list[int]) -> float:
    names = [f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq" for cpu in cpus[:_LOOKED_AT]]
    files = [root / name for name in names if (root / name).is_file()]
    if files:
        return 1e3 * sum(int(file.read_text()) for file in files) / len(files)  # they say kHz
    lines = (root / "proc/cpuinfo").read_text().splitlines()
    clocks = [float(line.rpartition(":")[2]) for line in lines if line.startswith("cpu MHz")]
    if not clocks:
        raise LookupError("neither cpufreq nor /proc/cpuinfo tells the clock")
    return 1e6 * sum(clocks) / len(clocks)


def _temperature(root: Path) -> float:
    files = [*root.glob("sys/class/thermal/thermal_zone*/temp"), *root.glob("sys/class/hwmon/hwmon*/temp*_input")]
    found = [degrees for file in files if (degrees := _degrees(file)) is not None]
    if not found:
        raise LookupError("no thermal zone and no sensor to be read")
    return max(found)


def _degrees(file: Path) -> float | None:
    try:
        return int(file.read_text()) / 1000
    except (OSError, ValueError):  # a sensor may be switched off
        return None


def _slowdowns(root: Path, cpus: list[int]) -> int:
    names = [f"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/core_throttle_count" for cpu in cpus]
    files = [root / name for name in names if (root / name).is_file()]
    if not files:
        raise LookupError("the CPUs have no count of slowdowns for heat")
    return sum(int(file.read_text()) for file in files)
