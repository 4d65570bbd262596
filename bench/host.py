"""Fingerprint of the machine and the software that a run was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from bench.cell import digest
from bench.code import versions

_KEY = (
    "cpu",
    "cpu_flags",
    "cores",
    "memory_gib",
    "system",
    "machine",
    "gpus",
    "driver",
    "cuda",
    "cudnn",
    "python",
)

PROBED = ("torch_build", "cuda", "cudnn", "driver", "gpus", "mps", "cpu_capability")
"""What `probe_accelerator` finds."""


def fingerprint(accelerator: dict[str, Any]) -> dict[str, Any]:
    """What identifies this host; `accelerator` is what a worker found (`probe_accelerator`)."""
    model, flags = _cpu()
    return {
        "cpu": model,
        "cpu_flags": digest(flags),
        "cores": available_cpus(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": dict(versions()),
        "git": _git_revision(),
        **accelerator,
    }


def host_key(host: dict[str, Any]) -> str:
    """Equal for hosts whose speeds may be compared: the same hardware, driver, Python and packages."""
    return digest([{name: host.get(name) for name in _KEY}, host["versions"]])


@cache
def available_cpus() -> int:
    """CPUs that this process may use: its affinity, lowered to the cgroup's quota (at least 1)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, min(allowed, int(quota))) if quota else allowed


def _cgroup_quota(root: Path = Path("/sys/fs/cgroup")) -> float | None:
    """CPUs that the cgroup grants (v2 `cpu.max`, v1 `cpu.cfs_quota_us`), None without a limit."""
    try:
        if (root / "cpu.max").is_file():
            quota, period = (root / "cpu.max").read_text().split()
            return None if quota == "max" else int(quota) / int(period)
        quota = (root / "cpu/cpu.cfs_quota_us").read_text()
        period = (root / "cpu/cpu.cfs_period_us").read_text()
        return None if int(quota) <= 0 else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def probe_accelerator() -> dict[str, Any]:
    """What torch sees. Run it in a worker only: it makes a CUDA context, which must not be forked."""
    import torch

    cuda = torch.cuda.is_available()
    return {
        "torch_build": torch.__version__,
        "cuda": torch.version.cuda if cuda else None,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "driver": _driver() if cuda else None,
        "gpus": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if cuda else [],
        "mps": torch.backends.mps.is_available(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }


def _driver() -> str | None:
    try:
        command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return None


def _cpu() -> tuple[str, list[str]]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine(), []
    found = dict(reversed([[part.strip() for part in line.split(":", 1)] for line in lines if ":" in line]))
    return found.get("model name", platform.machine()), sorted(found.get("flags", "").split())


def _git_revision() -> str | None:
    """Revision of the clone that evobench runs from, with `+` where its tree is changed; None outside one."""
    folder = Path(__file__).parent
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
