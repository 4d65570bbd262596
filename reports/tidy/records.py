"""Records, and what is told with them, as tidy rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from bench.cell import STATUSES, Cell, scenario_to_dict
from bench.declare.nature import HALVED, Detail, completed
from bench.store.database import CellRow, RecordRow
from bench.store.outcome import UNTRIED, alike, figure_of, halved_to, outcome_of
from reports.formats import AT_LEAST
from reports.tidy.columns import ATTEMPTS, COUNTED
from reports.tidy.details import column_of, detailed, details_of, of_processes
from reports.tidy.rows import Rows

_SIDE = re.compile(r", \d+ px$")


def records(run: Rows) -> Iterator[dict[str, Any]]:
    """One row per planned cell, with what came of it."""
    columns: dict[str, dict[str, Detail]] = {}
    for planned in run.cells:
        measure, rows = planned.cell.measure, run.records.get(planned.cell.key, [])
        told = _told(planned.cell, rows, run.measures)
        if measure not in columns:
            columns[measure] = {column_of(measure, item): item for item in details_of(told)}
        yield _record(run, planned, rows, told, columns[measure])


def _record(
    run: Rows,
    planned: CellRow,
    rows: list[RecordRow],
    told: Mapping[str, Any],
    details: Mapping[str, Detail],
) -> dict[str, Any]:
    """A planned cell with its records, one per process.

    Args:
        run: the run that has the cell.
        planned: the cell.
        rows: records of the cell.
        told: declared facts of its measure.
        details: details of its measure, by column.
    """
    cell = planned.cell
    item = run.lineage.get(cell.architecture, {})
    good = [row for row in rows if row.status == "ok"]
    unit = rows[0].unit if rows else ""
    same = alike(told["nature"], good)
    first = (same or rows)[0].details if rows else {}
    bounds = (detail.name for detail in details.values() if detail.bounds)
    return {
        "run": run.run.id,
        "key": cell.key,
        "cell": str(cell),
        "suites": " ".join(planned.suites),
        **scenario_to_dict(cell.scenario),
        **_batches(cell.scenario.batch, same),
        "architecture": cell.architecture,
        "family": item.get("family", ""),
        "year": item.get("year"),
        "measure": cell.measure,
        "unit": unit or told["unit"],
        "nature": told["nature"],
        **vars(outcome_of(rows, complete=run.run.state == "complete")),
        **vars(figure_of(told["nature"], same)),
        "bound": AT_LEAST if any(of_processes(name, same) for name in bounds) else "",
        "provenance": rows[0].provenance if rows else "",
        "reused_from": " ".join(dict.fromkeys(row.reused_from for row in rows if row.reused_from)),
        "seconds": sum(row.seconds for row in rows),
        "noisy": of_processes("noisy", same),
        "beside": of_processes("beside", same),
        "host": "; ".join(dict.fromkeys(run.hosts.get(row.host, row.host) for row in same or rows)),
        "warnings": "; ".join([*map(str, first.get("warnings") or []), *_elsewhere(good, same)]),
        **detailed(details, same or rows),
    }


def _told(cell: Cell, rows: Sequence[RecordRow], measures: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Declaration of a cell's measure, or what follows from its records."""
    unit = rows[0].unit if rows else ""
    return measures.get(cell.measure) or completed(
        {"name": cell.measure, "unit": unit, "kind": cell.scenario.kind}
    )


def _batches(asked: int, good: Sequence[RecordRow]) -> dict[str, int]:
    """The batch that was measured, and the one that it was halved from where memory did not suffice for that."""
    taken = next(map(halved_to, good), None)
    return {} if taken is None else {"batch": taken, HALVED: asked}


def _elsewhere(good: Sequence[RecordRow], same: Sequence[RecordRow]) -> Iterable[str]:
    """Notes where processes on another host are not part of the figure."""
    others = [row for row in good if row not in same and row.host != same[0].host]
    if others:
        yield f"{len(others)} of {len(good)} processes ran on another host and are left out"


def attempts(
    cells: Iterable[CellRow], by_key: Mapping[str, list[RecordRow]], hosts: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    """One row per record, with its cell."""
    for planned in cells:
        cell = planned.cell
        names = {"key": cell.key, "cell": str(cell), "architecture": cell.architecture, "measure": cell.measure}
        for row in by_key.get(cell.key, []):
            own = {name: getattr(row, name) for name in ATTEMPTS if hasattr(row, name)}
            yield {**own, **names, "host": hosts.get(row.host, row.host)}


def published(lineage: Iterable[Mapping[str, Any]], counts: bool) -> Iterable[dict[str, Any]]:
    """One row per published figure: a number of parameters or multiply-adds (`counts`), or an error.

    Where it states no input size, it is for its architecture's own.
    """
    for item in lineage:
        figures = item.get("published", ())
        # earlier versions kept the size of torchvision's errors with the multiply-adds of the same weights alone,
        # and wrote that of papers' errors behind the protocol
        sizes = {figure["source"]: side for figure in figures if (side := figure.get("resolution"))}
        for figure in figures:
            if counts == (figure["quantity"] in COUNTED):
                own = {"architecture": item["name"], "family": item["family"], "year": item["year"]}
                side = figure.get("resolution") or sizes.get(figure["source"]) or item["resolution"]
                yield {**own, **figure, "protocol": _SIDE.sub("", figure["protocol"]), "resolution": side}


def parts(
    cells: Iterable[CellRow],
    by_key: Mapping[str, list[RecordRow]],
    measures: Mapping[str, Mapping[str, Any]],
) -> Iterable[dict[str, Any]]:
    """Rows of a part with raw samples: its median over the processes that the cell's figure comes from."""
    for planned in cells:
        cell = planned.cell
        rows = by_key.get(cell.key, [])
        good = alike(_told(cell, rows, measures)["nature"], [row for row in rows if row.status == "ok"])
        names = [name for row in good[:1] for name in row.details.get("parts", {})]
        for name in names:
            found = [row.details["parts"][name] for row in good]
            samples = [value for values in found for value in (values if isinstance(values, list) else [values])]
            whole = {"key": cell.key, "architecture": cell.architecture, "measure": cell.measure}
            yield {**whole, "part": name, "unit": good[0].unit, "value": median(samples)}


def coverage(records: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """One row per suite, with the number of its cells by status."""
    counts: dict[str, Counter[str]] = {}
    for record in records:
        for suite in record["suites"].split() or ["(no suite)"]:
            counts.setdefault(suite, Counter())[record["status"]] += 1
    for suite, count in counts.items():
        tally = {status: count[status] for status in (*STATUSES, *UNTRIED)}
        yield {"suite": suite, "planned": count.total(), **tally}
