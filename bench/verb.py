"""The contract of a verb of the command line: a name, its options, and a function to an exit code."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FORMATS = ("table", "json", "csv", "markdown")
DEFAULT_STORE = Path("runs/evobench.sqlite")


@dataclass(frozen=True)
class Verb:
    """One verb; registered in the entry-point group `evobench.verbs`."""

    name: str
    about: str
    configure: Callable[[argparse.ArgumentParser], None]
    """Adds the verb's own options."""
    run: Callable[[argparse.Namespace], int]
    """Does it; returns an exit code. Raises `EvobenchError` for what deserves one clear line."""


class Terminal(Console):
    """A console that tells of a reader that went away, as plain writing does, instead of ending the process."""

    def on_broken_pipe(self) -> None:
        """Let the error through."""
        raise BrokenPipeError


def add_store(parser: argparse._ActionsContainer) -> None:
    """Add `--store FILE`."""
    parser.add_argument(
        "--store", type=Path, default=DEFAULT_STORE, metavar="FILE", help="the database of runs (%(default)s)"
    )


def add_format(parser: argparse._ActionsContainer) -> None:
    """Add `--format`."""
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print (%(default)s)")


def folder_of(path: Path) -> Path:
    """The folder that a file lies in or, where that is not made yet, the nearest one above it."""
    whole = path.absolute()
    return next(folder for folder in (*whole.parents, whole) if os.path.isdir(folder))  # noqa: PTH112 - never raises


def emit(columns: Sequence[str], rows: Sequence[Sequence[object]], form: str, title: str = "") -> None:
    """Print a table to stdout as `table`, `json` (a list of objects), `csv` or `markdown`.

    Cells that are None print as nothing (JSON: null).
    """
    if form == "json":
        text = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=1, default=str)
        sys.stdout.write(text + "\n")
    elif form == "csv":
        sys.stdout.write(_csv(columns, rows))
    elif form == "markdown":
        sys.stdout.write(markdown(columns, rows))
    else:
        Terminal().print(_rich(columns, rows, title))


def markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A GitHub-flavoured Markdown table."""
    lines = [_line(columns), "|" + " --- |" * len(columns)]
    lines += [_line([_text(value) for value in row]) for row in rows]
    return "\n".join(lines) + "\n"


def _line(values: Sequence[str]) -> str:
    return "| " + " | ".join(v.replace("|", "\\|").replace("\n", " ") for v in values) + " |"


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _rich(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for i, column in enumerate(columns):
        numbers = all(isinstance(row[i], int | float) for row in rows) and bool(rows)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_text(value).replace("[", "\\[") for value in row])
    return table


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
