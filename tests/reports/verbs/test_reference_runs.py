"""A reference run through the command line: written by export, described by compare, shown by show and report."""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

import evobench
from bench.cli.verb import Verb
from bench.errors import Exit, NotComparable, StoreError, UsageError
from bench.store.database import Store
from reports.verbs import compare, export, report, show
from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES

BASE = Plan(id="theirs", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False, processes=3)
HEAD = replace(BASE, id="ours", host_key="host-b", slowdown=2.0, seed=1)


def call(verb: Verb, *arguments: object) -> int:
    parser = argparse.ArgumentParser()
    verb.configure(parser)
    return verb.run(parser.parse_args([str(argument) for argument in arguments]))


def exported(folder: Path, plan: Plan = BASE) -> Path:
    write_run(folder / "theirs.sqlite", plan)
    path = folder / "theirs.json"
    call(export.VERB, "--reference", path, "--store", folder / "theirs.sqlite")
    return path


@pytest.fixture
def reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A reference run of another machine."""
    path = exported(tmp_path)
    assert f"{path}\n" == capsys.readouterr().out
    return path


def compared(tmp_path: Path, reference: Path, plan: Plan, *options: str) -> int:
    store = tmp_path / "ours.sqlite"
    if not store.exists():
        write_run(store, plan)
    return call(compare.VERB, reference, "latest", "--store", store, *options)


def test_a_run_is_equal_to_its_own_reference_run(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Exit.OK == call(compare.VERB, reference, "latest", "--store", tmp_path / "theirs.sqlite")
    said = capsys.readouterr().out
    assert "Counts: all 9 are equal." in said
    assert "Speeds: this machine takes 1.00 times as long in the median of 4 networks, 1.00 (" in said
    assert "Both were measured on one machine" in said


def test_speeds_of_another_host_are_ratios_and_are_not_judged(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Exit.OK == compared(tmp_path, reference, HEAD)
    said = capsys.readouterr().out
    assert "speeds are told as ratios and not judged" in said
    median = float(said.partition("this machine takes ")[2].split()[0])
    assert 2.0 == pytest.approx(median, rel=0.1)
    assert not any(word in said for word in ("regression", "improvement", "fine", "undecided"))


def test_counts_that_differ_are_told_and_exit_with_1(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = reference.read_text()
    line = next(line for line in text.splitlines() if '"measure":"parameters"' in line)
    reference.write_text(text.replace(line, line.replace('"figures":[1,', '"figures":[1,1')))
    assert Exit.REGRESSION == compared(tmp_path, reference, HEAD)
    assert "Counts: 1 of 9 differ.\n" in capsys.readouterr().out


def test_cells_are_paired_whatever_their_threads(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = reference.read_text()
    reference.write_text(text.replace('"mode":"infer"', '"mode":"infer","threads":16'))
    compared(tmp_path, reference, HEAD, "--all")
    said = capsys.readouterr().out
    assert "Counts: all 9 are equal." in said
    assert "16 and 1 threads" in said


def test_cells_with_several_numbers_of_threads_are_paired_by_their_own(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = reference.read_text()
    lines = [line.rstrip(",") for line in text.splitlines() if '"measure":"latency"' in line and "cost" in line]
    cells = [line for line in lines if line.startswith('{"architecture"')]
    for line in cells:
        both = [line.replace('"mode":"infer"', f'"mode":"infer","threads":{number}') for number in (4, 8)]
        text = text.replace(line, ",\n".join(both))
    reference.write_text(text)
    compared(tmp_path, reference, HEAD, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (len(cells) > 0, []) == (True, [row for row in rows if row["measure"] == "latency"])


def test_accuracies_are_equal_within_or_outside_the_interval(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(tmp_path, reference, replace(HEAD, seed=BASE.seed, accuracy=-0.3))
    said = capsys.readouterr().out
    assert " outside (lecture_cnn " in said
    assert "0 equal" in said


def test_csv_has_a_row_a_cell_and_factors_turn_rates(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(tmp_path, reference, HEAD, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    rate = next(row for row in rows if row["measure"] == "throughput")
    assert float(rate["reference"]) / float(rate["run"]) == pytest.approx(float(rate["factor"]))
    assert float(rate["factor_low"]) < float(rate["factor"]) < float(rate["factor_high"])


def test_runs_without_a_cell_in_common_do_not_compare(tmp_path: Path, reference: Path) -> None:
    others = replace(HEAD, lineages=LINEAGES[6:8], learners=())
    with pytest.raises(NotComparable, match="have no figure in common"):
        compared(tmp_path, reference, others)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("none.json", None, "there is no reference run"),
        ("list.json", "[]", "is not a reference run"),
        ("torn.json", '{"evobench": "reference run", "format": 1', "is damaged: Expecting"),
        ("ours.sqlite", None, "is a store: bring its runs into yours"),
    ],
)
def test_what_is_no_reference_run_gives_one_line(tmp_path: Path, name: str, text: str | None, why: str) -> None:
    write_run(tmp_path / "ours.sqlite", HEAD)
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(StoreError, match=why) as fault:
        call(compare.VERB, tmp_path / name, "latest", "--store", tmp_path / "ours.sqlite")
    assert Exit.USAGE == fault.value.exit_code
    assert "\n" not in str(fault.value)


def test_what_belongs_to_a_judgement_is_refused(tmp_path: Path, reference: Path) -> None:
    with pytest.raises(UsageError, match="described, not judged"):
        compared(tmp_path, reference, HEAD, "--force")


def test_a_reference_run_has_the_tables_of_its_run(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = []
    for store in (tmp_path / "theirs.sqlite", reference):
        call(show.VERB, "latest", "--table", "evolution", "--format", "markdown", "--store", store)
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]


def test_a_reference_run_has_a_report(tmp_path: Path, reference: Path) -> None:
    assert Exit.OK == call(report.VERB, "--store", reference, "-o", tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size


def test_a_whole_run_of_the_lecture_fits_into_the_file(tmp_path: Path) -> None:
    path = exported(tmp_path, Plan(processes=3))
    with Store.open(path) as store:
        assert 1 == len(store.runs())
    assert 200_000 > path.stat().st_size


@pytest.mark.parametrize("loaded", [False, True])
def test_a_notebook_gets_the_same_description_as_a_frame(tmp_path: Path, reference: Path, loaded: bool) -> None:
    write_run(tmp_path / "ours.sqlite", HEAD)
    ours = evobench.load("latest", store=tmp_path / "ours.sqlite")
    frame = ours.compare(evobench.load("latest", store=reference) if loaded else str(reference))
    assert {"equal", "within", "described"} >= set(frame["found"])
    assert 2.0 == pytest.approx(frame.loc[frame["measure"] == "latency", "factor"].median(), rel=0.1)
