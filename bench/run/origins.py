"""Origins of what a run began with: the user's files, which must not change, and catalogues, which are code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.cell import Cell, Learning
from bench.declare.catalog import DATASETS, load_catalogs
from bench.declare.loading.chosen import identity, require_chosen
from bench.declare.loading.guard import MOST
from bench.errors import UsageError
from bench.learning.scenario import file_of, source_of
from bench.learning.weights.configurations import configuration_beside
from bench.learning.weights.files import weights_digest
from bench.store.rows import STUDY, RunRow

CATALOGS, DATA = "catalogs", "data"
"""Under which a run's settings keep the names of its catalogues, and the folder of downloaded data sets."""
SETTING = "files"
"""Under which a run's settings keep them."""


def files_of(cells: Iterable[Cell]) -> dict[str, str]:
    """Digests of the user's own that the cells read, by their names: weights, what lies beside them, images."""
    scenarios = [cell.scenario for cell in cells if isinstance(cell.scenario, Learning)]
    weights = {s.weights: weights_digest(s.weights) for s in scenarios if file_of(s.weights)}
    beside = {configuration_beside(Path(file_of(name))) for name in weights}
    said = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in beside if path}
    names = dict.fromkeys(name for s in scenarios for name in (s.target, source_of(s.weights)) if name)
    states = {name: DATASETS.get(name).state() for name in names}
    return {**weights, **said, **{name: state for name, state in states.items() if state}}


def require_same_files(settings: Mapping[str, Any], run: str, cells: Iterable[Cell]) -> None:
    """Make sure that a run that is gone on with finds the files that it was begun with.

    Raises:
        UsageError: one has changed, or is not there any more.
    """
    before = settings.get(SETTING, {})
    if not before:
        return
    now = files_of(cells)
    changed = [name for name, digest in before.items() if now.get(name) != digest]
    if changed:
        raise UsageError(f"'{changed[0]}' has changed since run {run} began: begin a new run")


def load_catalogs_of(run: RunRow, named: Iterable[str], seconds: float = MOST) -> tuple[str, ...]:
    """Load the catalogues that a run was begun with, and return their names.

    Args:
        run: a run of a store, which may be from elsewhere.
        named: catalogues that the user names now.
        seconds: seconds that the import of each may take.

    Raises:
        UsageError: the user never chose one of them, or chose it when it was another; or it cannot be imported.
    """
    catalogs = _catalogs_in(run)
    require_chosen(catalogs, named, run.id)
    load_catalogs(catalogs, seconds)
    return catalogs


def is_asked_for(run: RunRow, given: Mapping[str, Any]) -> bool:
    """Whether options are those that a run was begun with.

    None but catalogues and the folder of data are so, too: naming them again lets evobench use what a store names.
    """
    before = asked(run.settings)
    own = set(map(identity, _catalogs_in(run)))
    again = own >= set(given.get(CATALOGS, ())) and given.get(DATA, "") in ("", before.get(DATA))
    return given == before or (given.keys() <= {CATALOGS, DATA} and again)


def _catalogs_in(run: RunRow) -> tuple[str, ...]:
    found = run.settings.get(CATALOGS, [])
    if any("\0" in name for name in found):
        raise UsageError(f"run {run.id} was begun with catalogues that have no name: {ascii(found)[:80]}")
    return tuple(found)


def asked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a run's settings that the user asked for."""
    return {name: value for name, value in settings.items() if name not in (SETTING, STUDY)}
