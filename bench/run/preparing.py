"""Checks and downloads before a run begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console

from bench.cell import CAST_ONCE, Cell, Learning
from bench.clock import Stopwatch
from bench.data.images import Dataset, to_install
from bench.data.place import data_place
from bench.declare.catalog import DATASETS
from bench.errors import EvobenchError, UsageError
from bench.execute.executor import HERE, Executor
from bench.execute.jobs import Fetch, Given, Inspect, Probe, Rate
from bench.execute.underway import finish
from bench.learning.scenario import file_of, source_of
from bench.learning.weights.preprocessing import is_fetched, preprocessing_for, receive_preprocessing, to_look_into
from bench.machine.device import indexed
from bench.machine.gpus.identity import PROHIBITED, described
from bench.machine.host import available_cpus, fingerprint, measured_on
from bench.machine.rates import RATES
from bench.run.driver import LIMIT
from bench.transfer import AS_IS
from bench.words import few

DOWNLOAD_LIMIT = 6 * 3600.0
"""Seconds after which fetching one data set is given up: the largest has 3 GB."""


def look_at_host(
    executor: Executor, cells: Iterable[Cell], device: str, gpus: Sequence[str] = (), limit: float = LIMIT
) -> dict[str, Any]:
    """The fingerprint of this host with the devices of the cells, seen from a worker, which alone may touch them.

    Beside what identifies it, it holds what the host does a second now (`RATES`).

    GPUs that other hosts have, but this one lacks, are theirs to be looked at.

    Args:
        executor: runs the worker.
        cells: cells that are to be measured.
        device: device that was asked for.
        gpus: GPUs that cells on `cuda` are dealt out to; none: each cell is measured on the device that it names.
        limit: seconds that each look may take.

    Raises:
        UsageError: a device is not there, or lacks the precision of a cell, or the GPUs are of different kinds.
    """
    outcome = finish(executor, Probe(), limit)
    if outcome.status != "ok":
        raise EvobenchError(f"the measuring process failed: {outcome.reason}")
    found = outcome.details
    others = {gpu for host in executor.hosts() if host.name != HERE for gpu in host.gpus}
    elsewhere = others - found["precisions"].keys()
    scenarios = [cell.scenario for cell in cells if indexed(cell.scenario.device) not in elsewhere]
    for name in sorted({device, *gpus, *(scenario.device for scenario in scenarios)}):
        if indexed(name) not in elsewhere:
            _check_device(name, found)
    _check_alike([name for name in gpus if name not in elsewhere], found)
    wanted = {(where.device, where.precision) for where in scenarios}
    for name, precision in sorted(wanted):
        known = found["precisions"][indexed(name)]
        if precision.removesuffix(CAST_ONCE) not in known:
            raise UsageError(f"device '{name}' has no {precision} here: it takes {', '.join(known)}")
    used = gpus or [scenario.device for scenario in scenarios]
    gpus_here = (indexed(name) for name in used if name.startswith("cuda") and indexed(name) not in elsewhere)
    on_gpu = next(gpus_here, "")
    return {**fingerprint(measured_on(found, used)), **_rates(executor, on_gpu, limit)}


def _rates(executor: Executor, gpu: str, limit: float) -> dict[str, Any]:
    """Rates of this host; empty where they cannot be measured, which forecasts then say.

    Args:
        executor: executor whose first job is over, so that its server is ready.
        gpu: device to measure beside the CPU; empty: none.
        limit: seconds that it may take.
    """
    watch = Stopwatch()
    outcome = finish(executor, Rate(available_cpus(), gpu), limit)
    if outcome.status != "ok":
        return {}
    process = max(0.0, watch.seconds - outcome.details["seconds"])
    return {RATES: {**outcome.details["rates"], "process": process}}


def _check_device(device: str, found: dict[str, Any]) -> None:
    kind, _, index = device.partition(":")
    gpus = found["gpus"]
    there = {"cpu": True, "cuda": int(index or 0) < len(gpus), "mps": found["mps"]}
    if there[kind]:
        if found.get("devices", {}).get(indexed(device), {}).get("compute_mode") == PROHIBITED:
            raise UsageError(f"no process may compute on '{device}' (compute mode prohibited): see nvidia-smi -c")
        return
    seen = "none"
    if kind == "cuda":
        seen = f"cuda:0 to cuda:{len(gpus) - 1}" if gpus else f"none: {found['no_cuda']} (see evobench doctor)"
    raise UsageError(f"no device '{device}' here: torch {found['torch_build']} sees {seen}")


def _check_alike(gpus: Sequence[str], found: dict[str, Any]) -> None:
    """Make sure that a figure does not depend on which of the GPUs a cell is dealt to, nor its plan on another."""
    for name in gpus:
        one, other = (described(found["devices"][device]) for device in ("cuda:0", name))
        if one != other:
            raise UsageError(
                f"cells are dealt out over GPUs of one kind: cuda:0 is {one}, {name} is {other}"
                " (CUDA_VISIBLE_DEVICES leaves some out)"
            )


def look_into_weights(executor: Executor, cells: Sequence[Cell], console: Console, limit: float = LIMIT) -> None:
    """Find out how the weights of the cells see pictures, which decides what is made; say what had to be supposed.

    Raises:
        UsageError: a file does not fit its architecture, what lies beside it is not sound, or of weights that are
            evaluated as they are it is not known which answer a class is; one line.
    """
    pairs, rows = to_look_into(cells), evaluated(cells)
    if not (pairs or rows):
        return
    outcome = finish(executor, Inspect(pairs, Given(data=DATASETS.handed()), rows), limit)
    if outcome.status != "ok":
        raise UsageError(outcome.reason)
    receive_preprocessing(outcome.details)
    for line in dict.fromkeys(line for cell in cells if (line := _supposed(cell))):
        console.print(line, markup=False, soft_wrap=True)


def evaluated(cells: Iterable[Cell]) -> tuple[tuple[str, str, str, str], ...]:
    """Architecture, weights, data set and class map of the evaluations among the cells, each once."""
    found = (
        (cell.architecture, where.weights, where.target, where.class_map)
        for cell in cells
        if isinstance(where := cell.scenario, Learning) and where.mode == AS_IS
    )
    return tuple(dict.fromkeys(found))


def _supposed(cell: Cell) -> str:
    """Notice about a user's file that does not say how it sees pictures; empty where something else does."""
    where = cell.scenario
    if not isinstance(where, Learning) or not file_of(where.weights):
        return ""
    how = preprocessing_for(cell.architecture, where.weights, where.target)
    if not how.is_default:
        return ""
    file = file_of(where.weights)
    return (
        f"pictures of {where.target} for {cell.architecture}: {how.told(where.resolution)};"
        f" if the weights saw others, say so in '{file}.toml'"
    )


