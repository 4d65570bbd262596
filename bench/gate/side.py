"""One side of a comparison: a server that forks a process a job, in the interpreter and the sources of its side.

It is run as a file, by the interpreter of the side, with the side's sources first on the path: whatever it imports
from `bench` is that revision's. So it uses only what has long been there, and says so where it is not.

Both it and its children talk in lines of JSON over a Unix socket.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from bench.cell import BEST, Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES, load_catalogs
from bench.declare.code import versions
from bench.declare.declarations import checked
from bench.errors import EvobenchError, Unsupported
from bench.execute.worker import failure, perform
from bench.lazy import load
from bench.machine.process import conditions, die_with, keep_freed_memory, kill_group, pin_threads
from bench.network.subject import Subject
from bench.run.kept import cell_code

Frame = dict[str, Any]
_APART: dict[str, str] = {}
LEAST_WARM = 3
"""Calls before the steps, at least."""
MOST_WARM = 12
STEADY = 0.10
"""Warming up ends with a call that is not faster than the best before it by more than this share."""
SLOW = ("torchvision.models", "torchvision.transforms.v2")
"""Modules that some jobs import, for seconds: what they needed is told, for the next server to have it before."""


class Line:
    """A connection of whole lines of JSON."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(address)
        self._reader = self._socket.makefile("rb")

    def say(self, frame: Any) -> None:
        """Send one."""
        self._socket.sendall(json.dumps(frame).encode() + b"\n")

    def hear(self) -> Any:
        """The next one; None where the other side has gone."""
        line = self._reader.readline()
        return json.loads(line) if line.endswith(b"\n") else None


class Stepping(Clock):
    """Times one call whenever the other side of the line asks for it, instead of as often as it likes."""

    def __init__(self, line: Line, device: str) -> None:
        super().__init__(0.0, device)
        self._line = line
        self._witness = witness() if device == "cpu" else None
        self.stepped = False

    def sample(self, call: Callable[[], object], share: float = 1.0, most: int = 0) -> Samples:
        """Warm up, say `ready`, and take a step a request until `end` comes."""
        if self.stepped:
            raise Unsupported("its measure times more than one kind of call: such steps cannot be taken in turn")
        self.stepped = True
        warmup = [self.once(call) for _ in range(LEAST_WARM)]
        while len(warmup) < MOST_WARM and warmup[-1] < (1 - STEADY) * min(warmup[:-1]):
            warmup.append(self.once(call))
        self._line.say({"event": "ready"})
        values: list[float] = []
        counts: list[int] = []
        while self._line.hear() == "step":
            before = self._witness.read() if self._witness else 0
            values.append(self.once(call))
            if self._witness:
                counts.append(self._witness.read() - before)
            self._line.say(values[-1])
        details = {"first_call": warmup[0], "instructions": median(counts) if counts else None}
        return Samples(tuple(values), tuple(warmup), details)

    def split(self, parts: Any) -> dict[str, list[float]]:
        """The parts of a step are not compared."""
        return {}


def main() -> None:
    """Serve until the driver goes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--catalog", action="append", default=[])
    parser.add_argument("--preload", action="append", default=[])
    parser.add_argument("--instead-of", metavar="FOLDER", help="whose modules this side must not load")
    parser.add_argument("--tree", metavar="FOLDER", help="where its own version of them is")
    parser.add_argument("--in-place", action="store_true", help="do the only job in this very process")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    line = Line(arguments.address)
    _APART.update(instead_of=arguments.instead_of or "", tree=arguments.tree or "")
    try:
        for name in (None, *arguments.catalog):
            load_catalogs([name] if name else [])
            if not arguments.in_place:
                ours("machine/device").refuse_started_cuda(f"catalogue '{name}'" if name else "a catalogue")
        refuse_strays()
    except EvobenchError as error:
        line.say({"event": "refused", "reason": str(error)})
        return
    for module in ("torch", "threadpoolctl", *arguments.preload):
        load(module)
    gc.collect()
    gc.freeze()
    line.say({"event": "ready", "python": sys.version.split()[0], "versions": dict(versions())})
    while (request := line.hear()) is not None:
        serve(request, line, arguments.in_place)


def witness() -> Any:
    """A counter of this thread's instructions; None where there is none."""
    try:
        return ours("gate/instructions").Counter()
    except OSError:
        return None


