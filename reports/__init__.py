"""Display of stored runs: tables, charts, one HTML page. Reads the store alone; importing it is light."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.verb import show_command
from bench.store.database import Store

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# pandas and plotly take most of a second to load: the command line pays for them only where it shows something


def write(store: Store, run_id: str, folder: Path) -> Path:
    """Write every table (CSV and Markdown) and the report of a run into `folder`; returns the report's path.

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
        UsageError: the folder cannot be written.
    """
    from reports.output.files import write_report, write_tables

    write_tables(store, run_id, folder / "tables")
    return write_report(store, run_id, folder / "report.html")


def summary(store: Store, run_id: str, room: int = 39) -> RenderableType:
    """Summary of a run, with the first rows of its main tables.

    Args:
        store: the store that holds the run.
        run_id: an id, a unique beginning of one, or `latest`.
        room: lines that there are for it.
    """
    from reports.output.ending import SummaryEnding
    from reports.tidy.frame import read

    return SummaryEnding(read(store, run_id), room)


def finish(store_path: Path, run_id: str, folder: Path, console: Console) -> Path:
    """End a run: write its tables and its report into `folder`, print its summary; returns the report's path.

    What is printed has 39 lines at most, so that one screen shows it with the path.
    """
    more = f"all tables and rows: {show_command(run_id, store_path)}"
    with Store.open(store_path) as store:
        path = write(store, run_id, folder)
        console.print(summary(store, run_id, 39 - 1 - math.ceil(len(more) / console.width)))
    # not wrapped, so that it can be copied: the terminal does that
    console.print(f"\n{more}", markup=False, highlight=False, soft_wrap=True)
    return path
