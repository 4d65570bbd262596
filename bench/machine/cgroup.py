"""Control groups of this process: quota, throttling, kills for want of memory. Versions 1 and 2."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/")


def folders(controller: str, root: Path = ROOT) -> list[Path]:
    """Folders of this process's group and of the groups around it, its own first; the limits of each apply.

    In a container without a view of its own group, what is mounted stands for it.
    """
    top, path = _place(controller, root)
    own = top / path.lstrip("/")
    return [folder for folder in (own, *own.parents) if folder.is_relative_to(top) and folder.is_dir()]


def quota(root: Path = ROOT) -> float | None:
    """CPUs that the groups grant: the least of their quotas; None without a limit."""
    granted = [cpus for folder in folders("cpu", root) if (cpus := _quota(folder))]
    return min(granted, default=None)


def throttling(root: Path = ROOT) -> tuple[int, float]:
    """Number of stops of a group at its quota so far, and the seconds of CPU time that they took.

    Of groups within groups the one that was stopped longest, since one stop of the outer holds the inner, too.

    Raises:
        OSError: no group counts it.
    """
    found = [counts for folder in folders("cpu", root) if (counts := _throttling(folder)) is not None]
    if not found:
        raise OSError("no control group counts it")
    return max(found, key=lambda counts: counts[1])


def oom_kills(root: Path = ROOT) -> int | None:
    """Processes that the kernel has killed for want of memory, in this group or on the machine; None: unknown."""
    places = [(folder, ("memory.events", "memory.oom_control")) for folder in folders("memory", root)[:1]]
    for folder, names in [*places, (root / "proc", ("vmstat",))]:
        for name in names:
            count = counters(folder / name).get("oom_kill")
            if count is not None:
                return count
    return None


def memory(root: Path = ROOT) -> int | None:
    """Bytes that the groups grant: the least of their limits; None without a limit."""
    files = [
        folder / name for folder in folders("memory", root) for name in ("memory.max", "memory.limit_in_bytes")
    ]
    granted = [size for file in files if (size := _bytes(file))]
    return min(granted, default=None)


def counters(file: Path) -> dict[str, int]:
    """Counters in a file of lines `NAME NUMBER`; empty where the file cannot be read."""
    try:
        parts = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return {}
    return {words[0]: int(words[1]) for words in parts if len(words) == 2 and words[1].isdecimal()}


def _place(controller: str, root: Path) -> tuple[Path, str]:
    """Mount point of the controller, and the path of this process's group below it."""
    mounted = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    paths = {names: path for _, names, path in (line.split(":", 2) for line in lines if line.count(":") >= 2)}
    for names, path in paths.items():
        if controller in names.split(","):
            candidates = (mounted / names, mounted / controller)
            return next((folder for folder in candidates if folder.is_dir()), mounted), path
    return mounted, paths.get("", "")


def _quota(folder: Path) -> float | None:
    """Quota of one group in CPUs (v2 `cpu.max`, v1 `cpu.cfs_quota_us`)."""
    try:
        if (folder / "cpu.max").is_file():
            granted, period = (folder / "cpu.max").read_text().split()
        else:
            granted = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text()
        return int(granted) / int(period) if granted.isdecimal() and int(granted) else None
    except (OSError, ValueError):
        return None


def _bytes(file: Path) -> int | None:
    """Bytes that a limit file grants; None where the file is missing or sets no limit."""
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None  # a number beyond any memory is no limit either


def _throttling(folder: Path) -> tuple[int, float] | None:
    counts = counters(folder / "cpu.stat")
    if "nr_throttled" not in counts:
        return None
    if "throttled_usec" in counts:
        return counts["nr_throttled"], counts["throttled_usec"] / 1e6
    return counts["nr_throttled"], counts.get("throttled_time", 0) / 1e9  # version 1 counts nanoseconds
