"""The verb `run` with `--dry-run`: the plan and its expected time, and nothing else."""

import re
from pathlib import Path

import pytest

from bench.cli.main import main


def test_a_dry_run_shows_the_plan_with_its_expected_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--suite", "evolution", "--arch", "resnet18", "--measure", "latency", "--batch", "1,8"]
    assert 0 == main(["run", "--dry-run", "--format", "csv", "--store", str(tmp_path / "s.sqlite"), *options])
    heading, row, whole = capsys.readouterr().out.splitlines()
    assert "suite,measure,cells,processes,seconds,known from" == heading
    assert "evolution,latency,2,6," == row[: row.index(",6,") + 3]
    assert whole.startswith("all,,2,6,")


def test_people_read_the_expected_time_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "--dry-run", "--suite", "evolution", "--arch", "lenet5", "--store", str(tmp_path / "s.sqlite")])
    shown = capsys.readouterr()
    heading, *rows = shown.out.splitlines()
    assert ["suite", "measure", "cells", "processes", "expected", "known", "from"] == heading.split()
    assert re.search(r"\d+ (s|min)$", rows[-1])
    assert re.fullmatch(r"about \d+ (s|min), \d+ cells in .+; nothing is missing", shown.err.splitlines()[-1])


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    main(["run", "--dry-run", "--suite", "zoo", "--store", str(tmp_path / "new" / "s.sqlite")])
    assert [] == list(tmp_path.iterdir())


def test_a_dry_run_knows_kept_figures_and_the_time_of_cells_that_were_measured_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "s.sqlite"
    what = ["--suite", "evolution", "--arch", "lenet5", "--measure", "latency", "--measure", "parameters"]
    assert 0 == main(["run", "--store", str(store), *what, "--no-report"])
    main(["run", "--dry-run", "--format", "csv", "--store", str(store), *what])
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert {"parameters": "kept", "latency": "history"} == {row[1]: row[-1] for row in rows[1:-1]}


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    """What a dry run ends with."""
    return capsys.readouterr().err.splitlines()[-1]


def test_a_dry_run_ends_with_its_time_in_words_and_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--arch", "lenet5", "--target", "cifar10", "--mode", "scratch", "--seeds", "1", "--measure", "top1"]
    assert 0 == main(["run", "--dry-run", "--lanes", "1", "--store", str(tmp_path / "s.sqlite"), *options])
    told = f"1 cell in 1 lane; missing: data cifar10 (--download fetches it into {tmp_path / 'data'})"
    time, comma, rest = last_line(capsys).partition(", ")
    assert (told, ", ") == (rest, comma)
    assert re.fullmatch(r"about (\d+ (s|min)|\d+ h \d\d min)", time), time


def test_a_dry_run_says_that_nothing_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--suite", "evolution", "--arch", "lenet5", "--measure", "parameters", "--lanes", "1"]
    assert 0 == main(["run", "--dry-run", "--store", str(tmp_path / "s.sqlite"), *options])
    assert "under 1 s, 1 cell in 1 lane; nothing is missing" == last_line(capsys)


def test_a_plan_tells_people_times_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--suite", "evolution", "--arch", "lenet5", "--measure", "latency"]
    assert 0 == main(["run", "--dry-run", "--store", str(tmp_path / "s.sqlite"), *options])
    heading, row, _ = capsys.readouterr().out.splitlines()
    assert ["suite", "measure", "cells", "processes", "expected", "known", "from"] == heading.split()
    assert row.split()[5] in ("s", "1", "min")
