"""One store of `nox -s kills`, and what is read from it and of its processes."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import psutil

from bench.clock import Stopwatch
from bench.store.database import Store

CATALOG = Path(__file__).parents[1] / "catalogs" / "cheap.py"
MARK = "EVOBENCH_KILLS_TRIAL"
"""Variable that all processes of a trial have inherited."""
_GRACE = 30.0
"""Seconds in which what the kernel ends with its parent has ended, however busy the machine is."""

Rows = Mapping[tuple[str, int], tuple[object, ...]]
"""Records, byte by byte, by the cell's key and the replicate."""
Figures = Mapping[tuple[str, int], tuple[str, tuple[float, ...]]]
"""Status and samples, likewise."""


class Trial:
    """One store, and the runs on it."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "runs.sqlite"
        self.mark = uuid4().hex
        self._log = folder.with_suffix(".log")

    def start(self) -> subprocess.Popen[bytes]:
        """Begin the run, or go on with it."""
        options = ("--suite", "cheap", "--lanes", "2", "--threads", "1", "--no-report", "--resume")
        command = (sys.executable, "-m", "evobench", "run", "--store", str(self.store), "--catalog", str(CATALOG))
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*command, *options], env={**os.environ, MARK: self.mark}, stderr=log, stdout=log
            )

    def processes(self) -> list[psutil.Process]:
        """All that runs of it, whoever is its parent by now."""
        return [found for found in psutil.process_iter() if self._is_ours(found)]

    def left_over(self) -> int:
        """Processes that outlive the run, which are killed."""
        watch = Stopwatch()
        while (found := self.processes()) and watch.seconds < _GRACE:
            time.sleep(0.05)
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return len(found)

    def rows(self) -> Rows:
        """Records as they are, read from a copy: to open the store itself would mend it."""
        with tempfile.TemporaryDirectory() as folder:
            for file in self.store.parent.glob(f"{self.store.name}*"):
                shutil.copy(file, folder)
            copy = Path(folder) / self.store.name
            if not copy.exists():
                return {}
            with closing(sqlite3.connect(copy)) as db:
                if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone():
                    return {}
                names = [row[1] for row in db.execute("PRAGMA table_info(record)")]
                found = db.execute("SELECT * FROM record").fetchall()
        at = names.index("cell"), names.index("replicate")
        return {(row[at[0]], row[at[1]]): row for row in found}

    def figures(self) -> Figures:
        """State and samples of each record of what repeats: counts and accuracies."""
        with Store.open(self.store) as kept:
            (run,) = kept.runs()
            repeats = {row.cell.key for row in kept.cells(run.id) if row.cell.measure != "short_nap"}
            records = [row for row in kept.records(run.id) if row.cell_key in repeats]
            samples = [kept.samples(run.id, row.cell_key, row.replicate) for row in records]
        pairs = zip(records, samples, strict=True)
        return {(row.cell_key, row.replicate): (row.status, values) for row, values in pairs}

    def planned(self) -> set[tuple[str, int]]:
        """Cell and replicate of each process that the run plans."""
        with Store.open(self.store) as kept:
            (run,) = kept.runs()
            return {(row.cell.key, number) for row in kept.cells(run.id) for number in range(row.replicates)}

    def files(self) -> set[str]:
        """Names of all files beside the store, without the run's own."""
        found = (path.relative_to(self.store.parent).as_posix() for path in self.store.parent.rglob("*"))
        return {re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN", name) for name in found}

    def is_sound(self) -> bool:
        """Whether SQLite's own checks find nothing."""
        with closing(sqlite3.connect(self.store)) as db:
            whole = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return whole and not db.execute("PRAGMA foreign_key_check").fetchall()

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            is_ours: bool = process.environ().get(MARK) == self.mark
            return is_ours and process.status() != psutil.STATUS_ZOMBIE
        return False
