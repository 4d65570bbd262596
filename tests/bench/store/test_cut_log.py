"""A store whose journal was cut off in the middle, as by a loss of power, opens with what is whole."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.store.database import RunRow, Store

RUNS = 20


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.99])
def test_a_store_whose_journal_is_cut_opens_with_the_runs_that_are_whole(tmp_path: Path, share: float) -> None:
    path, cut = tmp_path / "store.sqlite", tmp_path / "cut.sqlite"
    with Store.create(path) as store:
        reader = sqlite3.connect(path)  # keeps the journal from being folded in
        with closing(reader):
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM run").fetchall()
            for number in range(RUNS):
                day = f"2026-01-{number + 1:02}"
                store.begin_run(RunRow(f"r{number:02}", day, "smoke", "", {}, "h", {}), [], [])
            shutil.copy(path, cut)
            journal = path.with_name(f"{path.name}-wal").read_bytes()
            cut.with_name(f"{cut.name}-wal").write_bytes(journal[: int(len(journal) * share)])
    with Store.open(cut) as opened:
        found = [run.id for run in opened.runs()]
    assert [f"r{number:02}" for number in range(len(found))] == found
    assert (share > 0.9, share > 0.2) == (len(found) > RUNS // 2, len(found) > 0)
