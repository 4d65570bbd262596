"""The contract of a verb of the command line: a name, its options, and a function to an exit code."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from bench.cli.layout import INDENT, FittedTable, TextColumn
from bench.cli.options.values import size
from bench.errors import UsageError
from bench.foreign import real_path, whole_number, whole_path
from bench.text.markdown import markdown, plain
from bench.text.plain import harmless, whole
from bench.text.spreadsheet import as_csv
from bench.text.stdout import data_out
from bench.text.strict_json import as_json

FORMATS = ("table", "json", "csv", "markdown")
ARTIFACTS_LIMIT = "EVOBENCH_ARTIFACTS_LIMIT"
"""The environment variable that says how large the artifacts may be."""
_SIZES = ("COLUMNS", "LINES", "JUPYTER_COLUMNS", "JUPYTER_LINES")
"""Variables that tell the size of a terminal; Rich takes any digits for one."""
_MOST_COLUMNS = 10_000
_EPOCH = "SOURCE_DATE_EPOCH"
"""Variable that numpy and matplotlib read a date from."""
DEFAULT_STORE = Path("runs/evobench.sqlite")


@dataclass(frozen=True)
class Verb:
    """One verb; registered in the entry-point group `evobench.verbs`."""

    name: str
    about: str
    configure: Callable[[argparse.ArgumentParser], None]
    """Adds the verb's own options."""
    run: Callable[[argparse.Namespace], int]
    """Runs the verb; returns an exit code. Raises `EvobenchError` for what deserves one clear line."""
    examples: tuple[str, ...] = ()
    """Command lines that end its help, each without `evobench` before it."""
    common: tuple[str, ...] = ()
    """Options that `--help` shows, where there are too many: `--help-all` shows all."""


class Terminal(Console):
    """The one console that writes to a terminal: what it draws itself is obeyed there, text in it is not.

    It tells of a reader that went away, as plain writing does, instead of ending the process. A size that the
    environment tells counts if it is one that a terminal has.
    """

    def __init__(self, **options: Any) -> None:
        sizes = {name: os.environ.get(name, "1") for name in _SIZES}
        wrong = [name for name, text in sizes.items() if not 1 <= (whole_number(text) or 0) <= _MOST_COLUMNS]
        super().__init__(_environ={k: v for k, v in os.environ.items() if k not in wrong}, **options)

    @property
    def file(self) -> IO[str]:
        """The stream below one that would show its own colours as text."""
        return whole(super().file if self._file or self.stderr else data_out())

    @file.setter
    def file(self, new: IO[str]) -> None:
        self._file = new

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Pieces to be written, whose text is harmless; links are left out."""
        for piece in super().render(renderable, options):
            style = piece.style.update_link(None) if piece.style and piece.style.link else piece.style
            yield piece if piece.control else Segment(harmless(piece.text), style)

    def on_broken_pipe(self) -> None:
        """Let the error through."""
        raise BrokenPipeError


def require_environment() -> None:
    """Make sure that what libraries take from the environment can be taken: they fail over it as they are loaded.

    Raises:
        UsageError: a variable has a value that it cannot have.
    """
    epoch = os.environ.get(_EPOCH, "0")
    if whole_number(epoch) is None:
        raise UsageError(f"{_EPOCH} is '{epoch}' in the environment, which is not a number of seconds: unset it")


def add_store(parser: argparse._ActionsContainer) -> None:
    """Add `--store FILE`."""
    parser.add_argument(
        "--store",
        type=_store,
        default=str(DEFAULT_STORE),
        metavar="FILE",
        help="the database of runs (%(default)s)",
    )


def _store(text: str) -> Path:
    """Path of a store, a link as what it leads to: locks, artifacts and reports of one store lie in one folder."""
    path = Path(text)
    try:
        return real_path(path) if path.is_symlink() else path
    except (OSError, RuntimeError):  # a circle of links, which is refused when the store is opened
        return path


def add_artifacts_limit(parser: argparse._ActionsContainer) -> None:
    """Add `--artifacts-limit SIZE`, in bytes."""
    parser.add_argument(
        "--artifacts-limit",
        type=_artifacts_limit,
        default=os.environ.get(ARTIFACTS_LIMIT) or None,
        metavar="20GB",
        help="keep the artifacts under this size, by removing those used least recently"
        f" (default: ${ARTIFACTS_LIMIT}, else no limit)",
    )


def _artifacts_limit(text: str) -> int:
    try:
        return size(text)
    except UsageError as error:  # the text may be the variable's, which nobody has just typed
        raise UsageError(f"--artifacts-limit, or ${ARTIFACTS_LIMIT}: {error}") from None


def add_catalog(parser: argparse._ActionsContainer) -> None:
    """Add `--catalog PACKAGE|FILE.py`, which may be repeated."""
    parser.add_argument(
        "--catalog",
        type=_catalog,
        action="append",
        default=[],
        metavar="PACKAGE|FILE.py",
        help="declarations of your own",
    )


def _catalog(text: str) -> str:
    """A package by its name; a file by its whole path, so that a run can be resumed from another folder."""
    if text.endswith(".py"):
        return str(whole_path(text))
    if not all(part.isidentifier() for part in text.split(".")):
        raise UsageError(f"'{text}' is not a catalogue: name a package, or a file whose name ends with .py")
    return text


def add_format(parser: argparse._ActionsContainer) -> None:
    """Add `--format`."""
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print (%(default)s)")


def show_command(run: str, store: Path) -> str:
    """Command that a person types to see a run."""
    return shlex.join(["evobench", "show", run, *(["--store", str(store)] if store != DEFAULT_STORE else [])])


def folder_of(path: Path) -> Path:
    """The folder that a file lies in or, where that is not made yet, the nearest one above it."""
    whole = path.absolute()
    return next(folder for folder in (*whole.parents, whole) if os.path.isdir(folder))  # noqa: PTH112 - never raises


def require_writable(path: Path) -> None:
    """Make sure that a file can be written there: to be asked for before the work whose result it takes.

    Raises:
        UsageError: it cannot.
    """
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder")
    for above in path.parents:
        if above.exists() and not above.is_dir():
            raise UsageError(f"'{path}' cannot be written: '{above}' is a file")
    # a file is put in the place of the former; what is not a file, such as /dev/stderr, is written to
    target = path if path.exists() and not path.is_file() else folder_of(path)
    if not os.access(target, os.W_OK):
        raise UsageError(f"'{path}' cannot be written")


def emit(columns: Sequence[str], rows: Sequence[Sequence[object]], form: str, title: str = "") -> None:
    """Print a table to stdout as `table`, `json` (a list of objects), `csv` or `markdown`.

    A `table` is as wide as the terminal; columns at the right that have no room are left out, and named below it.

    Cells that are None print as nothing (JSON: null).
    """
    if form == "json":
        text = as_json([dict(zip(columns, row, strict=True)) for row in rows], indent=1, default=str)
        data_out().write(text + "\n")
    elif form == "csv":
        data_out().write(as_csv(columns, rows))
    elif form == "markdown":
        data_out().write(markdown(columns, rows))
    else:
        Terminal().print(_fitted(columns, rows, title))


def _fitted(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> FittedTable:
    return FittedTable(
        tuple(
            TextColumn(
                heading,
                tuple(plain(row[i]) for row in rows),
                number=any(row[i] is not None for row in rows)
                and all(row[i] is None or isinstance(row[i], int | float) for row in rows),
                indent="" if i else INDENT,
            )
            for i, heading in enumerate(columns)
        ),
        title,
    )
