"""One job in one process: measure a cell, make an artifact, look at the accelerator, fetch weights."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bench.cell import Samples, canonical
from bench.clock import Clock
from bench.data.place import data_place
from bench.declare.artifact import Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, CHECKS, DATASETS, MEASURES
from bench.declare.loading.process_settings import BY_BUILDER, BY_IMPORT, with_undone
from bench.declare.places import place_in, short_place
from bench.errors import EvobenchError, Unsupported, text_of
from bench.execute.frames import Frame, as_frames
from bench.execute.jobs import Check, Count, Fetch, Inspect, Job, Make, Measure, Probe, Profile, Rate, Step
from bench.execute.work.measuring import Send, make, measure
from bench.files import unwritten
from bench.learning.weights.files import receive_digests
from bench.learning.weights.preprocessing import known_preprocessing, preprocessing_of, receive_preprocessing
from bench.learning.winner import artifact as _winner  # noqa: F401 - says how networks to take away are made
from bench.machine.device import ask_cuda_itself, see_only, set_precision
from bench.machine.host import probe_accelerator
from bench.machine.memory_limit import lift_memory_limit, megabytes
from bench.machine.oom import is_out_of_memory
from bench.machine.process import pin_threads
from bench.machine.rates import measured_rates
from bench.torchvision_operators import import_torchvision
from bench.words import shortened

LONGEST = 700
"""Characters of an error's own words in a reason; its traceback, in the details, has all of them."""
Jobs = Mapping[type, Callable[[Any, Send], Samples]]
"""Function that does each kind of job."""


def perform(job: Job, send: Send, jobs: Jobs | None = None) -> None:
    """Do the job and send its result: a frame with a status, whatever happens.

    Args:
        job: the job to do.
        send: receives frames.
        jobs: function that does a job, by its kind; None: `JOBS`.
    """
    begin = time.perf_counter()
    ask_cuda_itself()
    if isinstance(job, Measure | Make):
        see_only(job.gpu)
    result = _result(job, send, jobs or JOBS)
    send({"event": "result", "seconds": time.perf_counter() - begin, **result})


