"""Fingerprint of the machine and the software that a run was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from bench.cell import FORMATS, digest
from bench.declare.loading.code import versions
from bench.machine import git
from bench.machine.cgroup import memory, quota
from bench.machine.device import computes_in, indexed
from bench.machine.gpus.gpu import read_driver
from bench.machine.gpus.identity import described, identify
from bench.machine.process import own_cpus
from bench.words import shortened

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

PROBED = ("torch_build", "hip", "cuda", "cudnn", "driver", "gpus", "devices", "mps", "cpu_capability")
"""Fields of `probe_accelerator` that identify the host."""
_NOT_OF_HOST = ("precisions", "cuda_build", "no_cuda", "no_fvcore")
"""Fields of `probe_accelerator` that do not: they follow from the rest, or say why a GPU or fvcore is missing."""
_OF_GPUS: dict[str, Any] = {"hip": None, "cuda": None, "cudnn": None, "driver": None, "gpus": [], "devices": {}}
"""Fields of a host that describe its GPUs, left out where none is measured."""

_VARIABLES = (
    "OMP_",
    "GOMP_",
    "KMP_",
    "MKL_",
    "MKLDNN_",
    "DNNL_",
    "ONEDNN_",
    "OPENBLAS_",
    "ATEN_",
    "TORCH_",
    "TORCHINDUCTOR_",
    "PYTORCH_",
    "CUBLAS_",
    "CUDNN_",
    "CUDA_",
    "NVIDIA_TF32_",
    "MALLOC_",
    "GLIBC_TUNABLES",
    "LD_PRELOAD",
)
"""Prefixes of the environment variables that change how torch and its libraries compute."""
_LOOKING = 20.0
"""Seconds that a program may take to tell of this host."""
_NUMPYS = "OPENBLAS_"
"""Prefix of the variables that affect numpy's products alone: timings use torch's, and machine images set them."""
_NO_FLAGS = (
    "_NUM_THREADS",
    "_VISIBLE_DEVICES",
    "_DEVICE_ORDER",
    "_VERSION",
    "_LIST",
    "_HOME",
    "_PATH",
    "_DIR",
    "_ROOT",
)
"""Suffixes of variables that do not count: threads are set by the cell, GPUs and versions listed, folders
harmless."""
_SETTINGS = {
    "smt": "devices/system/cpu/smt/active",
    "governor": "devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "boost": "devices/system/cpu/cpufreq/boost",
    "no_turbo": "devices/system/cpu/intel_pstate/no_turbo",
    "huge_pages": "kernel/mm/transparent_hugepage/enabled",
}
"""Settings of the machine that change speed: name and file under /sys."""


def measured_on(accelerator: dict[str, Any], devices: Iterable[str]) -> dict[str, Any]:
    """Result of `probe_accelerator` with only those GPUs that are measured.

    Others change no figure, and which are seen is a matter of variables: a run on the CPU has the host that a
    machine without a GPU would be.

    Args:
        accelerator: accelerator that was found.
        devices: devices of the cells, as torch names them.
    """
    used = sorted({indexed(name) for name in devices if name.startswith("cuda")})
    if not used:
        return {**accelerator, **_OF_GPUS}
    known = accelerator.get("devices")
    if not known:  # another revision may not know them
        return {**accelerator, "devices": {}}
    found = {name: known[name] for name in used}
    names = [described(device) for device in found.values()]
    return {**accelerator, "gpus": sorted(set(names)), "devices": found}


def fingerprint(accelerator: dict[str, Any]) -> dict[str, Any]:
    """Identity of this host; `accelerator` is a worker's finding, for the devices in use (`measured_on`)."""
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
        "flags": {**_settings(), "environment": _environment(os.environ)},
        **{name: value for name, value in accelerator.items() if name not in _NOT_OF_HOST},
    }


def host_key(host: dict[str, Any]) -> str:
    """Key that is equal for hosts whose speeds may be compared: same hardware, driver, Python, packages and
    variables.

    Variables take part only where some are set: the key of a plain host is what it was before they were recorded.
    The machine's settings do not: they change by themselves (a governor, on battery), which would cut histories.
    Of a GPU its name, memory and power limit do.
    """
    environment = host.get("flags", {}).get("environment", {})
    variables = {name: value for name, value in environment.items() if not name.startswith(_NUMPYS)}
    machine = {name: host.get(name) for name in _KEY}
    if host.get("hip"):
        machine["hip"] = host["hip"]
    parts = [machine, host["versions"]]
    return digest([*parts, variables] if variables else parts)


@cache
def available_cpus() -> int:
    """CPUs that this process may use: its affinity, lowered to the cgroup's quota (at least 1)."""
    allowed = len(own_cpus() or ()) or os.cpu_count() or 1
    granted = quota()
    return max(1, min(allowed, int(granted))) if granted else allowed


