"""The cells that a side's own declarations plan of what is asked. It runs in the interpreter of any revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.remote import MEASURES, SUITES, Plan, Samples, Send, UsageError, Wish, plan_of_known


def plan(job: Plan, send: Send) -> Samples:
    """The cells that this side plans, where their suites are declared, and which suites it does not have."""
    try:
        wish = Wish.of(job.wish)
        selection, setting = wish.question()
    except UsageError as error:  # what is asked is younger than this revision
        return _planned((), {}, (), " ".join(str(error).split()))
    files = {name: SUITES.get(name).place.rpartition(":")[0] for name in selection.suites if name in SUITES}
    unknown = [name for name in selection.suites if name not in files]
    return _planned(map(_told, plan_of_known(selection, setting, wish)), files, unknown)


def _planned(
    cells: Iterable[Mapping[str, Any]], files: Mapping[str, str], unknown: Iterable[str], refused: str = ""
) -> Samples:
    details = {"cells": list(cells), "files": dict(files), "unknown": list(unknown), "refused": refused}
    return Samples((), details=details)


def _told(step: Any) -> Mapping[str, Any]:
    """A planned cell, with what the other side cannot look up where it lacks the measure."""
    cell = step.planned.cell
    item = MEASURES.get(cell.measure)
    about = {"unit": item.unit, "nature": item.nature.value, "better": item.better}
    return {"cell": cell.to_dict(), "name": str(cell), "suites": list(step.suites), **about}