@cache
def ours(path: str) -> Any:
    """A module of the revision that compares, by its path in `bench`: an older base has no such module."""
    file = Path(__file__).parents[1] / f"{path}.py"
    spec = importlib.util.spec_from_file_location(f"_evobench_gate_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refuse_strays() -> None:
    """Make sure that this side has loaded nothing from the tree that it is compared with.

    Raises:
        EvobenchError: it has: it would be compared with itself.
    """
    if _APART["instead_of"]:
        ours("gate/apart").refuse_strays(Path(_APART["instead_of"]), Path(_APART["tree"]))


def serve(request: Frame, line: Line, in_place: bool) -> None:
    """Answer one request of the driver."""
    match request["do"]:
        case "describe":
            line.say(describe(request))
        case "reap":
            pid, status = os.waitpid(request["pid"], 0)
            kill_group(pid)
            line.say({"code": os.waitstatus_to_exitcode(status)})
        case "job" if in_place:
            line.say({"pid": os.getpid()})
            work(request)
        case "job":
            line.say({"pid": fork(request)})


def describe(request: Frame) -> Frame:
    """Which cells this side has, and the digest of the code that decides the figure of each."""
    DATASETS.receive(request["data"])
    codes: dict[str, str] = {}
    missing: dict[str, str] = {}
    for cell in request["cells"]:
        try:
            found = Cell.from_dict(cell["cell"])
            ARCHITECTURES.get(found.architecture)
            MEASURES.get(found.measure)
            codes[cell["key"]] = cell_code(found)
        except (EvobenchError, TypeError, KeyError, ValueError, OSError) as error:
            missing[cell["key"]] = " ".join(str(error).split())
    return {"codes": codes, "missing": missing}


def fork(request: Frame) -> int:
    """Do the job in a process of its own."""
    server = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        die_with(server)
        os.setpgid(0, 0)
        work(request)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def work(request: Frame) -> None:
    """Do the job and say how it went."""
    line = Line(request["address"])
    if request["cpus"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, request["cpus"])
    DATASETS.receive(request["data"])
    ours("machine/device").ask_cuda_itself()
    begin = time.perf_counter()
    result: Frame
    try:
        if request["job"] == "step":
            samples = step(request, line)
            result = {
                "status": "ok",
                "values": samples.values,
                "warmup": samples.warmup,
                "details": samples.details,
            }
        elif request["job"] == "probe":
            result = probed()
        else:
            result = measured(request)
        refuse_strays()
    except Exception as error:  # noqa: BLE001 - the boundary at which an error becomes a reason
        result = failure(error)
        result.setdefault("traceback", traceback.format_exception(error)[-6:])
    result.pop("pictures", None)
    details: Frame = result.get("details") or {}
    result["details"] = {**details, "imported": [name for name in SLOW if name in sys.modules]}
    line.say({**result, "event": "result", "seconds": time.perf_counter() - begin})


def step(request: Frame, line: Line) -> Samples:
    """Let a measure take its samples when it is told to."""
    cell = Cell.from_dict(request["cell"])
    if getattr(cell.scenario, "batch", None) == BEST:
        raise Unsupported("the best batch is looked for anew each time: such steps cannot be taken in turn")
    pin_threads(cell.scenario.threads)
    kept = keep_freed_memory()
    held = ours("gate/scatter").scattered(load("torch"))
    prepare_device(cell)
    clock = Stepping(line, cell.scenario.device)
    subject = Subject(cell, Shelf(Path(request["shelf"])), lambda _: None)
    measure = MEASURES.get(cell.measure)
    found = checked(measure.function(subject, clock), measure)
    del held  # until now
    if not clock.stepped:
        raise Unsupported("its measure takes no steps by the clock")
    in_force = {**conditions(cell.scenario.device), "malloc_keeps": kept}
    return Samples(found.values, found.warmup, {**found.details, "conditions": in_force})


def prepare_device(cell: Cell) -> None:
    """Make the cell's device ready, and its precision hold, in one way on both sides."""
    ours("machine/device").prepare(cell.scenario.device, getattr(cell.scenario, "precision", "fp32"))


def probed() -> Frame:
    """What torch sees of this machine."""
    results: list[Frame] = []
    perform({"job": "probe"}, lambda frame: results.append(frame))
    return results[-1]


def measured(request: Frame) -> Frame:
    """Make what a cell needs, then measure it as `evobench run` does."""
    results: list[Frame] = []
    cell = Cell.from_dict(request["cell"])
    prepare_device(cell)
    shelf = Shelf(Path(request["shelf"]))
    handed = {"shelf": request["shelf"], "data": request["data"]}
    for artifact in in_order(MEASURES.get(cell.measure).artifacts(cell)):
        if shelf.holds(artifact):
            continue
        job = {"job": "make", "artifact": artifact.to_dict(), "threads": cell.scenario.threads}
        perform({**handed, **job}, lambda frame: results.append(frame))
        if results[-1].get("status") != "ok":
            return {**results[-1], "reason": f"needs {artifact}: {results[-1].get('reason', '')}"}
    job = {"job": "measure", "cell": request["cell"], "allowance": request["allowance"]}
    perform({**handed, **job}, lambda frame: results.append(frame))
    return results[-1]


if __name__ == "__main__":
    main()