def available_memory() -> int:
    """Bytes that this process and its children may use: the machine's memory, lowered to the cgroup's limit."""
    return min(int(psutil.virtual_memory().total), memory() or sys.maxsize)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that change a speed."""
    return {
        name: value
        for name, value in sorted(variables.items())
        if name.startswith(_VARIABLES) and not name.endswith(_NO_FLAGS)
    }


def _settings(root: Path = Path("/")) -> dict[str, Any]:
    """The cgroup's quota in CPUs (None: no limit), and the machine's settings, None where they cannot be read."""
    found: dict[str, Any] = {"cpu_quota": quota(root)}
    for name, file in _SETTINGS.items():
        try:
            found[name] = (root / "sys" / file).read_text().strip()
        except OSError:
            found[name] = None
    return found


def probe_accelerator() -> dict[str, Any]:
    """Accelerators that torch sees. Run it in a worker only: it makes a CUDA context, which must not be forked.

    `gpus` are the names of those that are seen, `devices` their `Identity` by device, and `precisions` what each
    device computes in. `cuda_build` is the CUDA that torch was built for, `hip` the ROCm, if any, and `no_cuda`
    says why no GPU is seen, empty where one is.
    """
    import torch

    gpus, no_cuda = _gpus()
    cuda = bool(gpus)
    return {
        "torch_build": torch.__version__,
        "hip": torch.version.hip if cuda else None,
        "cuda": torch.version.cuda if cuda else None,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "driver": _driver() if torch.version.cuda and cuda else None,
        "gpus": gpus,
        "devices": {name: asdict(identify(name)) for name in (f"cuda:{i}" for i in range(len(gpus)))},
        "mps": torch.backends.mps.is_available(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "precisions": {
            "cpu": ["fp32", "bf16", "fp16"],
            **{f"cuda:{i}": _precisions_of_cuda(i) for i in range(len(gpus))},
            "mps": _precisions_of_mps() if torch.backends.mps.is_available() else [],
        },
        "cuda_build": torch.version.cuda,
        "no_cuda": no_cuda,
    }


def _gpus() -> tuple[list[str], str]:
    """Names of the GPUs that torch can use and, where there are none, torch's own reason."""
    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            there = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
            names = [torch.cuda.get_device_name(i) for i in there]
        except RuntimeError as error:  # a GPU that is there, but lost, or reserved for another process
            return [], _in_one_line(error)
    if names:
        return names, ""
    if not torch.backends.cuda.is_built():
        return [], "this build of torch is for CPUs"
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    why = [_in_one_line(warning.message) for warning in said]
    why += [f"CUDA_VISIBLE_DEVICES is '{hidden}'"] if hidden is not None else []
    return [], "; ".join(why) or "its driver knows of none"


def _in_one_line(words: object) -> str:
    """torch's message in one line, without its source location."""
    return shortened(str(words).partition("(Triggered internally")[0], 500)


def _precisions_of_cuda(index: int) -> list[str]:
    """Number formats that a GPU computes in natively."""
    return [name for name in FORMATS if computes_in(name, index)]


def _precisions_of_mps() -> list[str]:
    """Number formats in which a small product works; bf16 depends on macOS and the chip."""
    import torch

    found = []
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)):
        try:
            one = torch.ones(2, 2, device="mps", dtype=dtype)
            (one @ one).sum().item()
        except (RuntimeError, TypeError):
            continue
        found.append(name)
    return found


def _driver() -> str | None:
    try:
        return read_driver().version
    except OSError:  # no NVML
        return None


def _cpu(file: Path = Path("/proc/cpuinfo")) -> tuple[str, list[str]]:
    """Name of the CPU and its flags; an ARM CPU has numbers for a name, and features for flags."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return _output(
            "sysctl", "-n", "machdep.cpu.brand_string"
        ) or platform.processor() or platform.machine(), []
    found = dict(reversed([[part.strip() for part in line.split(":", 1)] for line in lines if ":" in line]))
    numbers = [found[name] for name in ("CPU implementer", "CPU part", "CPU variant") if name in found]
    name = found.get("model name") or " ".join([platform.machine(), *numbers])
    return name, sorted((found.get("flags") or found.get("Features", "")).split())


def _git_revision() -> str | None:
    """Revision of the current repository, else of evobench's clone, with `+` where its tree is changed.

    None outside of both.
    """
    return git.head_of(Path(), _LOOKING) or git.head_of(Path(__file__).parent, _LOOKING)


def _output(*command: str) -> str | None:
    """Output of a command; None where it fails, takes too long or does not exist."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LOOKING)
        return done.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