def download(executor: Executor, cells: Sequence[Cell], console: Console) -> None:
    """Fetch the data sets and libraries' weights that the cells need; what fails is said, not fatal."""
    _download_datasets(executor, cells, console)
    for name, weights in from_libraries(cells):
        outcome = finish(executor, Fetch("weights", name), DOWNLOAD_LIMIT)
        said = outcome.details.get("file") or f"not had: {outcome.reason}"
        console.print(f"weights '{weights}' of {name}: {said}", markup=False, soft_wrap=True)


def missing(
    executor: Executor | None, cells: Iterable[Cell], console: Console | None = None, limit: float = LIMIT
) -> str:
    """One line on what the cells need that this machine lacks, and how to get it; empty where nothing is missing.

    Args:
        executor: asks libraries for their weights; may be None where none are needed.
        cells: planned cells.
        console: is told the file of weights that are here.
        limit: seconds that asking for those of one architecture may take.
    """
    cells = tuple(cells)
    absent: dict[str, list[str]] = {}
    never = []
    for name, weights in from_libraries(cells):
        assert executor
        outcome = finish(executor, Fetch("kept weights", name), limit)
        if outcome.reason:
            never.append(outcome.reason)
        elif file := outcome.details.get("file"):
            if console:
                console.print(f"weights '{weights}' of {name}: {file}", markup=False, soft_wrap=True)
        else:
            absent.setdefault(weights, []).append(name)
    datasets = list(_datasets(cells))
    data = [item.name for item in datasets if item.missing()]
    told = [
        f"weights '{weights}' of {few(names)} (--download fetches them into their library's cache)"
        for weights, names in absent.items()
    ]
    if data:
        told.append(
            f"data {few(data)} (--download fetches {'them' if data[1:] else 'it'} into {data_place().folder})"
        )
    return "; ".join([*told, *_not_installed(datasets, cells), *dict.fromkeys(never)])


def _not_installed(datasets: Iterable[Dataset], cells: Sequence[Cell]) -> Iterator[str]:
    """A line for each command that installs packages of data sets, with the number of cells that need them."""
    for command, names in to_install(datasets).items():
        many = sum(not set(names).isdisjoint(_names_of(cell)) for cell in cells)
        them = "them" if names[1:] else "it"
        yield f"data {few(names)} ({command} brings {them}; {many} of {len(cells)} cells need {them})"


def from_libraries(cells: Iterable[Cell]) -> dict[tuple[str, str], None]:
    """Architectures, each once, with those of their weights that a library fetches."""
    scenarios = ((cell.architecture, cell.scenario) for cell in cells)
    pairs = dict.fromkeys((name, where.weights) for name, where in scenarios if isinstance(where, Learning))
    return {pair: None for pair in pairs if is_fetched(*pair)}


def _download_datasets(executor: Executor, cells: Iterable[Cell], console: Console) -> None:
    for item in _datasets(cells):
        if not item.missing():
            continue
        console.print(f"data set {item.name}: fetching it ...", markup=False, soft_wrap=True)
        job = Fetch("dataset", item.name, Given(data=DATASETS.handed()))
        outcome = finish(executor, job, DOWNLOAD_LIMIT)
        said = outcome.details.get("file") or f"not had: {outcome.reason}"
        console.print(f"data set {item.name}: {said}", markup=False, soft_wrap=True)


def _datasets(cells: Iterable[Cell]) -> Iterator[Dataset]:
    """Data sets that the cells learn from or were pretrained on, each once."""
    yield from map(DATASETS.get, dict.fromkeys(name for cell in cells for name in _names_of(cell)))


def _names_of(cell: Cell) -> tuple[str, ...]:
    """Data sets of one cell: its target, and what its weights were pretrained on."""
    where = cell.scenario
    if not isinstance(where, Learning):
        return ()
    return tuple(filter(None, (where.target, source_of(where.weights))))
