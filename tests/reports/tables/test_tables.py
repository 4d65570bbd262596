"""What the tables show."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.store.database import Store
from reports.output.brief import brief_table
from reports.output.files import as_markdown, write_tables
from reports.output.terminal import summary_of
from reports.tables import Table, load_tables
from reports.tidy.frame import Frames, read

Build = Callable[[Path, Any], Any]
GOLDEN = Path(__file__).parents[1] / "golden_evolution.md"


def _row(frames: Frames, table: str, architecture: str) -> dict[str, Any]:
    shown = load_tables().get(table).formatted(frames)
    return {str(k): v for k, v in shown[shown["Architecture"] == architecture].iloc[0].items()}


def test_the_evolution_table_of_a_small_run_reads_as_agreed(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    with Store.open(tmp_path / "s.sqlite") as store:
        text = as_markdown(load_tables().get("evolution"), read(store, "small"))
    assert GOLDEN.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("table", ["evolution", "counts", "accuracy_and_cost"])
def test_parameters_beside_multiply_adds_are_those_of_an_inference_and_auxiliary_heads_stand_apart(
    frames: Frames, table: str
) -> None:
    row = _row(frames, table, "googlenet")
    assert ("6.62 M", "6.38 M") == (row["Parameters"], row["Auxiliary heads"])


def test_a_run_without_auxiliary_heads_has_no_column_of_them(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=plan.lineages[:3]))
    with Store.open(tmp_path / "s.sqlite") as store:
        frames = read(store, "small")
    assert "Auxiliary heads" not in load_tables().get("counts").formatted(frames)


def test_an_architecture_without_a_year_has_none_in_the_lineage(frames: Frames) -> None:
    assert "" == _row(frames, "lineage", "lecture_cnn")["Year"]


def test_the_lineage_has_both_years(frames: Frames) -> None:
    row = _row(frames, "lineage", "googlenet")
    assert ("2014", "2015") == (row["Year"], row["Venue year"])


def test_the_evolution_keeps_the_order_of_the_plan(frames: Frames) -> None:
    shown = load_tables().get("evolution").formatted(frames)
    assert ["lecture_cnn", "lenet5", "alexnet", "googlenet", "vgg16"] == list(shown["Architecture"][:5])


@pytest.mark.parametrize(
    ("status", "architecture", "column"),
    [
        ("oom", "efficientnet_b6", "Training step"),
        ("timeout", "vit_b_16", "Training step"),
        ("failed", "swin_t", "Latency"),
        ("unsupported", "vgg11_reduced", "Peak memory, inference"),
        ("left out (time)", "efficientnet_b7", "Throughput"),
    ],
)
def test_a_missing_figure_shows_its_status_in_its_place(
    frames: Frames, status: str, architecture: str, column: str
) -> None:
    assert status == _row(frames, "evolution", architecture)[column]


def test_raw_columns_carry_their_unit_and_si_values(frames: Frames) -> None:
    raw = load_tables().get("evolution").raw(frames)
    memory = raw[raw["Architecture"] == "resnet50"]["Peak memory, inference (B)"].iloc[0]
    assert 132_240_000 == memory


def test_an_architecture_without_published_errors_shows_a_dash(frames: Frames) -> None:
    assert "–" == _row(frames, "evolution", "lenet5")["Top-1 error, published"]


def test_a_scenario_that_stayed_at_chance_did_not_start(frames: Frames) -> None:
    shown = load_tables().get("scenarios").formatted(frames)
    stalled = shown[shown["Started"] == "did not start"]
    assert [("lenet5", "scratch", "digits")] == list(
        zip(stalled["Architecture"], stalled["Mode"], stalled["Augmentation"], strict=True)
    )


def test_a_scenario_names_its_n_and_its_interval(frames: Frames) -> None:
    row = _row(frames, "scenarios", "resnet18")
    assert ("3", "95 %, t over 3 trainings") == (row["n"], row["Interval"])


def test_pretraining_is_higher_in_every_row_of_the_synthetic_run(frames: Frames) -> None:
    shown = load_tables().get("over_networks").plain(frames)
    told = shown.loc[shown["Comparison"] == "Pretraining", "Higher in"]
    assert ["9 of 9", "6 of 6", "3 of 3"] == list(told)


def test_one_pair_decides_nothing(tmp_path: Path, build_run: Build, plan: Any) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, plan)
    with Store.open(path) as store:
        keys = [row.cell.key for row in store.cells("small") if getattr(row.cell.scenario, "seed", 0) > 0]
        store.connection.db.executemany("DELETE FROM record WHERE cell = ?", [(key,) for key in keys])
        shown = load_tables().get("augmentation_effect").formatted(read(store, "small"))
    assert [("1", "undecided")] * 2 == list(zip(shown["n"], shown["Answer"], strict=True))


def test_an_answer_is_one_of_four_words(frames: Frames) -> None:
    shown = load_tables().get("augmentation_effect").formatted(frames)
    assert {"helps", "hurts", "no difference", "undecided"} >= set(shown["Answer"])


@pytest.mark.parametrize("outcome", ["failed", "none"])
@pytest.mark.parametrize("item", load_tables(), ids=lambda item: item.name)
def test_every_table_can_be_shown_where_nothing_was_measured(
    tmp_path: Path, build_run: Build, plan: Any, outcome: str, item: Table
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome=outcome))
    with Store.open(tmp_path / "s.sqlite") as store:
        text = as_markdown(item, read(store, "small"))
    assert f"# {item.title}" == text.splitlines()[0]


def test_the_terminal_shows_every_brief_table_within_80_columns(frames: Frames) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    for name in ("evolution", "scenarios"):
        console.print(brief_table(load_tables().get(name), frames))
    console.print(summary_of(frames))
    text = console.export_text()
    assert "efficientnet_lite0" in text
    assert 80 >= max(map(len, text.splitlines()))


def test_every_table_that_has_rows_is_written_raw_and_formatted(
    tmp_path: Path, synthetic: Path, frames: Frames
) -> None:
    with Store.open(synthetic) as store:
        written = write_tables(store, "latest", tmp_path / "tables")
    names = [item.name for item in load_tables() if len(item.plain(frames))]
    assert {f"{name}.{form}" for name in names for form in ("csv", "md")} == {p.name for p in written}
    assert "tuning" not in names


def test_a_table_that_has_no_rows_any_more_leaves_no_file_behind(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    for name, outcome in (("first", "failed"), ("second", "mixed")):
        build_run(tmp_path / name, replace(plan, outcome=outcome, lineages=plan.lineages[:3]))
        with Store.open(tmp_path / name) as store:
            write_tables(store, "latest", tmp_path / "tables")
        assert (outcome == "failed") == (tmp_path / "tables" / "failures.csv").exists()
