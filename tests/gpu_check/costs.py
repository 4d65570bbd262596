"""Steps of cost: the suite beside bare loops, the best batch, compiled models, memory, energy, the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from bench.cell import Cell, Cost
from bench.clock import Stopwatch
from tests.gpu_check.bare import Asked
from tests.gpu_check.lines import NOT_REACHED, Band, Line, Verdict, compared, shown
from tests.gpu_check.session import Found, Session

BARE = Band(
    0.10,
    "clocks and temperature move a process of a GPU by up to a tenth; a call that is not waited for, by more",
)
MEMORY = Band(0.15, "the kernels' own workspaces are not predicted")
SHARED = "the times of a shared CPU are no verdict"
LEAST = 10
"""Samples of a latency on a GPU: fewer mean that its seconds were over before it began."""
SLOW = ("fp32", "tf32")
"""Precisions of which only single images are run in bare loops: 50 passes of 256 would take minutes."""


def cost(session: Session, seconds: float) -> Iterator[Line]:
    """Latency of one image and the rate of a batch, each followed by a bare loop of the same model."""
    bare: dict[str, float | str] = {}
    watch = Stopwatch()

    def beside(cell: Cell) -> None:
        if _has_bare_loop(cell.scenario):
            bare[cell.key] = bare_loop(session, asked_of(cell), max(0.0, seconds - watch.seconds))

    for found in session.measured(session.grid.cost, seconds, beside):
        yield _beside(session, found, bare.get(found.cell.key))


def _has_bare_loop(scenario: object) -> bool:
    return isinstance(scenario, Cost) and (scenario.precision not in SLOW or scenario.batch == 1)


def device_time(session: Session, seconds: float) -> Iterator[Line]:
    """A pass by the device's own clock, queued behind others, against one that the host waits for.

    Far below one, the device idles while the host launches kernels: such a model is launch-bound at that batch.
    """
    cells = [step.planned.cell for step in session.grid.cost if _is_main(session, step.planned.cell)]
    if session.on_cpu:
        yield Line("device time", "events against host", "skip", why="a CPU has no events")
        return
    for cell in cells:
        waited = bare_loop(session, asked_of(cell), seconds / len(cells))
        queued = bare_loop(session, replace(asked_of(cell), pipelined=True), seconds / len(cells))
        if isinstance(waited, str) or isinstance(queued, str):
            why = waited if isinstance(waited, str) else queued
            yield Line("device time", str(cell), "skip" if why == NOT_REACHED else "fail", why=str(why))
        else:
            band = Band(0.0, "share of a call in which the device works; the rest is launching", judged=False)
            yield compared("device time", f"{cell} / host", queued, waited, "s", band)


def _is_main(session: Session, cell: Cell) -> bool:
    """Whether it is of the one architecture that is watched, in the precision that comes first."""
    first = session.grid.cost[0].planned.cell.scenario
    precisions = [scenario.precision for scenario in (first, cell.scenario) if isinstance(scenario, Cost)]
    return cell.architecture == session.extent.fine_tuned and len(set(precisions)) == 1


def asked_of(cell: Cell) -> Asked:
    """The bare loop under the conditions of a cell."""
    where = cell.scenario
    assert isinstance(where, Cost)
    return Asked(
        cell.architecture,
        where.batch,
        where.resolution,
        where.precision,
        where.memory_format,
        where.device,
        where.threads,
        where.autotune,
    )


def bare_loop(session: Session, asked: Asked, limit: float) -> float | str:
    """Median seconds of a pass of the bare loop, or why there is none."""
    try:
        return median(session.bare.seconds(asked, limit))
    except TimeoutError:
        return NOT_REACHED
    except OSError as error:
        return str(error)


def _beside(session: Session, found: Found, bare: float | str | None) -> Line:
    if found.median is None or bare is None:
        return alone("cost", found, "s" if found.cell.measure == "latency" else "1/s")
    return beside_bare(session, found.cell, found.median, bare)


def beside_bare(session: Session, cell: Cell, figure: float, bare: float | str) -> Line:
    """The harness's seconds of a pass, or its images per second, against those of a bare loop."""
    unit = "s" if cell.measure == "latency" else "1/s"
    if isinstance(bare, str):
        verdict: Verdict = "skip" if bare == NOT_REACHED else "fail"
        return Line("cost", f"{cell} / bare loop", verdict, shown(figure, unit), why=bare)
    where = cell.scenario
    assert isinstance(where, Cost)
    against = bare if unit == "s" else where.batch / bare
    band = Band(BARE.share, SHARED, judged=False) if session.on_cpu else BARE
    return compared("cost", f"{cell} / bare loop", figure, against, unit, band)


def alone(step: str, found: Found, unit: str, why: str = "") -> Line:
    """A figure that stands for itself; or why there is none: the record's reason, or the time."""
    if not found.rows:
        return Line(step, str(found.cell), "skip", why=NOT_REACHED)
    row = found.rows[0]
    if row.status != "ok" or row.median is None:
        verdict: Verdict = "skip" if row.status == "unsupported" else "fail"
        return Line(step, str(found.cell), verdict, why=f"{row.status}: {row.reason}")
    return Line(step, str(found.cell), "pass", shown(row.median, unit), why=why)


