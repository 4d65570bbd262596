"""A count that lacks an operator is a lower bound, and marked so wherever it stands."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.store.database import Store
from reports.charts import load_charts
from reports.figures import for_people, in_words
from reports.highlights.cards import cards
from reports.output.latex import as_latex
from reports.page.document import render
from reports.tables import load_tables
from reports.tidy.frame import Frames, read, rows_of
from reports.verbs.recommend import VERB

LACKING = "mine::proj"
MARKED = {"incomplete": [LACKING], "agreement": f"no: neither counts {LACKING}"}
NAME = "resnet18"
Build = Callable[[Path, Any], Any]


@pytest.fixture
def store(tmp_path: Path, build_run: Any, plan: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a run whose counts of one architecture lack an operator."""
    usual = build_run.__globals__["values_of"]

    def lacking(cell: Cell, *others: Any) -> tuple[tuple[float, ...], dict[str, Any]]:
        values, details = usual(cell, *others)
        marked = cell.architecture == NAME and cell.measure in ("macs", "roofline")
        return values, details | (MARKED if marked else {})

    monkeypatch.setitem(build_run.__globals__, "values_of", lacking)
    path = tmp_path / "runs.sqlite"
    whole = type(plan)(id="small", learners=(), augmented=False)
    # without those that beat it in all respects
    lineages = tuple(item for item in whole.lineages if item.family not in ("EfficientNet", "GoogLeNet"))
    build_run(path, replace(whole, lineages=lineages))
    return path


@pytest.fixture
def incomplete(store: Path) -> Frames:
    with Store.open(store) as opened:
        return read(opened, "small")


def words(frames: Frames, table: str, column: str = "Architecture") -> list[dict[str, Any]]:
    """The formatted rows of the architecture."""
    return [row for row in rows_of(load_tables().get(table).formatted(frames)) if row[column] == NAME]


@pytest.mark.parametrize("table", ["counts", "evolution", "accuracy_and_cost", "comparisons"])
def test_tables_mark_it(incomplete: Frames, table: str) -> None:
    rows = words(incomplete, table)
    assert [True] * len(rows) == [str(row["MACs"]).startswith("≥ ") for row in rows if row["MACs"] != "–"]
    assert rows


def test_other_figures_are_not_marked(incomplete: Frames) -> None:
    shown = load_tables().get("evolution").formatted(incomplete)
    others = shown[shown["Architecture"] != NAME]
    assert not others.astype(str).apply(lambda column: column.str.contains("≥")).any(axis=None)
    assert "≥" not in str(words(incomplete, "evolution")[0]["Parameters"])


def test_the_table_of_counts_names_the_operators(incomplete: Frames) -> None:
    assert [f"no: neither counts {LACKING}"] == [row["Counters agree"] for row in words(incomplete, "counts")]


def test_raw_tables_say_that_it_is_a_lower_bound(incomplete: Frames) -> None:
    raw = load_tables().get("counts").raw(incomplete).set_index("Architecture")
    assert "at least" == raw.loc[NAME, "MACs bound"]


def test_records_hold_the_bound_and_the_operators(incomplete: Frames) -> None:
    record = incomplete.measured("macs", architecture=NAME).iloc[0]
    assert ("at least", LACKING) == (record["bound"], record["incomplete"])
    assert in_words(for_people(incomplete.measured("macs", architecture=NAME)))[0].startswith("≥ ")


def test_latex_marks_it(incomplete: Frames) -> None:
    text = as_latex(load_tables().get("evolution"), incomplete)
    (line,) = (line for line in text.splitlines() if line.startswith(f"{NAME} &"))
    assert r"& $\ge$ " in line


def test_what_follows_from_it_on_a_roofline_is_marked_too(incomplete: Frames) -> None:
    (row, *_) = words(incomplete, "roofline")
    assert ["≥", "≥", "≥"] == [row[name][:1] for name in ("Intensity", "Share attained", "Attained")]


def test_a_ratio_of_figures_of_which_one_lacks_a_part_is_not_told(incomplete: Frames) -> None:
    assert {"–"} == {row["MACs ratio"] for row in words(incomplete, "comparisons")}


def test_growth_that_was_fitted_to_it_is_called_incomplete(incomplete: Frames) -> None:
    quantities = set(load_tables().get("scaling").formatted(incomplete)["Quantity"])
    assert "MACs, incomplete" in quantities and "MACs" not in quantities


def test_it_lies_on_no_front(incomplete: Frames) -> None:
    assert not any("MACs" in row["On the front of"] for row in words(incomplete, "accuracy_and_cost"))


def test_the_card_marks_it_and_names_the_operators(incomplete: Frames) -> None:
    (card,) = (card for card in cards(incomplete) if card.name == NAME)
    (fact,) = (fact for fact in card.facts if fact.name == "Multiply-adds")
    assert (True, True) == (fact.value.startswith("≥ "), fact.note.endswith(f", without {LACKING}"))


@pytest.mark.parametrize(
    "chart", ["parameters_and_macs_against_year", "throughput_against_macs", "published_accuracy_against_cost"]
)
def test_charts_mark_it_where_one_points_at_it(incomplete: Frames, chart: str) -> None:
    text = json.dumps(load_charts().get(chart).build(incomplete).to_plotly_json(), default=str, ensure_ascii=False)
    assert "≥ " in text


def test_the_report_marks_it(store: Path) -> None:
    with Store.open(store) as opened:
        page = render(opened, "small")
    assert "≥ " in page and LACKING in page


def test_recommend_marks_it_for_people_and_for_programs(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    VERB.configure(parser)
    asked = ["--store", str(store), "--max-parameters", "12M", "--min-top1", "0.6"]
    VERB.run(parser.parse_args([*asked, "--format", "json"]))
    bounds = {row["architecture"]: row["lower_bounds"] for row in json.loads(capsys.readouterr().out)}
    assert "macs" == bounds[NAME]
    VERB.run(parser.parse_args(asked))
    assert "≥ 1.81 G" in capsys.readouterr().out
