"""The writing of a run as a reference run, and which runs are refused as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import Any

from bench.cell import Cell, Learning
from bench.declare.nature import nature_of
from bench.errors import UsageError
from bench.store.database import CONTENT_VERSION, RecordRow, RunRow, Store
from bench.store.reference.form import (
    CHANCE,
    FORMAT,
    KINDS,
    LEFT_OUT,
    MARK,
    MOST_BYTES,
    OF_HOST,
    OF_RECORD,
    OF_SETTINGS,
    SUMMARY,
    USUAL,
    in_line,
    plain,
)
from bench.store.rows import AUDIT, REGRESS, CellRow, by_cell
from bench.validity import written

NOISY_SHARE = 0.1
"""Share of the timed cells that may be noisy: on a machine that others use, ratios tell of them as well."""


def reference_text(store: Store, name: str) -> str:
    """The file of a reference run: JSON with a line a declaration and a cell.

    Args:
        store: the store that holds the run.
        name: the run's id, a unique beginning of the id, a baseline's name, or `latest`.

    Raises:
        UsageError: the run is not finished, is not a run of cells, has images or weights of the user's own or
            figures of several hosts, was disturbed too often, or does not fit into the file.
        StoreError: the store cannot be read.
        UnknownName: there is no such run.
    """
    run = store.run(name)
    measures = {item.name: item.content for item in store.declarations(run.id, "measure")}
    rows = by_cell(store.records(run.id))
    cells = [(planned, rows.get(planned.cell.key, [])) for planned in _with_first_seeds(store.cells(run.id))]
    _require_suitable(run, cells, measures)
    text = _text(store, run, cells, measures)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise UsageError(
            f"run {run.id} is too large for a reference run: its file would have {size / 1000:.0f} kB, and"
            f" {MOST_BYTES // 1000} kB are the most; measure fewer suites or architectures"
        )
    return text


def _with_first_seeds(planned: Sequence[CellRow]) -> list[CellRow]:
    """The cells without those that differ from another one in a later seed alone.

    How many seeds a run adds depends on its comparisons and on the speed of its machine, and two machines are
    compared by the seeds that both have.
    """
    first: dict[Cell, int] = {}
    for cell, seed in map(_apart_from_seed, planned):
        first[cell] = min(seed, first.get(cell, seed))
    return [row for row in planned if (found := _apart_from_seed(row))[1] == first[found[0]]]


def _apart_from_seed(row: CellRow) -> tuple[Cell, int]:
    cell, scenario = row.cell, row.cell.scenario
    if not isinstance(scenario, Learning):
        return cell, 0
    return replace(cell, scenario=replace(scenario, seed=0)), scenario.seed


_Cells = Sequence[tuple[CellRow, list[RecordRow]]]


def _require_suitable(run: RunRow, cells: _Cells, measures: Mapping[str, Mapping[str, Any]]) -> None:
    good = [row for _, rows in cells for row in rows if row.status == "ok"]
    speeds = [(cell, rows) for cell, rows in cells if _is_speed(cell.cell, rows, measures)]
    noisy = sum(any(row.details.get("noisy") for row in rows) for _, rows in speeds)
    for wrong, why in (
        (run.profile in (AUDIT, REGRESS), "it is not a run of suites"),
        (not run.finished, "it has not ended: go on with it (evobench run --resume)"),
        (not good, "it has no figure"),
        (str(run.host.get("git") or "").endswith("+"), "its code had changes that no commit has"),
        (bool(run.settings.get("files")), "it has images or weights of your own, whose names are nobody else's"),
        (len({row.host for row in good}) > 1, "its figures are of several hosts"),
        (
            noisy > NOISY_SHARE * len(speeds),
            f"{noisy} of its {len(speeds)} timed cells stayed noisy, and at most {100 * NOISY_SHARE:.0f} % may:"
            " measure again while nothing else runs",
        ),
    ):
        if wrong:
            raise UsageError(f"run {run.id} cannot be a reference run: {why}")


def _is_speed(cell: Cell, rows: Sequence[RecordRow], measures: Mapping[str, Mapping[str, Any]]) -> bool:
    told = {"name": cell.measure, "unit": rows[0].unit if rows else "", "kind": cell.scenario.kind}
    return any(row.status == "ok" for row in rows) and nature_of(measures.get(cell.measure, told)).is_speed


def _text(store: Store, run: RunRow, cells: _Cells, measures: Mapping[str, Mapping[str, Any]]) -> str:
    conditions: list[Any] = []
    lines = [in_line(item) for item in _cells(cells, measures, conditions)]
    declared = [
        in_line({"kind": kind, "name": item.name, "content": _without_place(item.content)})
        for kind in KINDS
        for item in store.declarations(run.id, kind)
    ]
    parts = (
        f'{MARK}, "format": {FORMAT}, "content": {CONTENT_VERSION}',
        f'"run": {json.dumps(plain(_run(run)), indent=1)}',
        f'"declarations": {_listed(declared)}',
        f'"conditions": {_listed([in_line(item) for item in conditions])}',
        f'"cells": {_listed(lines)}',
    )
    return ",\n".join(parts) + "}\n"


def _listed(lines: Sequence[str]) -> str:
    return "[\n" + ",\n".join(lines) + "\n]"


def _run(run: RunRow) -> dict[str, Any]:
    told = {name: getattr(run, name) for name in ("id", "started", "finished", "state", "profile", "host_key")}
    host = {name: run.host[name] for name in OF_HOST if name in run.host}
    return {**told, "host": host, "settings": {n: run.settings[n] for n in OF_SETTINGS if n in run.settings}}


def _without_place(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "place"}


def _cells(
    cells: _Cells, measures: Mapping[str, Mapping[str, Any]], conditions: list[Any]
) -> Iterator[dict[str, Any]]:
    """The cells with their records; conditions of processes are added to the list, where records name them."""
    for planned, rows in cells:
        cell = planned.cell
        declared = measures.get(cell.measure, {})
        details = {item["name"] for item in declared.get("details", ())} - {*LEFT_OUT} | {*OF_RECORD}
        unit = declared.get("unit")
        yield {
            "architecture": cell.architecture,
            "measure": cell.measure,
            "scenario": {"kind": cell.scenario.kind, **_unusual(cell.scenario)},
            "suites": " ".join(planned.suites),
            "replicates": planned.replicates,
            "records": [
                _record(row, {**USUAL, "unit": unit, "replicate": i}, details, conditions)
                for i, row in enumerate(rows)
            ],
        }


def _unusual(scenario: Any) -> dict[str, Any]:
    """The fields of a scenario that do not have their default value."""
    usual = {f.name: f.default for f in fields(scenario) if f.default is not MISSING}
    values = written(scenario)
    return {name: values[name] for name in values if usual.get(name, MISSING) != getattr(scenario, name)}


def _record(
    row: RecordRow, usual: Mapping[str, object], wanted: set[str], conditions: list[Any]
) -> dict[str, Any]:
    """A record without what goes without saying, and with its figures once where all are equal."""
    details = {name: value for name, value in row.details.items() if name in wanted and value is not None}
    if found := details.pop("conditions", None):
        kept = plain({name: value for name, value in found.items() if name not in CHANCE})
        if kept not in conditions:
            conditions.append(kept)
        details["conditions"] = conditions.index(kept)
    told = {name: getattr(row, name) for name in usual if getattr(row, name) != usual[name]}
    own: dict[str, Any] = {**told, "seconds": round(row.seconds, 3)}
    figures = [getattr(row, name) for name in SUMMARY]
    if row.n:
        own["figures"] = figures[:2] if len({*figures[1:]}) == 1 else figures
    return {**own, "details": details}
