"""One job in one process: measure a cell, make an artifact, look at the accelerator, fetch weights."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.cell import Cell, Samples, canonical
from bench.data.place import data_place
from bench.declare.artifact import PRODUCERS, Artifact, Shelf
from bench.declare.catalog import ARCHITECTURES, CHECKS, DATASETS, MEASURES
from bench.declare.declarations import checked
from bench.declare.places import place_in, short_place
from bench.errors import EvobenchError, Unsupported
from bench.execute.frames import Frame, as_frames
from bench.learning.weights.files import receive_digests
from bench.machine.device import ask_cuda_itself, prepare, set_precision
from bench.machine.disturbance import between
from bench.machine.host import probe_accelerator
from bench.machine.memory_limit import lift_memory_limit, limit_memory, megabytes
from bench.machine.oom import is_out_of_memory
from bench.machine.process import conditions, keep_freed_memory, pin_threads
from bench.machine.readings import read

Send = Callable[[Frame], None]


def perform(job: Frame, send: Send) -> None:
    """Do the job and send its result: a frame with a status, whatever happens."""
    begin = time.perf_counter()
    ask_cuda_itself()
    try:
        DATASETS.receive(job.get("data", {}))
        receive_digests(job.get("weights", {}))
        samples = _JOBS[job["job"]](job, send)
        result = {"status": "ok", **asdict(samples), "pictures": as_frames(samples.pictures)}
    except Exception as error:  # noqa: BLE001 - the boundary at which an error becomes a record with its reason
        result = failure(error, _declared(job))
        if result["status"] == "failed":
            result = _advised(job, result)
        if result["status"] == "oom" and job.get("memory_limit"):
            result["reason"] += f"; its memory limit is {megabytes(job['memory_limit'])}"
    send({"event": "result", "seconds": time.perf_counter() - begin, **result})


def _measure(job: Frame, send: Send) -> Samples:
    from bench.clock import Clock
    from bench.network.subject import Subject

    cell = Cell.from_dict(job["cell"])
    clock = Clock(job["allowance"], cell.scenario.device)
    item = MEASURES.get(cell.measure)
    pin_threads(cell.scenario.threads)
    # a peak of memory must not hold what malloc merely keeps
    kept = item.unit != "B" and keep_freed_memory()
    device, threads = cell.scenario.device, cell.scenario.threads
    prepare(device, getattr(cell.scenario, "precision", "fp32"))
    before = read(clock.now(), device)
    _limit(job, device, threads, send)
    samples = checked(item.function(Subject(cell, Shelf(Path(job["shelf"])), _reporter(send)), clock), item)
    lift_memory_limit()
    found = between(before, read(clock.now(), device))
    in_force = {**conditions(device), "malloc_keeps": kept, "disturbance": found.to_dict()}
    return replace(samples, details={**samples.details, "conditions": in_force})


def _make(job: Frame, send: Send) -> Samples:
    pin_threads(job["threads"])
    keep_freed_memory()
    artifact = Artifact.from_dict(job["artifact"])
    spec = dict(artifact.spec)
    device = str(spec.get("device", "cpu"))
    prepare(device, str(spec.get("precision", "fp32")))
    _limit(job, device, job["threads"], send)
    PRODUCERS.get(artifact.kind)(artifact, Shelf(Path(job["shelf"])), _reporter(send))
    return Samples(())


def _limit(job: Frame, device: str, threads: int, send: Send) -> None:
    limit = limit_memory(job.get("memory_limit"), device, threads)
    if limit:
        # a process that the limit kills can no longer say from where it grew
        send({"event": "limited", "size": limit.size, "resident": limit.resident})


def _probe(job: Frame, send: Send) -> Samples:
    return Samples((), details=probe_accelerator())


def _fetch(job: Frame, send: Send) -> Samples:
    if "dataset" in job:
        DATASETS.get(job["dataset"]).fetch()
        return Samples((), details={"file": str(data_place().folder)})
    from bench.learning.weights.sources import fetch_imagenet

    return Samples((), details={"file": str(fetch_imagenet(ARCHITECTURES.get(job["architecture"])))})


def _check(job: Frame, send: Send) -> Samples:
    """Judge claims one by one; each verdict is sent as it is made, so that a crash costs only what comes after."""
    from bench.audit.claims import claim_of
    from bench.audit.verdicts import Judged, judge
    from bench.declare.declarations import Attempt, Evidence

    def look(attempt: Attempt) -> Evidence:
        found: Evidence = CHECKS.get(attempt.check).function(**attempt.arguments)
        canonical(asdict(found))  # what no message can hold is this check's fault, not its slide's
        return found

    pin_threads(job["threads"])
    set_precision()
    for entry in job["claims"]:
        claim = claim_of(entry)
        try:
            judged = (
                judge(claim, CHECKS.get(claim.check.check).kind, look, job.get("imagenet", ""))
                if claim.check
                else Judged("not checkable", explanation=claim.not_checkable)
            )
        except Exception as error:  # noqa: BLE001 - one check's error is that claim's verdict
            judged = Judged(
                "not checkable", explanation=f"the check failed: {failure(error)['reason']}", failed=True
            )
        send({"event": "progress", "claim": claim.id, "judged": judged.to_dict()})
    return Samples(())


_JOBS: dict[str, Callable[[Frame, Send], Samples]] = {
    "measure": _measure,
    "make": _make,
    "probe": _probe,
    "fetch": _fetch,
    "check": _check,
}


def _reporter(send: Send) -> Callable[[dict[str, Any]], None]:
    return lambda progress: send({"event": "progress", **progress})


def failure(error: Exception, declared: str = "") -> Frame:
    """Status and reason of an error, with the line of code that raised it.

    Args:
        error: what was raised.
        declared: place of what the job is about; the deepest line of its file tells more than one of a library.
    """
    if isinstance(error, Unsupported):
        return {"status": "unsupported", "reason": str(error)}
    if isinstance(error, EvobenchError):  # one clear line already
        return {"status": "failed", "reason": " ".join(str(error).split())}
    status = "oom" if is_out_of_memory(error) else "failed"
    lift_memory_limit()  # to tell what happened takes memory, too
    found = place_in(error, declared)
    place = f" ({short_place(found)})" if found else ""
    text = " ".join(str(error).split())[:500]
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return {
        "status": status,
        "reason": f"{type(error).__name__}: {text}{place}",
        "traceback": traceback.format_exception(error)[-12:],
        "disk_full": full,
    }


def _asked(job: Frame) -> dict[str, Any]:
    """What a job is about: of a cell or an artifact the architecture and, where there is one, the resolution."""
    cell = job.get("cell", {})
    return {**job, **job.get("artifact", {}).get("spec", {}), **cell, **cell.get("scenario", {})}


def _declared(job: Frame) -> str:
    """Place of the architecture that a job is about; empty where it is about none that is known."""
    try:
        return ARCHITECTURES.get(_asked(job).get("architecture", "")).place
    except EvobenchError:
        return ""


def _advised(job: Frame, result: Frame) -> Frame:
    """Of a model that failed at a size: the nearest one that works.

    Where it runs at its own size, but not at the one that was asked for, the combination is unsupported.
    """
    from bench.network.sizes import nearest_resolution

    asked = _asked(job)
    if "architecture" not in asked or "resolution" not in asked:
        return result
    try:
        item = ARCHITECTURES.get(asked["architecture"])
        nearest = nearest_resolution(item, asked["resolution"])
    except LookupError as error:
        return {**result, "reason": f"{result['reason']}; {error}"}
    except Exception:  # noqa: BLE001 - it cannot be built, at any size: the reason says so already
        return result
    if nearest is None:
        return result
    status = "failed" if asked["resolution"] == item.resolution else "unsupported"
    return {
        **result,
        "status": status,
        "reason": f"{result['reason']}; the nearest size that works is {nearest} px",
    }
