"""The folder of a reference run: the table, the records, the environment; small, without the machine's paths."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.cell import scenario_columns, scenario_to_dict
from bench.store.database import RunRow, Store
from bench.store.rows import RecordRow
from tests.gpu_check.lines import Line, as_markdown, summary

MOST = 200_000
"""Bytes of the whole folder: it is kept in the repository."""
_PATH = re.compile(r"(?<![\w./:])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\'\":,;()]+[/\\])+([^\s/\\'\":,;()]*)")
_FIGURES = ("replicate", "status", "unit", "n", "median", "p5", "p95", "seconds")


def slug(name: str) -> str:
    """A device's name as that of a folder: `NVIDIA H100 80GB HBM3` is `nvidia-h100-80gb-hbm3`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def without_paths(text: str) -> str:
    """The text with each absolute path shortened to its last part."""
    return _PATH.sub(r"\1", text)


def write(folder: Path, lines: Sequence[Line], store: Store, run: RunRow, took: float) -> Path:
    """Write `table.md`, `records.csv` and `environment.json`; returns the folder.

    Records that have no room are left out from the end, which the table then says.

    Args:
        folder: of this device, made where it is missing.
        lines: all that the check said.
        store: where the records are.
        run: theirs.
        took: wall seconds of the check.
    """
    environment = without_paths(json.dumps(run.host, indent=2, sort_keys=True)) + "\n"
    head = f"# {title(run.host)}\n\n{run.started}, {took:.0f} s: {summary(lines)}\n\n"
    table = head + without_paths(as_markdown(lines))
    room = MOST - len(environment.encode()) - len(table.encode()) - 100
    records, left_out = _within(list(_rows(store, run)), room)
    if left_out:
        table += f"\n{left_out} records had no room in `records.csv`.\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("table.md", table), ("records.csv", records), ("environment.json", environment)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def title(host: dict[str, Any]) -> str:
    """The device that the check was about: the first GPU, else the CPU."""
    gpus = host.get("gpus") or [host.get("cpu") or "unknown"]
    return str(gpus[0])


def _within(rows: list[str], room: int) -> tuple[str, int]:
    """As many rows as have room, and how many have none."""
    used = 0
    for i, row in enumerate(rows):
        used += len(row.encode())
        if used > room:
            return "".join(rows[:i]), len(rows) - i
    return "".join(rows), 0


def _rows(store: Store, run: RunRow) -> Iterator[str]:
    columns = ("architecture", "measure", *scenario_columns(), *_FIGURES, "ended", "reason")
    yield _as_csv(columns)
    cells = {row.cell.key: row.cell for row in store.cells(run.id)}
    for row in store.records(run.id):
        cell = cells[row.cell_key]
        where = scenario_to_dict(cell.scenario)
        conditions = [where.get(name, "") for name in scenario_columns()]
        yield _as_csv((cell.architecture, cell.measure, *conditions, *_figures(row)))


def _figures(row: RecordRow) -> tuple[object, ...]:
    figures = [getattr(row, name) for name in _FIGURES]
    rounded = [float(f"{value:.6g}") if isinstance(value, float) else value for value in figures]
    return (*rounded, row.details.get("ended", ""), without_paths(row.reason))


def _as_csv(values: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()