def _result(job: Job, send: Send, jobs: Jobs) -> Frame:
    try:
        DATASETS.receive(job.given.data)
        receive_digests(job.given.weights)
        receive_preprocessing(job.given.preprocessing)
        for needed in _needed(job):
            made = _result(needed, send, jobs)
            if made["status"] != "ok":
                return {**made, "reason": f"needs {needed.artifact}: {made['reason']}"}
        samples = jobs[type(job)](job, send)
        return {"status": "ok", **asdict(samples), "pictures": as_frames(samples.pictures)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the boundary at which an error becomes a record with its reason
        result = failure(error, _declared(job))
        if result["status"] == "failed" and isinstance(error, Exception) and not isinstance(error, EvobenchError):
            result = _advised(job, error, result)
        if result["status"] == "oom" and job.given.memory_limit:
            result["reason"] += f"; its memory limit is {megabytes(job.given.memory_limit)}"
        return {**result, "details": with_undone({}, {**BY_IMPORT, **BY_BUILDER})}


def _needed(job: Job) -> Iterable[Make]:
    """Artifacts that must be made before: none unless the job is to make them."""
    if not (isinstance(job, Measure) and job.makes):
        return
    shelf = Shelf(job.given.shelf)
    for artifact in in_order(MEASURES.get(job.cell.measure).artifacts(job.cell)):
        if not shelf.holds(artifact):
            yield Make(artifact, job.cell.scenario.threads, job.given)


def _probe(job: Probe, send: Send) -> Samples:
    from bench.measures.counting.traced import why_not_here

    defined = list(import_torchvision())
    return Samples((), details={**probe_accelerator(), "operators_defined": defined, "no_fvcore": why_not_here()})


def _rate(job: Rate, send: Send) -> Samples:
    clock = Clock(0.0)
    begin = clock.now()
    rates = measured_rates(job.threads, job.gpu, lambda device: Clock(0.0, device))
    return Samples((), details={"rates": rates, "seconds": clock.now() - begin})


def _inspect(job: Inspect, send: Send) -> Samples:
    for architecture, weights in job.weights:
        preprocessing_of(ARCHITECTURES.get(architecture), weights)
    if job.evaluated:
        from bench.learning.given.evaluation import look_at_classes

        for row in job.evaluated:
            look_at_classes(*row)
    return Samples((), details=known_preprocessing())


def _fetch(job: Fetch, send: Send) -> Samples:
    if job.what == "dataset":
        DATASETS.get(job.name).fetch()
        return Samples((), details={"file": str(data_place().folder)})
    from bench.learning.weights.sources import fetch_weights, kept_weights

    find = fetch_weights if job.what == "weights" else kept_weights
    file = find(ARCHITECTURES.get(job.name))
    return Samples((), details={"file": str(file) if file else ""})


def _check(job: Check, send: Send) -> Samples:
    """Judge claims one by one; each verdict is sent as it is made, so that a crash costs only what comes after."""
    from bench.audit.claims import claim_of
    from bench.audit.verdicts import ClaimVerdict, judge
    from bench.declare.claims import Attempt, Evidence

    def look(attempt: Attempt) -> Evidence:
        found: Evidence = CHECKS.get(attempt.check).function(**attempt.arguments)
        canonical(asdict(found))  # what no message can hold is this check's fault, not its slide's
        return found

    pin_threads(job.threads)
    set_precision()
    for entry in job.claims:
        claim = claim_of(entry)
        try:
            judged = (
                judge(claim, CHECKS.get(claim.check.check).kind, look, job.imagenet)
                if claim.check
                else ClaimVerdict("not checkable", explanation=claim.not_checkable)
            )
        except Exception as error:  # noqa: BLE001 - one check's error is that claim's verdict
            judged = ClaimVerdict(
                "not checkable", explanation=f"the check failed: {failure(error)['reason']}", failed=True
            )
        send({"event": "progress", "claim": claim.id, "judged": judged.to_dict()})
    return Samples(())


JOBS: Jobs = {
    Measure: measure,
    Make: make,
    Probe: _probe,
    Rate: _rate,
    Inspect: _inspect,
    Fetch: _fetch,
    Check: _check,
}


def failure(error: BaseException, declared: str = "") -> Frame:
    """Status and reason of an error, with the line of code that raised it.

    Args:
        error: the error that was raised.
        declared: place of what the job is about; the deepest line of its file tells more than one of a library.
    """
    if isinstance(error, Unsupported):
        return {"status": "unsupported", "reason": text_of(error)}
    if isinstance(error, EvobenchError):  # one clear line already
        return {"status": "failed", "reason": " ".join(text_of(error).split())}
    status = "oom" if is_out_of_memory(error) else "failed"
    lift_memory_limit()  # to tell what happened takes memory, too
    found = place_in(error, declared)
    place = f" ({short_place(found)})" if found else ""
    text, file = shortened(text_of(error), LONGEST), unwritten(error)
    return {
        "status": status,
        "reason": f"{type(error).__name__}: {text}{place}" if file is None else _full(file),
        "traceback": traceback.format_exception(error)[-12:],
        "disk_full": file is not None,
    }


def _full(file: str) -> str:
    what = f"'{file}'" if file else f"a file (temporary ones lie in '{tempfile.gettempdir()}')"
    return f"{what} could not be written, the disk is full"


def _about(job: Job) -> tuple[str, int | None]:
    """The architecture that a job is about, empty where there is none, and the resolution that it is asked for."""
    match job:
        case Measure() | Step() | Profile() | Count():
            return job.cell.architecture, job.cell.scenario.resolution
        case Make():
            spec: dict[str, Any] = dict(job.artifact.spec)
            return spec.get("architecture", ""), spec.get("resolution")
        case Fetch(what="weights" | "kept weights"):
            return job.name, None
    return "", None


def _declared(job: Job) -> str:
    """Place of the architecture that a job is about; empty where it is about none that is known."""
    try:
        return ARCHITECTURES.get(_about(job)[0]).place
    except EvobenchError:
        return ""


def _advised(job: Job, error: Exception, result: Frame) -> Frame:
    """The result of a model that failed; where it is known what is to be done about it, that comes first.

    Where it runs at its own size, but not at the one that was asked for, the combination is unsupported.
    """
    from bench.network.advice import advice_on

    architecture, resolution = _about(job)
    if not architecture:
        return result
    try:
        advice = advice_on(error, ARCHITECTURES.get(architecture), resolution)
    except Exception:  # noqa: BLE001 - it cannot be built, at any size: the reason says so already
        return result
    if advice is None:
        return result
    status = "unsupported" if advice.is_of_size else "failed"
    return {**result, "status": status, "reason": f"{advice.words}: {result['reason']}"}
