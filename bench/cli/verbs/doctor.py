"""`evobench doctor`: is everything here?"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from bench.cli.options.data import add_data
from bench.cli.verb import Terminal, Verb, add_format, add_store, emit, folder_of
from bench.data.place import DataPlace, data_place, default_folder, settle
from bench.declare.catalog import ARCHITECTURES, DATASETS, load_catalogs
from bench.errors import EvobenchError, Exit, UsageError
from bench.execute.jobs import Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.foreign import expanded
from bench.lazy import install_command, required, version_of
from bench.learning.weights.hub import cache, is_offline, kept_models
from bench.machine.gpus.gpu import Driver, read_driver
from bench.machine.gpus.identity import described
from bench.machine.host import available_cpus
from bench.run.shelf.contents import folder_beside, lying
from bench.run.shelf.removal import unneeded
from bench.store.database import Store
from bench.store.past import named_beside
from bench.text.stdout import data_out
from bench.words import in_bytes, in_room

Verdict = Literal["ok", "note", "missing"]
OLDEST_CUDA = 12
"""Major version of the oldest CUDA that current releases of torch are built for."""


@dataclass(frozen=True)
class CheckedFinding:
    """Result of one check."""

    what: str
    verdict: Verdict
    """`missing` alone makes the verb fail: a note is a fact that a person may want to know."""
    found: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    add_store(parser)
    add_data(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything, what is known at once before what a process has to be started for.

    Raises:
        UsageError: something that a run needs is missing; the message names it.
    """
    load_catalogs()
    settle(DataPlace(arguments.data or default_folder(arguments.store)))
    on_terminal = arguments.format == "table"
    findings = [*_python(), *_packages(), *_data(), *_weights(), *_place(arguments.store)]
    if on_terminal:
        _tell(findings)
    later = []
    if _are_installed("torch", "torchvision"):
        sys.stderr.write("starting a worker to look at the devices ...\n")
        sys.stderr.flush()
        later = list(_torch())
        if on_terminal:
            _tell(later)
    findings += later
    if not on_terminal:
        emit(("what", "", "found"), [(f.what, f.verdict, f.found) for f in findings], arguments.format)
    if missing := [f.what for f in findings if f.verdict == "missing"]:
        raise UsageError(f"missing: {in_room(missing)}")
    return Exit.OK


def _tell(findings: Iterable[CheckedFinding]) -> None:
    """A line each; things of which the very same was found share one."""
    alike: dict[tuple[Verdict, str], list[str]] = {}
    for item in findings:
        alike.setdefault((item.verdict, item.found), []).append(item.what)
    wrap = textwrap.TextWrapper(
        Terminal().width, subsequent_indent=" " * 11, break_on_hyphens=False, break_long_words=False
    )
    for (verdict, found), things in alike.items():
        told = found if found.startswith(f"{things[0]} ") else f"{_together(things)}: {found}"
        data_out().write("".join(f"{line}\n" for line in wrap.wrap(f"{verdict:<8} {told}")))
    data_out().flush()


def _together(things: Sequence[str]) -> str:
    """`data mnist, svhn`: what they have in common is said once."""
    kind = f"{things[0].partition(' ')[0]} "
    if not all(thing.startswith(kind) for thing in things):
        return ", ".join(things)
    return kind + ", ".join(thing.removeprefix(kind) for thing in things)


def _python() -> Iterator[CheckedFinding]:
    supported = sys.version_info >= (3, 11)
    yield CheckedFinding("Python", "ok" if supported else "missing", sys.version.split()[0])
    complete = sys.platform == "linux"
    how = "a process forked per cell" if complete else "an interpreter started per cell; some measures unsupported"
    yield CheckedFinding("system", "ok" if complete else "note", f"{sys.platform}, {available_cpus()} CPUs: {how}")


def _packages() -> Iterator[CheckedFinding]:
    for name in ("torch", "torchvision"):
        yield _package(name, name)


def _are_installed(*names: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in names)