def best(session: Session, seconds: float) -> Iterator[Line]:
    """The best batch of each architecture, and what ended the search for it."""
    for found in session.measured(session.grid.best, seconds):
        details = found.rows[0].details if found.rows else {}
        why = f"batch {details['best_batch']}: {details['search_ended']}" if "best_batch" in details else ""
        yield alone("best batch", found, "1/s", why)


def compiled(session: Session, seconds: float) -> Iterator[Line]:
    """The rate of compiled models against the same in eager mode."""
    eager = {_where(cell): cell.key for cell in (step.planned.cell for step in session.grid.cost)}
    rows = {row.cell_key: row.median for row in session.store.records(session.run.id)}
    for found in session.measured(session.grid.compiled, seconds):
        before = rows.get(eager.get(_where(found.cell), ""))
        if found.median is None or before is None:
            yield alone("compiled", found, "1/s")
        else:
            band = Band(0.0, "compiled against eager", judged=False)
            yield compared("compiled", str(found.cell), found.median, before, "1/s", band)


def _where(cell: Cell) -> tuple[object, ...]:
    """What a compiled cell and its eager one have in common."""
    scenario = cell.scenario
    assert isinstance(scenario, Cost)
    return cell.architecture, cell.measure, scenario.batch, scenario.precision, scenario.memory_format


def memory(session: Session, seconds: float) -> Iterator[Line]:
    """Measured peaks against those predicted from shapes alone."""
    found = session.measured(session.grid.memory, seconds)
    predicted = {_of(item.cell): item for item in found if item.cell.measure == "predicted_memory"}
    for item in found:
        if item.cell.measure != "peak_memory":
            continue
        before = predicted[_of(item.cell)]
        if item.median is None or before.median is None:
            yield alone("memory", item if item.median is None else before, "B")
            continue
        # small models on a CPU: what its process grows by is mostly not the model's
        band = Band(MEMORY.share, "of a small model on a CPU", judged=False) if session.on_cpu else MEMORY
        # not predicted, and known: what cuBLAS keeps
        workspaces = item.rows[0].details.get("workspaces", 0)
        yield compared("memory", f"{item.cell} / predicted", item.median - workspaces, before.median, "B", band)


def _of(cell: Cell) -> tuple[object, ...]:
    scenario = cell.scenario
    assert isinstance(scenario, Cost)
    return cell.architecture, scenario.mode, scenario.batch, scenario.precision, scenario.memory_format


def energy(session: Session, seconds: float) -> Iterator[Line]:
    """Joules an image, with the power that was taken, the idle power, and what the counter's steps leave open."""
    for found in session.measured(session.grid.energy, seconds):
        told = found.rows[0].details if found.rows else {}
        words = "at {power:.0f} W, idle {idle_watts:.0f} W, to {uncertainty:.1%}"
        yield alone("energy", found, "J", words.format(**told) if "power" in told else "")


def smoke(session: Session, seconds: float) -> Iterator[Line]:
    """The smoke profile of the suites `evolution`, `cost` and `transfer`: how many cells ended in which way."""
    yield from _ends("smoke", session.measured(session.grid.smoke, seconds))


def records(session: Session, seconds: float) -> Iterator[Line]:
    """What became of all records of the check: their ends, their samples, what ended the sampling."""
    rows = session.store.records(session.run.id)
    cells = {row.cell.key: row.cell for row in session.store.cells(session.run.id)}
    timings = [row for row in rows if row.status == "ok" and "ended" in row.details]
    for text, number in Counter(str(row.details["ended"]) for row in timings).items():
        yield Line("records", f"sampling ended: {text}", "note", str(number))
    latencies = [
        row for row in timings if cells[row.cell_key].measure == "latency" and not _is_on_cpu(cells[row.cell_key])
    ]
    if not latencies:
        yield Line("records", "samples of a latency on the device", "skip", why="no latency was measured on a GPU")
        return
    row = min(latencies, key=lambda row: row.n)
    verdict: Verdict = "pass" if row.n >= LEAST else "fail"
    yield Line(
        "records",
        "least samples of a latency",
        verdict,
        str(row.n),
        f"{LEAST} or more",
        why=str(cells[row.cell_key]),
    )
    noisy = sum("noisy" in row.details for row in timings)
    yield Line("records", "timings that something disturbed", "note", str(noisy), str(len(timings)))


def _is_on_cpu(cell: Cell) -> bool:
    return cell.scenario.device == "cpu"


def _ends(step: str, found: Sequence[Found]) -> Iterator[Line]:
    """A line for all cells that ended well, and one for each that did not."""
    rows = [(item.cell, row) for item in found for row in item.rows]
    good = sum(row.status == "ok" for _, row in rows)
    if rows:
        yield Line(step, "cells with a figure", "pass" if good else "fail", str(good), str(len(rows)))
    for cell, row in rows:
        if row.status != "ok":
            verdict: Verdict = "skip" if row.status == "unsupported" else "fail"
            yield Line(step, str(cell), verdict, why=f"{row.status}: {row.reason}")
    missed = sum(not item.rows for item in found)
    if missed:
        yield Line(step, f"{missed} cells", "skip", why=NOT_REACHED)
