"""The reading of a reference run into a database in memory, which nobody can write to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.cell import Cell, scenario_from_dict
from bench.declare.nature import Nature
from bench.errors import StoreError, UsageError
from bench.foreign import from_json, opened, read_bytes
from bench.store.opening import in_memory
from bench.store.records import write_run
from bench.store.reference.form import FORMAT, MARK, MOST_BYTES, SUMMARY, USUAL
from bench.store.rows import CellRow, Declaration, RecordRow, RunRow
from bench.store.schema import CONTENT_VERSION, encodable
from bench.validity import check

_LARGEST = 1e30
"""Largest figure that is believed, in the unit of its measure."""
_MOST_TOLD = 200
"""Most characters of a fault that a message tells."""


def is_reference(path: Path) -> bool:
    """Whether a file says of itself that it is a reference run; nothing else of it is read."""
    try:
        with opened(path) as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:  # whoever opens it as a store tells why
        return False


def read_reference(path: Path) -> sqlite3.Connection:
    """A database in memory with the run of a file that `is_reference`, which refuses to be written.

    Raises:
        StoreError: the file cannot be read, is too large, damaged, or was written by a newer evobench.
    """
    found = _document(path)
    if _number(path, found, "format") > FORMAT or _number(path, found, "content") > CONTENT_VERSION:
        raise StoreError(f"reference run '{path}' was written by a newer evobench: update evobench")
    db = in_memory()
    try:
        _fill(db, found)
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError, UsageError, sqlite3.Error) as error:
        db.close()
        kind = "" if isinstance(error, UsageError) else f"{type(error).__name__}: "
        raise StoreError(f"reference run '{path}' is damaged: {kind}{_short(error)}") from error
    db.commit()
    db.execute("PRAGMA query_only = ON")
    return db


def _document(path: Path) -> Mapping[str, Any]:
    try:
        found = from_json(read_bytes(path, MOST_BYTES).decode())
    except OSError as error:
        raise StoreError(f"reference run '{path}' cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise StoreError(f"reference run '{path}' is damaged: {error}") from error
    assert isinstance(found, dict)  # it begins with its mark
    return found


def _short(error: Exception) -> str:
    """The beginning of a fault's text, which may tell all of a value."""
    text = str(error)
    return text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]}..."


def _number(path: Path, found: Mapping[str, Any], name: str) -> int:
    number = found.get(name)
    if not isinstance(number, int) or number < 1:
        raise StoreError(f"reference run '{path}' is damaged: its '{name}' is not a version")
    return number


def _fill(db: sqlite3.Connection, found: Mapping[str, Any]) -> None:
    run = RunRow(**found["run"], command="")
    check("run", run)
    declarations = [Declaration(**item) for item in found["declarations"]]
    for item in declarations:
        check(f"declaration '{item.name}'", item)
    cells = [(_cell(item), item["records"]) for item in found["cells"]]
    write_run(db, run, declarations, [planned for planned, _ in cells])
    measures = {item.name: item.content for item in declarations if item.kind == "measure"}
    for planned, records in cells:
        measure = measures.get(planned.cell.measure, {"unit": ""})
        unit, is_share = measure["unit"], measure.get("nature") == Nature.SHARE
        for row in _records(run, planned, unit, records, found["conditions"]):
            check(f"a record of '{planned.cell}'", row)
            _require_sane(planned, [getattr(row, name) for name in SUMMARY[1:]], is_share)
            values = asdict(row)
            values |= {"cell": values.pop("cell_key"), "details": json.dumps(row.details)}
            values |= {"samples": b"", "warmup": b"", "code": ""}
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            db.execute(f"INSERT INTO record ({names}) VALUES ({marks})", encodable(*values.values()))


def _require_sane(planned: CellRow, figures: list[float | None], is_share: bool) -> None:
    """Refuse figures that no measurement gives, with which nothing could be worked out."""
    for figure in figures:
        if figure is not None and not ((0 if is_share else -_LARGEST) <= figure <= (1 if is_share else _LARGEST)):
            raise UsageError(f"'{planned.cell}' has a figure of {figure:g}")


def _cell(item: Mapping[str, Any]) -> CellRow:
    cell = Cell(item["architecture"], item["measure"], scenario_from_dict(item["scenario"]))
    planned = CellRow(cell, tuple(item["suites"].split()), replicates=item["replicates"])
    check(f"cell '{cell.architecture} {cell.measure}'", planned)
    return planned


def _records(
    run: RunRow, planned: CellRow, unit: str, records: list[Mapping[str, Any]], conditions: list[Any]
) -> Iterator[RecordRow]:
    for i, item in enumerate(records):
        n, *figures = item.get("figures", (0,))
        summary = figures * len(SUMMARY[1:]) if len(figures) == 1 else figures or [None] * len(SUMMARY[1:])
        details = dict(item["details"])
        if "conditions" in details:
            details["conditions"] = conditions[details["conditions"]]
        usual = {**USUAL, "unit": unit, "replicate": i}
        yield RecordRow(
            **{name: item.get(name, value) for name, value in usual.items()},
            **dict(zip(SUMMARY[1:], summary, strict=True)),
            run=run.id,
            cell_key=planned.cell.key,
            n=n,
            details=details,
            started="",
            seconds=item["seconds"],
        )