def _torch() -> Iterator[CheckedFinding]:
    """Findings about a measuring process: its operators and its devices."""
    executor = LocalExecutor()
    try:
        outcome = finish(executor, Probe(), 120)
    finally:
        executor.close()
    if outcome.status != "ok":
        yield CheckedFinding("measuring process", "missing", outcome.reason)
        return
    seen = outcome.details
    yield CheckedFinding("measuring process", "ok", f"torch {seen['torch_build']}, {seen['cpu_capability']}")
    defined = seen["operators_defined"]
    pairing = (
        f"its C++ operators do not load; {', '.join(defined)} defined instead" if defined else "operators load"
    )
    yield CheckedFinding("torchvision operators", "note" if defined else "ok", pairing)
    lacking = seen["no_fvcore"]
    alone = f"{lacking}: torch's counter alone counts multiply-adds, which every table of counts says"
    yield CheckedFinding(
        "fvcore", "note" if lacking else "ok", alone if lacking else f"fvcore {version_of('fvcore')}"
    )
    yield from _cuda(seen)
    yield CheckedFinding("device mps", "ok" if seen["mps"] else "note", "seen" if seen["mps"] else "none seen")


def _cuda(seen: dict[str, Any]) -> Iterator[CheckedFinding]:
    """The GPUs that torch sees; where it sees none, why, and what to install."""
    for name, device in seen["devices"].items():
        yield from _gpu(name, device)
    if not seen["gpus"]:
        yield CheckedFinding("device cuda", "note", f"none seen: {seen['no_cuda']}")
    if seen["hip"]:
        yield CheckedFinding("ROCm", "ok", f"torch is built for ROCm {seen['hip']}; NVML does not know its GPUs")
        return
    build = (
        f"torch is built for CUDA {seen['cuda_build']}" if seen["cuda_build"] else "torch is built without CUDA"
    )
    try:
        driver = read_driver()
    except OSError as error:
        yield CheckedFinding("CUDA", "ok" if seen["gpus"] else "note", f"{build}; no driver to be read: {error}")
        return
    text = f"{build}; driver {driver.version} runs CUDA up to {driver.cuda[0]}.{driver.cuda[1]}"
    yield CheckedFinding(
        "CUDA", "ok" if seen["gpus"] else "note", text + ("" if seen["gpus"] else _advice(seen, driver))
    )


def _gpu(name: str, device: dict[str, Any]) -> Iterator[CheckedFinding]:
    """Findings about a GPU, and its settings that cost time or forbid a verb."""
    clock, ecc = device["max_clock"], device["ecc"]
    parts = [
        described(device),
        f"{device['multiprocessors']} multiprocessors",
        f"capability {device['capability']}",
        f"up to {clock / 1e6:.0f} MHz" if clock else "",
        "" if ecc is None else f"ECC {'on' if ecc else 'off'}",
        f"settings cannot be told: {device['unread']['settings']}" if "settings" in device["unread"] else "",
    ]
    yield CheckedFinding(f"device {name}", "ok", ", ".join(filter(None, parts)))
    if device["persistence"] is False:
        yield CheckedFinding(
            f"persistence of {name}",
            "note",
            "off: the driver lets the GPU go when nothing uses it, and what comes next waits 1 to 3 s for it; a"
            " run holds it between its cells, nvidia-smi -pm 1 always",
        )
    if device["compute_mode"] not in (None, "default"):
        yield CheckedFinding(
            f"compute mode of {name}",
            "note",
            f"{device['compute_mode']}: regress --against needs three processes on the GPU at once, which"
            " nvidia-smi -c 0 allows",
        )


