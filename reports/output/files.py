"""Writes what a run holds to files: the report, tables, tidy records, raw samples."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from bench.audit.errata import errata
from bench.errors import UsageError
from bench.files import replace, require_own_way
from bench.store.database import Store
from bench.text.markdown import markdown
from bench.text.spreadsheet import frame_as_csv
from bench.text.stdout import led_to_data
from reports.output.drawings import Form, drawings
from reports.output.latex import as_latex
from reports.page.document import render
from reports.tables import Table, load_tables
from reports.tables.audit import judged
from reports.tidy.frame import Frames, read, rows_of
from reports.tidy.pictures import files


def write_tables(store: Store, run: str, folder: Path) -> tuple[Path, ...]:
    """Write every table that has rows, raw as CSV and formatted as Markdown; returns the files.

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


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write files by their paths within a folder; returns the path of the last.

    Raises:
        UsageError: the folder cannot be written.
    """
    return [_write(folder / name, content) for name, content in files][-1]


def write_text(path: Path, text: str) -> Path:
    """Write one file, whole or not at all; returns its path.

    Raises:
        UsageError: the file cannot be written.
    """
    return _write(path, text)


def write_latex(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write every table that has rows as LaTeX, with booktabs and the units in the headings.

    Raises:
        UsageError: the folder cannot be written.
    """
    return _write_filled(frames, folder, "tex", lambda item: as_latex(item, frames))


def write_figures(frames: Frames, folder: Path, form: Form) -> tuple[Path, ...]:
    """Write every chart that the run has data for as a file, in light colours on white.

    Raises:
        UsageError: Kaleido or a Chrome is missing, or the folder cannot be written.
    """
    return tuple(_write(folder / f"{name}.{form}", content) for name, content in drawings(frames, form))


def write_csv(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write every table that has rows raw: SI units, named in the header."""
    return _write_filled(frames, folder, "csv", lambda item: frame_as_csv(item.raw(frames)))


def write_parquet(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """The same as Parquet."""
    return _write_filled(frames, folder, "parquet", lambda item: _as_parquet(item.raw(frames)))


def write_markdown(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write every table that has rows for people and, where the whole lecture was audited, its errata."""
    tables = _write_filled(frames, folder, "md", lambda item: as_markdown(item, frames))
    if frames.audit is None or frames.counts_from:
        return tables
    return (*tables, _write(folder / "errata.md", errata(judged(frames))))


def as_markdown(item: Table, frames: Frames) -> str:
    """One table as a Markdown section, without columns that have nothing in this run."""
    plain = item.plain(frames)
    shown = item.words(plain)[[column.heading for column in item.filled(plain)]]
    body = markdown(list(shown.columns), plain_rows(shown)) if len(shown) else "Nothing to show.\n"
    return f"# {item.title}\n\n{item.about}\n\n{body}"


def write_pictures(frames: Frames, folder: Path) -> tuple[Path, ...]:
    """Write the pictures of a run as PNG files into `folder/pictures`, where it has any.

    Raises:
        UsageError: the folder cannot be written.
    """
    found = files(frames.pictures)
    return tuple(_write(folder / "pictures" / name, content) for name, content in found.items())


def write_data(store: Store, frames: Frames, folder: Path, form: Literal["csv", "parquet"]) -> tuple[Path, ...]:
    """Write the tidy frames that have rows, and every raw sample of a run; the records always.

    Raises:
        UsageError: the folder cannot be written.
    """
    data = {
        "records": frames.plain_records,
        "processes": frames.attempts,
        "published_figures": frames.published,
        "learning_curves": frames.curves,
        "confusions": frames.confusions,
        "samples": _samples(store, frames),
        "pictures": _pictures(frames),
    }
    shown = {name: frame for name, frame in data.items() if len(frame) or name == "records"}
    for name in data.keys() - shown.keys():
        _remove(folder / f"{name}.{form}")
    return tuple(
        _write(folder / f"{name}.{form}", frame_as_csv(frame) if form == "csv" else _as_parquet(frame))
        for name, frame in shown.items()
    )


def _write_filled(
    frames: Frames, folder: Path, form: str, made: Callable[[Table], str | bytes]
) -> tuple[Path, ...]:
    """Write the tables that have rows; what an earlier one of now empty tables left is removed."""
    written = []
    for item in load_tables():
        path = folder / f"{item.name}.{form}"
        if len(item.plain(frames)):
            written.append(_write(path, made(item)))
        else:
            _remove(path)
    return tuple(written)


def _as_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as the content of a file; a column of several sorts of values, such as `5` and `all`, as text."""
    buffer = io.BytesIO()
    mixed = {
        name: frame[name].map(str, na_action="ignore")
        for name in frame.columns
        if pd.api.types.infer_dtype(frame[name], skipna=True).startswith("mixed")
    }
    frame.assign(**mixed).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _samples(store: Store, frames: Frames) -> pd.DataFrame:
    """One row per raw sample, in the order in which it was taken, with the path of its image where it has one."""
    taken = store.shown.samples(frames.run.id)
    if not taken:
        return pd.DataFrame(columns=["key", "cell", "replicate", "index", "value", "image"])
    sizes = [len(item.samples) for item in taken]
    cells = frames.attempts.drop_duplicates("key").set_index("key")["cell"]
    records = pd.DataFrame(
        {"key": [item.cell_key for item in taken], "replicate": [item.replicate for item in taken]}
    )
    records.insert(1, "cell", cells.loc[records["key"]].array)
    images = [item.images or ("",) * len(item.samples) for item in taken]
    return (
        records.loc[records.index.repeat(sizes)]
        .assign(
            index=np.concatenate([np.arange(size) for size in sizes]),
            value=np.concatenate([item.samples for item in taken]),
            image=list(chain.from_iterable(images)),
        )
        .reset_index(drop=True)
    )


def _pictures(frames: Frames) -> pd.DataFrame:
    """One row per picture, by the name of the file that `write_pictures` gives it."""
    names = list(files(frames.pictures))
    return frames.pictures.drop(columns="png").assign(file=pd.Series(names, frames.pictures.index, dtype="object"))


def plain_rows(frame: pd.DataFrame) -> list[list[object]]:
    """The rows as plain lists, for printing; missing values are None."""
    return [[None if pd.isna(value) else value for value in row.values()] for row in rows_of(frame)]


def _remove(path: Path) -> None:
    if path.is_file():
        try:
            path.unlink()
        except OSError as error:
            raise UsageError(f"cannot remove '{path}': {error.strerror}") from error


def _write(path: Path, content: str | bytes) -> Path:
    try:
        require_own_way(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(led_to_data(path), content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}") from error
    return path
