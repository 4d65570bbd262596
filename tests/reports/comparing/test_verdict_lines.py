"""Verdicts on the terminal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.compare.causes.difference import Cause
from bench.compare.verdict import Comparison, Verdict
from bench.declare.nature import Nature
from reports.comparing.verdict_lines import outcome, tell, words
from tests.bench.compare.judgements import ERRATIC

SLOWER = Comparison(
    cell="net latency infer 32px b1",
    measure="latency",
    unit="s",
    nature=Nature.TIME,
    base=0.0100,
    head=0.0105,
    ratio=1.05,
    low=1.04,
    high=1.06,
    verdict="regression",
    note="9 pairs",
    pairs=9,
    band=0.012,
)
EXPLAINED = replace(
    SLOWER,
    causes=(
        Cause("layer", "block (Block), Python outside operators", 0.0001, 0.000575, "s", 0.95),
        Cause("layer", "3 (Conv2d)", None, 0.00003, "s", 0.06),
        Cause("operator", "Python outside operators", 0.0002, 0.000675, "s", 0.95),
    ),
)
FINE = replace(SLOWER, verdict="fine", ratio=1.0, note="9 pairs: 3 % slower is excluded")


def test_a_verdict_takes_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    tell([SLOWER], "table", everything=False)
    assert [
        "1 of 1 cell differs: 1 regression.",
        "regression  net latency infer 32px b1",
        "            10.0 ms → 10.5 ms, ratio 1.050 [1.040, 1.060], 9 pairs; base against itself ±1.2 %",
    ] == capsys.readouterr().out.splitlines()


def test_what_is_fine_is_told_only_where_all_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    tell([FINE], "table", everything=False)
    assert "No cell differs: all 1 are fine.\n" == capsys.readouterr().out
    tell([FINE], "table", everything=True)
    assert "\nfine        net latency" in capsys.readouterr().out


PICTURE = [
    "            base ▂█▄▁····················",
    "            head ▃█▃▁··············▁▃▂▁▁· 1.90 ms to 3.70 ms",
    "            modes of head: 2.00 ms, and 3.50 ms of 30 % of the values",
]


def test_a_head_that_is_erratic_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    tell([ERRATIC], "table", everything=False)
    _, first, _, *picture = capsys.readouterr().out.splitlines()
    assert ("erratic     resnet50 latency infer 224px b1", PICTURE) == (first, picture)


def test_what_is_fine_and_has_two_modes_is_told_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tell([replace(ERRATIC, verdict="fine")], "table", everything=False)
    assert PICTURE == capsys.readouterr().out.splitlines()[3:]


def test_what_has_one_mode_and_no_new_spread_is_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert ERRATIC.spread is not None
    quiet = replace(ERRATIC.spread, head=ERRATIC.spread.base, erratic=False)
    tell([replace(ERRATIC, verdict="regression", spread=quiet)], "table", everything=False)
    assert 3 == len(capsys.readouterr().out.splitlines())


def test_the_verdicts_are_counted_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    tell([SLOWER, FINE], "csv", everything=False)
    assert "1 of 2 cells differs: 1 regression; 1 fine.\n" == capsys.readouterr().err


def test_the_outcome_is_told_before_what_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    tell([SLOWER], "table", everything=False, sides=["base: one", "head: two"])
    assert ["base: one", "head: two"] == capsys.readouterr().out.splitlines()[1:3]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "No cell was compared."),
        (["fine", "fine"], "No cell differs: all 2 are fine."),
        (["undecided", "fine"], "No cell is known to differ: 1 undecided, 1 fine."),
        (["improvement", "regression", "regression"], "3 of 3 cells differ: 2 regressions, 1 improvement."),
        (["changed", "fine", "undecided"], "1 of 3 cells differs: 1 changed; 1 undecided, 1 fine."),
    ],
)
def test_the_outcome_is_a_sentence(verdicts: list[Verdict], expected: str) -> None:
    assert expected == outcome([replace(SLOWER, verdict=verdict) for verdict in verdicts])


def not_run(number: int) -> list[Comparison]:
    bare = replace(SLOWER, base=None, head=None, ratio=None, low=None, high=None, pairs=None, band=None)
    return [
        replace(bare, cell=f"net{i}", key=f"k{i}", verdict="undecided", note="not run in both")
        for i in range(number)
    ]


def test_many_cells_with_nothing_to_tell_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    tell(not_run(5), "table", everything=False)
    expected = ["undecided   5 cells: not run in both", "            net0, net1, net2 and 2 more"]
    assert expected == capsys.readouterr().out.splitlines()[1:]


@pytest.mark.parametrize(("number", "everything"), [(3, False), (5, True)])
def test_a_few_cells_with_nothing_to_tell_or_all_that_are_asked_for_are_told_each(
    capsys: pytest.CaptureFixture[str], number: int, everything: bool
) -> None:
    tell(not_run(number), "table", everything=everything)
    assert 1 + 2 * number == len(capsys.readouterr().out.splitlines())


def test_json_has_every_cell_raw(capsys: pytest.CaptureFixture[str]) -> None:
    tell([SLOWER, FINE], "json", everything=False)
    assert [0.0105, 0.0105] == [row["head"] for row in json.loads(capsys.readouterr().out)]


def test_a_reason_of_several_lines_is_told_on_one(capsys: pytest.CaptureFixture[str]) -> None:
    tell([replace(SLOWER, note="failed: one\n::error::two")], "table", everything=False)
    assert 3 == len(capsys.readouterr().out.splitlines())


def test_the_interval_of_an_accuracy_is_not_one_of_its_ratio() -> None:
    lost = replace(
        SLOWER, nature=Nature.SHARE, unit="1", base=0.9, head=0.8, ratio=0.889, low=-0.12, high=-0.08, band=None
    )
    assert "0.889" == words(lost)[3]


def test_why_a_change_is_accepted_is_told_beside_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    item = replace(SLOWER, key="a1")
    tell([item], "table", everything=False, accepted={"a1": "a wider stem"})
    told = capsys.readouterr()
    outcome, first, second = told.out.splitlines()
    assert "1 of 1 cell differs: 1 regression (1 accepted)." == outcome
    assert "regression  net latency infer 32px b1" == first
    assert "accepted: a wider stem; 9 pairs" in second
    tell([item, FINE], "json", everything=False, accepted={"a1": "a wider stem"})
    assert ["a wider stem", None] == [row["accepted"] for row in json.loads(capsys.readouterr().out)]


def test_of_several_jobs_each_line_and_row_names_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    item = replace(SLOWER, job="py3.11")
    tell([item], "table", everything=False)
    assert "regression  py3.11: net latency infer 32px b1" == capsys.readouterr().out.splitlines()[1]
    tell([item], "csv", everything=False)
    header, row = capsys.readouterr().out.splitlines()
    assert ("job,cell", "py3.11,net latency") == (header[:8], row[:18])


def test_what_explains_a_verdict_stands_beneath_it(capsys: pytest.CaptureFixture[str]) -> None:
    tell([EXPLAINED], "table", everything=False)
    assert [
        "            95 % layer block (Block), Python outside operators: 100 µs → 575 µs",
        "            6 % layer 3 (Conv2d): none → 30.0 µs",
        "            95 % operator Python outside operators: 200 µs → 675 µs",
    ] == capsys.readouterr().out.splitlines()[3:]


def test_on_a_narrow_terminal_a_cause_goes_on_beneath_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.comparing.verdict_lines.sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    tell([EXPLAINED], "table", everything=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert "                operators: 100 µs → 575 µs" in lines


def test_data_have_what_explains_a_verdict_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    tell([EXPLAINED], "json", everything=False)
    (row,) = json.loads(capsys.readouterr().out)
    assert row["causes"].startswith("95 % layer block (Block), Python outside operators: ")