def _advice(seen: dict[str, Any], driver: Driver) -> str:
    """Advice on what to install where there is a driver, but torch sees no GPU; empty where nothing would help."""
    build = seen["cuda_build"]
    if build and int(build.partition(".")[0]) <= driver.cuda[0]:
        return ""
    if driver.cuda[0] < OLDEST_CUDA:
        return f": it needs a driver for CUDA {OLDEST_CUDA} or newer"
    if driver.cuda[0] == OLDEST_CUDA:
        return ": install torch and torchvision from PyTorch's page for CUDA 12.6 builds (cu126)"
    return ": install torch and torchvision from PyTorch's page for CUDA builds"


def _data() -> Iterator[CheckedFinding]:
    for item in DATASETS:
        if item.package:
            yield _shipped(f"data {item.name}", item.package)
        elif item.files:
            missing, folder = item.missing(), data_place().folder
            text = f"not in {folder}; run --download fetches what is missing" if missing else f"in {folder}"
            yield CheckedFinding(f"data {item.name}", "note" if missing else "ok", text)


def _weights() -> Iterator[CheckedFinding]:
    for item in ARCHITECTURES:
        for weights in item.pretrained:
            yield _shipped(f"weights {weights.source} of {item.name}", weights.package)
    folder = checkpoints()
    count = len(list(folder.glob("*.pth"))) if folder.is_dir() else 0
    text = f"{count} files kept in {folder}" if count else f"none kept in {folder}; nothing is downloaded unasked"
    yield CheckedFinding("weights imagenet", "ok" if count else "note", text)
    yield _hub()


def checkpoints() -> Path:
    """Folder where torch keeps fetched weights; torch itself is not asked, since it takes seconds to load."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return expanded(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"


def _hub() -> CheckedFinding:
    what = "weights of the Hugging Face hub"
    if importlib.util.find_spec("huggingface_hub") is None:
        return CheckedFinding(
            what, "note", "none: huggingface_hub is not installed, which comes with timm and transformers"
        )
    kept = kept_models()
    forbidden = "; HF_HUB_OFFLINE is set, so that none is fetched" if is_offline() else ""
    if not kept:
        return CheckedFinding(what, "note", f"none kept in {cache()}; nothing is downloaded unasked{forbidden}")
    return CheckedFinding(what, "ok", f"{len(kept)} kept in {cache()}: {', '.join(kept)}{forbidden}")


def _place(store: Path) -> Iterator[CheckedFinding]:
    folder = folder_of(store)
    yield CheckedFinding("disk", "ok", f"{shutil.disk_usage(folder).free >> 20} MB free at {folder}")
    if not store.exists():
        yield CheckedFinding("store", "note", f"none yet at {store}")
        return
    try:
        with Store.open(store) as kept:
            count = len(kept.runs())
            yield CheckedFinding("store", "ok", f"{count} run{'s' * (count != 1)} in {store}")
        yield _artifacts(store)
    except EvobenchError as error:
        yield CheckedFinding("store", "missing", str(error))


def _artifacts(store: Path) -> CheckedFinding:
    """Size of the artifacts, and how much of it no run needs."""
    items = lying(folder_beside(store))
    idle = unneeded(items, named_beside(store))
    text = f"{len(items)} of {in_bytes(sum(item.size for item in items))} in {folder_beside(store)}"
    if idle:
        size = in_bytes(sum(removal.item.size for removal in idle))
        text += f"; no run needs {len(idle)} of {size}: evobench clean removes them"
    return CheckedFinding("artifacts", "ok", text)


def _shipped(what: str, package: str) -> CheckedFinding:
    """A package of data or weights; it is missing only where evobench itself requires it, else that is a note."""
    found = _package(what, package)
    if found.verdict == "ok" or package in required():
        return found
    return replace(found, verdict="note", found=f"{found.found}: {install_command(package)} brings it")


def _package(what: str, package: str) -> CheckedFinding:
    if found := version_of(package):
        return CheckedFinding(what, "ok", f"{package} {found}")
    return CheckedFinding(what, "missing", f"{package} is not installed")


VERB = Verb(
    "doctor",
    "check what is here: devices, packages, weights, data, store",
    configure,
    run,
    ("doctor", "doctor --data /data/pictures"),
)
