"""Writes what a run holds to files: tables, tidy records, raw samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.errors import UsageError
from bench.store import Store
from bench.verb import markdown
from reports.frame import Frames, read
from reports.page import render
from reports.tables import Table, load_tables


def write_tables(store: Store, run: str, folder: Path) -> tuple[Path, ...]:
    """Write every table of a run, raw as CSV and formatted as Markdown; returns the files.

    Raises:
        UsageError: the folder cannot be written.
    """
    frames = read(store, run)
    return write_csv(frames, folder) + write_markdown(frames, folder)


def write_report(store: Store, run: str, path: Path) -> Path:
    """Write the HTML report of a run; returns its path.

    Raises:
        UsageError: the file cannot be written.
    """
    return _write(path, render(store, run))


def write_csv(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write every table raw: SI units, named in the header."""
    return tuple(
        _write(folder / f"{item.name}.csv", item.raw(frames).to_csv(index=False)) for item in load_tables()
    )


def write_markdown(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write every table for people."""
    return tuple(_write(folder / f"{item.name}.md", as_markdown(item, frames)) for item in load_tables())


def as_markdown(item: Table, frames: Frames) -> str:
    """One table as a Markdown section."""
    shown = item.formatted(frames)
    body = markdown(list(shown.columns), rows_of(shown)) if len(shown) else "Nothing to show.\n"
    return f"# {item.title}\n\n{item.about}\n\n{body}"


def rows_of(frame: pd.DataFrame) -> Sequence[Sequence[object]]:
    """The rows as plain lists, for printing; missing values are None."""
    return [
        [None if pd.isna(value) else value for value in row] for row in frame.itertuples(index=False, name=None)
    ]


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}") from error
    return path
