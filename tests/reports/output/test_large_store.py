"""What is asked of the store does not grow with the records that it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.compare.judgement import judgement_of
from bench.compare.runs import compare, differences
from bench.store.database import Store
from reports.output.files import write_data
from reports.tidy.frame import read, rows_of

Build = Callable[[Path, Any], Any]


@contextmanager
def _asked(store: Store) -> Iterator[list[str]]:
    """Statements that are run in the store."""
    told: list[str] = []
    store.connection.db.set_trace_callback(told.append)
    yield told
    store.connection.db.set_trace_callback(None)


def _statements_of_an_export(folder: Path) -> int:
    with Store.open(folder / "s.sqlite") as store, _asked(store) as told:
        write_data(store, read(store, "latest"), folder / "data", "csv")
    return len(told)


def test_an_export_asks_as_often_whatever_the_number_of_records(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    counted = []
    for processes in (1, 3):
        folder = tmp_path / str(processes)
        folder.mkdir()
        build_run(folder / "s.sqlite", replace(plan, processes=processes))
        counted.append(_statements_of_an_export(folder))
    assert counted[0] == counted[1]


def test_a_comparison_reads_the_records_of_each_run_once(tmp_path: Path, build_run: Build, plan: Any) -> None:
    path = tmp_path / "s.sqlite"
    for i, name in enumerate(("one", "two")):
        build_run(path, replace(plan, id=name, seed=i, learners=()))
    with Store.open(path) as store, _asked(store) as told:
        found = compare(store, "one", "two", 0.05, force=False)
        differences(store, store.run("one"), store.run("two"))
        judgement_of(store, "one", "two", found)
    of_records = [line for line in told if re.search(r"SELECT record\.run.* FROM record", line)]
    assert 2 == len(of_records)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1.5, float("nan")]),
        pd.Series(["a", None]),
        pd.Series(["a", None]).convert_dtypes(),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([pd.Series([3]).iloc[0], "all"], dtype="object"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_rows_have_the_plain_values_that_pandas_gives(column: pd.Series) -> None:
    frame = pd.DataFrame({"x": column, "y": 1})
    expected = [list(map(_typed, row.values())) for row in frame.to_dict("records")]
    assert expected == [list(map(_typed, row.values())) for row in rows_of(frame)]


def _typed(value: object) -> tuple[type, str]:
    return type(value), repr(value)
