"""What a terminal shows of a run."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.store.database import Store
from reports.highlights.findings import findings
from reports.output.brief import brief_table
from reports.output.terminal import records_table, summary_of, tables_of
from reports.tables import load_tables
from reports.tidy.frame import Frames, read
from tests.reports.lineages import LINEAGES

Build = Callable[[Path, Any], Any]
TEN_CROPS = replace(LINEAGES[2], protocol="10-crop")


def text_of(shown: Any, width: int = 80) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(shown)
    return console.export_text()


def brief(name: str, frames: Frames, width: int = 80) -> str:
    return text_of(brief_table(load_tables().get(name), frames), width)


@pytest.fixture
def built(tmp_path: Path, build_run: Build) -> Callable[..., Frames]:
    """Writes a run, changes its store, and reads it."""

    def _built(plan: Any, *statements: str) -> Frames:
        build_run(tmp_path / "s.sqlite", plan)
        with Store.open(tmp_path / "s.sqlite") as store:
            for statement in statements:
                store.connection.db.execute(statement)
            return read(store, plan.id)

    return _built


def test_ratios_of_macs_and_latency_have_room_on_a_narrow_terminal(frames: Frames) -> None:
    assert "ratio" in brief("comparisons", frames)
    assert "Latency ratio" not in brief("comparisons", frames).partition("not shown")[2]


def test_a_wide_terminal_shows_every_column_of_the_comparisons(frames: Frames) -> None:
    text = brief("comparisons", frames, 200)
    assert "not shown" not in text
    assert "Parameters ratio" in text


def test_a_published_error_says_so_and_marks_another_protocol(built: Callable[..., Frames], plan: Any) -> None:
    text = " ".join(brief("evolution", built(replace(plan, lineages=(*LINEAGES[:2], TEN_CROPS)))).split())
    assert "publ." in text
    assert "% a" in text
    assert "a: 10-crop" in text


def test_a_column_without_any_figure_makes_room_and_is_named(built: Callable[..., Frames], plan: Any) -> None:
    found = built(plan, "DELETE FROM cell WHERE content LIKE '%train_step%'")
    assert "no figures of: Training step" in brief("evolution", found, 120)


def test_records_are_few_columns_that_can_be_read(frames: Frames) -> None:
    lines = text_of(records_table(frames)).splitlines()
    assert ["cell", "figure", "status", "n", "processes"] == lines[2].split()
    assert "lecture_cnn parameters infer" in lines[3]
    assert lines[3].split()[-5:] == ["28.9", "k", "ok", "1", "1"]


def test_few_architectures_make_no_finding_of_published_figures(built: Callable[..., Frames], plan: Any) -> None:
    assert () == tuple(found for found in findings(built(replace(plan, learners=()))) if "ublished" in found.text)


def test_a_finding_speaks_of_architectures_that_this_run_measured(built: Callable[..., Frames], plan: Any) -> None:
    measured = built(replace(plan, lineages=LINEAGES, learners=()))
    (best,) = [found.text for found in findings(measured) if "is the most accurate network" in found.text]
    name = next(name for name in measured.architectures["name"] if f" {name} is the most" in best)
    records = measured.records
    without = measured.changed(records=records[records["architecture"] != name])
    assert name not in " ".join(found.text for found in findings(without))


def test_a_run_says_how_many_figures_it_took_over(built: Callable[..., Frames], plan: Any) -> None:
    assert "5 taken over from earlier runs" in text_of(summary_of(built(plan)))


@pytest.mark.parametrize(
    ("suite", "tables"), [("counts", ["counts"]), ("blocks", ["comparisons"]), ("evolution", ["evolution"])]
)
def test_a_suite_is_shown_by_its_own_table(
    built: Callable[..., Frames], plan: Any, suite: str, tables: list[str]
) -> None:
    whole = replace(plan, lineages=LINEAGES, learners=())
    found = built(whole, f"UPDATE cell SET suites = '{suite}'")
    assert tables == [item.name for item in tables_of(found)]


def test_blocks_of_which_no_two_sides_were_measured_are_shown_as_architectures(
    built: Callable[..., Frames], plan: Any
) -> None:
    one = replace(plan, lineages=LINEAGES[:1], learners=())
    assert ["evolution"] == [item.name for item in tables_of(built(one, "UPDATE cell SET suites = 'blocks'"))]


def test_a_table_that_is_not_shown_whole_says_in_its_heading_of_how_many_rows(frames: Frames) -> None:
    text = text_of(brief_table(load_tables().get("evolution"), frames, 5))
    assert "Evolution: the lowest error of each year, 5 of 24 rows (--table evolution)" in text
