"""Tables as verbs print them."""

import argparse
import csv
import io
import json
from pathlib import Path

import pytest

from bench.cli.verb import DEFAULT_STORE, add_format, add_store, emit
from bench.text.markdown import markdown

COLUMNS = ("architecture", "parameters", "error")
ROWS = [("resnet18", 11689512, 30.242000000000004), ("a|b", 7, None)]


def printed(capsys: pytest.CaptureFixture[str], form: str) -> str:
    emit(COLUMNS, ROWS, form, "Title")
    return capsys.readouterr().out


def test_json_is_a_list_of_objects_at_full_precision(capsys: pytest.CaptureFixture[str]) -> None:
    expected = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    assert expected == json.loads(printed(capsys, "json"))


def test_csv_keeps_full_precision_and_leaves_what_is_missing_empty(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.reader(io.StringIO(printed(capsys, "csv"))))
    assert [list(COLUMNS), ["resnet18", "11689512", "30.242000000000004"], ["a|b", "7", ""]] == rows


def test_markdown_escapes_what_would_end_a_cell() -> None:
    table = "| architecture | parameters | error |\n| --- | --- | --- |\n"
    table += "| resnet18 | 11689512 | 30.24 |\n| a\\|b | 7 |  |\n"
    assert table == markdown(COLUMNS, ROWS)


def test_a_table_for_people_has_its_title_and_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "table")
    assert ["Title", "architecture", "resnet18", "a|b"] == [line.split()[0] for line in text.splitlines()]


def test_square_brackets_are_printed_and_not_taken_for_a_style(capsys: pytest.CaptureFixture[str]) -> None:
    emit(("name",), [("[red]danger[/red]",)], "table")
    assert "[red]danger[/red]" in capsys.readouterr().out


def test_a_table_without_rows_is_its_header() -> None:
    assert "| name |\n| --- |\n" == markdown(("name",), [])


def test_every_verb_reads_the_same_store_unless_told_otherwise() -> None:
    parser = argparse.ArgumentParser()
    add_store(parser)
    assert DEFAULT_STORE == parser.parse_args([]).store
    assert Path("other.sqlite") == parser.parse_args(["--store", "other.sqlite"]).store


def test_an_unknown_format_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_format(parser)
    with pytest.raises(SystemExit, match=r"^2$"):
        parser.parse_args(["--format", "xml"])
    assert "invalid choice: 'xml'" in capsys.readouterr().err


def _store_of(*words: str) -> object:
    parser = argparse.ArgumentParser()
    add_store(parser)
    return parser.parse_args(words).store


def test_a_link_to_a_store_is_that_store_whose_locks_and_artifacts_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real" / "s.sqlite")
    assert tmp_path / "real" / "s.sqlite" == _store_of("--store", str(tmp_path / "link"))


def test_a_store_in_a_folder_that_is_a_link_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert tmp_path / "link" / "s.sqlite" == _store_of("--store", str(tmp_path / "link" / "s.sqlite"))
