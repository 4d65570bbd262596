"""The verbs that show runs, as the command line calls them."""

from __future__ import annotations

import argparse
import csv
import errno
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.cli.main import main
from bench.cli.verb import Verb
from bench.errors import Exit, NotComparable, StoreError, UnknownName, UsageError
from bench.store.database import Store
from reports.tables import load_tables
from reports.tidy.frame import Frames
from reports.verbs import compare, export, report, show

Build = Callable[[Path, Any], Any]


def _call(verb: Verb, *arguments: object) -> int:
    parser = argparse.ArgumentParser()
    verb.configure(parser)
    return verb.run(parser.parse_args([str(argument) for argument in arguments]))


def test_show_prints_the_summary_and_the_main_tables(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == _call(show.VERB, "latest", "--store", synthetic)
    text = capsys.readouterr().out
    assert all(words in text for words in ("complete", "Evolution", "Transfer scenarios", "lecture_cnn"))


def test_show_prints_records_as_json(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(show.VERB, "20260102", "--format", "json", "--store", synthetic)
    records = json.loads(capsys.readouterr().out)
    assert 257 == len(records)
    assert 28_938 == records[0]["value"]


def test_show_prints_one_table_as_csv_with_units(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(show.VERB, "latest", "--table", "evolution", "--format", "csv", "--store", synthetic)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert "28938" == rows[0]["Parameters"]
    assert 1e-3 > float(rows[0]["Latency (s)"])


def test_show_prints_markdown(synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(show.VERB, "latest", "--table", "coverage", "--format", "markdown", "--store", synthetic)
    assert "| evolution | 168 | 161 | 1 | 2 | 1 | 2 | 1 |" in capsys.readouterr().out


def test_a_misspelt_table_gets_the_nearest_name(synthetic: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'scenarios'"):
        _call(show.VERB, "latest", "--table", "scenario", "--store", synthetic)


def test_an_unknown_run_is_wrong_use(synthetic: Path) -> None:
    with pytest.raises(UnknownName, match="unknown run 'tomorrow'"):
        _call(show.VERB, "tomorrow", "--store", synthetic)


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        _call(show.VERB, "latest", "--store", tmp_path / "none.sqlite")


def test_report_writes_the_page_and_prints_its_path(
    tmp_path: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new folder" / "page.html"
    assert Exit.OK == _call(report.VERB, "latest", "-o", path, "--store", synthetic)
    assert f"{path}\n" == capsys.readouterr().out
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_export_needs_a_format(synthetic: Path) -> None:
    with pytest.raises(UsageError, match="--csv, --parquet, --markdown, --latex or --figures"):
        _call(export.VERB, "latest", "--store", synthetic)


def test_without_pyarrow_an_export_as_parquet_names_the_extra_and_writes_nothing(
    tmp_path: Path, synthetic: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    folder = tmp_path / "tables"
    code = main(["export", "--csv", str(folder), "--parquet", str(folder), "--store", str(synthetic)])
    expected = "evobench: writing Parquet needs pyarrow: pip install 'evobench[parquet]'\n"
    assert (2, expected, False) == (code, capsys.readouterr().err, folder.exists())


def test_export_holds_every_raw_sample(tmp_path: Path, synthetic: Path) -> None:
    _call(export.VERB, "latest", "--parquet", tmp_path, "--csv", tmp_path, "--store", synthetic)
    records, samples = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("records", "samples"))
    assert records["n"].sum() == len(samples)
    assert len(samples) == len(pd.read_csv(tmp_path / "samples.csv"))


def test_export_holds_the_tables_that_have_rows_and_the_confusions_in_both_forms(
    tmp_path: Path, synthetic: Path, frames: Frames, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(export.VERB, "latest", "--parquet", tmp_path, "--csv", tmp_path, "--store", synthetic)
    printed = {Path(line).name for line in capsys.readouterr().out.splitlines()}
    names = {item.name for item in load_tables() if len(item.plain(frames))} | {"confusions"}
    assert {f"{name}.{form}" for name in names for form in ("csv", "parquet")} <= printed
    for name in names:
        written = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert len(pd.read_csv(tmp_path / f"{name}.csv")) == len(written)
    assert not (tmp_path / "tuning.csv").exists()


def test_a_run_is_shown_with_ten_rows_of_each_main_table(
    synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(show.VERB, "latest", "--store", synthetic)
    assert "10 of 26 rows (--table scenarios)" in capsys.readouterr().out


class TestExportOfTheWholeStore:
    def test_has_every_run_and_prints_its_path(
        self, tmp_path: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "whole.sqlite"
        assert Exit.OK == _call(export.VERB, "--sqlite", path, "--store", synthetic)
        assert f"{path}\n" == capsys.readouterr().out
        with Store.open(path) as whole, Store.open(synthetic) as store:
            assert store.runs() == whole.runs()

    def test_goes_with_files_of_the_newest_run(self, tmp_path: Path, synthetic: Path) -> None:
        path = tmp_path / "whole.sqlite"
        _call(export.VERB, "--sqlite", path, "--pytest-benchmark", tmp_path / "b.json", "--store", synthetic)
        assert path.is_file()
        assert json.loads((tmp_path / "b.json").read_text())["benchmarks"]

    def test_takes_no_run(self, tmp_path: Path, synthetic: Path) -> None:
        with pytest.raises(UsageError, match="copies all runs of the store: leave out RUN, or --sqlite"):
            _call(export.VERB, "latest", "--sqlite", tmp_path / "whole.sqlite", "--store", synthetic)


def test_an_export_that_cannot_be_written_is_wrong_use(tmp_path: Path, synthetic: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        _call(export.VERB, "latest", "--markdown", tmp_path / "file" / "deeper", "--store", synthetic)


def test_a_report_that_cannot_be_finished_leaves_the_former_one(
    tmp_path: Path, synthetic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("the former one")

    def fill(draft: Path, content: bytes) -> None:
        draft.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(UsageError, match="No space left on device"):
        _call(report.VERB, "latest", "-o", path, "--store", synthetic)
    assert ("the former one", [path]) == (path.read_text(), list(tmp_path.iterdir()))


@pytest.fixture
def two(tmp_path: Path, build_run: Build, plan: Any) -> Path:
    """A store with a run, a less accurate one and one of another host."""
    path = tmp_path / "two.sqlite"
    build_run(path, replace(plan, id="base"))
    build_run(path, replace(plan, id="worse", accuracy=-0.2))
    build_run(path, replace(plan, id="elsewhere", host_key="host-b"))
    return path


def test_compare_exits_1_on_a_regression(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.REGRESSION == _call(compare.VERB, "base", "worse", "--store", two)
    assert "regression  lecture_cnn random>digits8 5 a class scratch" in capsys.readouterr().out


def test_compare_exits_0_where_nothing_regressed(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == _call(compare.VERB, "base", "base", "--store", two)
    assert "No cell differs: all 55 are fine." == capsys.readouterr().out.splitlines()[0]


def test_compare_says_where_both_are_the_same_run(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(compare.VERB, "base", "base", "--store", two)
    assert "base and head are the same run: base, 2026-01-02 03:04 UTC, " in capsys.readouterr().out


def test_compare_names_both_runs_and_their_host(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(compare.VERB, "base", "worse", "--store", two)
    base, head, host = capsys.readouterr().out.splitlines()[1:4]
    assert base.startswith("base: base, 2026-01-02 03:04 UTC, profile default, ")
    assert head.startswith("head: worse, 2026-01-02 03:04 UTC, profile default, ")
    assert host.startswith("both on ")


def test_compare_names_both_hosts_where_they_differ(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(compare.VERB, "base", "elsewhere", "--force", "--store", two)
    hosts = capsys.readouterr().out.splitlines()[3]
    assert hosts.startswith("base on ")
    assert "; head on host-b (" in hosts


def test_compare_refuses_another_host_with_exit_4(two: Path) -> None:
    with pytest.raises(NotComparable) as caught:
        _call(compare.VERB, "base", "elsewhere", "--store", two)
    assert Exit.NOT_COMPARABLE == caught.value.exit_code


def test_compare_says_what_force_ignores(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(compare.VERB, "base", "elsewhere", "--force", "--store", two)
    assert "ignored: the hosts differ" in capsys.readouterr().err


def test_compare_prints_json(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(compare.VERB, "base", "worse", "--format", "json", "--store", two)
    assert 55 == len(json.loads(capsys.readouterr().out))


def test_compare_refuses_a_tolerance_that_is_no_share(two: Path) -> None:
    with pytest.raises(UsageError, match="0 to 100 percent"):
        _call(compare.VERB, "base", "worse", "--tolerance", "-3", "--store", two)
