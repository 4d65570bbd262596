"""`evobench report` of two runs and of all, and what does not go together."""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.errors import Exit, StoreError, UnknownName, UsageError
from bench.store.database import Store
from reports.verbs import export, report
from tests.bench.strangers import NOT_IDS

Build = Callable[[Path, Any], Any]
BASE, OTHER = "20260102-030405-aaaa", "20260103-030405-bbbb"


def _call(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    report.VERB.configure(parser)
    return report.VERB.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def two(tmp_path: Path, build_run: Build, plan: Any) -> Path:
    """A store with a run and one of another host."""
    path = tmp_path / "two.sqlite"
    build_run(path, replace(plan, id=BASE))
    build_run(path, replace(plan, id=OTHER, host_key="host-b"))
    return path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("a", "b", "c"), "one run, or two to compare, not 3"),
        (("a", "--history"), "name none"),
        (("a", "--serve"), "name none"),
        (("--history", "--serve"), "shows the history already"),
        (("--port", "80"), "--port belongs to --serve"),
        (("--serve", "--port", "70000"), "0 to 65535"),
        (("--serve", "-o", "page.html"), "writes no file"),
        (("--serve", "--assets", "pages"), "writes no file"),
        (("-o", "page.html", "--assets", "pages"), "give one of them"),
        (("a", "--force"), "belong to a report of two runs"),
        (("--tolerance", "3"), "belong to a report of two runs"),
        (("a", "b", "--tolerance", "100"), "0 to 100 percent"),
    ],
)
def test_what_does_not_go_together_is_wrong_use(options: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _call(*options)


def test_a_page_that_cannot_be_written_is_told_before_it_is_made(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.page.document.compose", lambda *_: pytest.fail("it was made"))
    with pytest.raises(UsageError, match="is a folder"):
        _call(BASE, "--store", two, "-o", two.parent)


def test_the_page_of_two_runs_lies_with_the_second(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == _call(BASE, OTHER, "--store", two)
    path = two.parent / OTHER / f"compared-with-{BASE}.html"
    told = capsys.readouterr()
    assert (f"{path}\n", True) == (told.out, path.is_file())
    assert "speeds are not compared: the hosts differ" in told.err


@pytest.mark.parametrize("asked", [(BASE,), (BASE, OTHER), ("--history",)])
def test_assets_are_the_page_with_its_files_in_a_folder(
    two: Path, asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = two.parent / "pages"
    assert Exit.OK == _call(*asked, "--store", two, "--assets", folder)
    assert f"{folder / 'index.html'}\n" == capsys.readouterr().out
    assert {"page.css", "early.js", "page.js", "data.js"} <= {path.name for path in (folder / "files").iterdir()}


def test_what_force_ignores_is_told(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _call(BASE, OTHER, "--force", "-o", two.parent / "page.html", "--store", two)
    assert "ignored: the hosts differ" in capsys.readouterr().err


def test_a_second_run_that_is_not_there_is_wrong_use(two: Path) -> None:
    with pytest.raises(UnknownName, match="unknown run 'nobody'"):
        _call(BASE, "nobody", "--store", two)


def test_the_history_lies_beside_the_store_and_links_the_reports_there(two: Path) -> None:
    _call(BASE, "--store", two)
    _call("--history", "--store", two)
    page = (two.parent / "history.html").read_text(encoding="utf-8")
    assert f'<a href="{BASE}/report.html">' in page
    assert f'href="{OTHER}' not in page


def test_a_history_elsewhere_links_nothing(two: Path, tmp_path: Path) -> None:
    _call(BASE, "--store", two)
    _call("--history", "-o", tmp_path / "other" / "page.html", "--store", two)
    assert f'href="{BASE}' not in (tmp_path / "other" / "page.html").read_text(encoding="utf-8")


def test_the_page_of_an_empty_store_says_that_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store.create(path).close()
    assert [Exit.OK, Exit.OK] == [_call("--store", path), _call("--history", "--store", path)]
    for name in ("report.html", "history.html"):
        assert "This store holds no run yet" in (tmp_path / name).read_text(encoding="utf-8")


def test_a_run_that_an_empty_store_is_asked_for_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store.create(path).close()
    with pytest.raises(StoreError, match="holds no run yet"):
        _call("latest", "--store", path)


def test_a_run_that_still_goes_on_says_so(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, state="running"))
    _call("-o", tmp_path / "page.html", "--store", tmp_path / "s.sqlite")
    assert "still running, or killed" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_store_of_an_older_schema_has_its_report_and_its_history(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, plan)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE run DROP COLUMN content_version")
        db.execute("ALTER TABLE cell DROP COLUMN open")
        db.execute("ALTER TABLE cell DROP COLUMN due")
        db.execute("ALTER TABLE cell RENAME COLUMN sampling TO expected")
        db.execute("ALTER TABLE record DROP COLUMN host")
        for name in ("host", "images", "baseline", "picture", "verdict"):
            db.execute(f"DROP TABLE {name}")
        db.execute("PRAGMA user_version = 1")
    assert Exit.OK == _call("-o", tmp_path / "page.html", "--store", path)
    assert Exit.OK == _call("--history", "--store", path)


@pytest.mark.parametrize("name", NOT_IDS.values(), ids=NOT_IDS)
def test_a_run_whose_id_is_not_one_of_evobench_needs_an_output(
    tmp_path: Path, build_run: Build, plan: Any, name: str
) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, replace(plan, id=name, outcome="none"))
    with pytest.raises(UsageError, match="name one with --output"):
        _call("--store", path)
    assert Exit.OK == _call("-o", tmp_path / "page.html", "--store", path)


def test_export_refuses_an_empty_name_of_a_folder(two: Path) -> None:
    parser = argparse.ArgumentParser()
    export.VERB.configure(parser)
    with pytest.raises(UsageError, match="an empty text names no file and no folder"):
        parser.parse_args([BASE, "--store", str(two), "--csv", ""])


def test_a_file_may_have_a_name_as_long_as_the_disk_allows(two: Path) -> None:
    path = two.parent / f"{'n' * 250}.html"
    _call(BASE, "--store", two, "-o", path)
    assert path.is_file()


def test_export_refuses_a_form_of_figures_that_there_is_not(two: Path, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    export.VERB.configure(parser)
    options = [BASE, "--figures", "gif", str(tmp_path), "--store", str(two)]
    with pytest.raises(UsageError, match="svg, png, pdf and a folder, not 'gif'"):
        export.VERB.run(parser.parse_args(options))
