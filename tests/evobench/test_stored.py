"""Stored runs in a notebook: what is loaded, listed, drawn and compared, and what is wrong is one line."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

import evobench
from bench.cli.main import main
from bench.store.database import Store
from bench.store.rows import Baseline
from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES

SMALL = Plan(id="20260101-010101-aaaa", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False)
LATER = replace(SMALL, id="20260102-010101-bbbb", slowdown=2.0, processes=5)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, the earlier of which is a baseline."""
    path = tmp_path_factory.mktemp("stored") / "runs.sqlite"
    write_run(path, replace(SMALL, processes=5))
    write_run(path, LATER)
    with Store.create(path) as made:
        made.baselines.save(Baseline("main", SMALL.id, "2026-01-02T03:04:05+00:00"))
    return path


@pytest.fixture(scope="module")
def run(store: Path) -> evobench.Run:
    return evobench.load("latest", store)


@pytest.mark.parametrize(
    ("name", "expected"), [("latest", LATER.id), (LATER.id, LATER.id), ("20260101", SMALL.id), ("main", SMALL.id)]
)
def test_a_run_is_loaded_by_its_id_its_beginning_a_baseline_or_as_the_latest(
    store: Path, name: str, expected: str
) -> None:
    assert expected == evobench.load(name, str(store)).id


def test_the_store_may_be_named_by_a_text_or_a_path(store: Path) -> None:
    assert evobench.load("main", store).store == evobench.load("main", str(store)).store


def test_a_run_is_shown_in_one_line(run: evobench.Run) -> None:
    assert f"<Run {LATER.id}: complete, " in repr(run)
    assert 1 == len(repr(run).splitlines())


def test_a_notebook_shows_the_summary_and_the_first_rows_of_the_main_tables(run: evobench.Run) -> None:
    shown = run._repr_html_()
    assert f"<strong>Run {LATER.id}: complete, profile default" in shown
    assert "<code>run.tables[&quot;evolution&quot;]</code>" in shown


def test_records_have_one_row_a_planned_cell_in_si_units(run: evobench.Run) -> None:
    latencies = run.records.query("measure == 'latency'")
    assert {"s"} == set(latencies["unit"])
    assert latencies["value"].between(1e-6, 10).all()


def test_changing_a_frame_of_a_run_changes_nothing_else(run: evobench.Run) -> None:
    del run.records["value"]
    del run.tables["evolution"]["Architecture"]
    assert "value" in run.records
    assert "Architecture" in run.tables["evolution"]


def test_changing_the_values_of_a_table_in_place_changes_no_later_table(store: Path) -> None:
    run = evobench.load("latest", store)
    before = {name: frame.copy() for name, frame in run.tables.items()}
    for frame in run.tables.values():
        for heading in frame:
            frame[heading].array[:] = frame[heading].array[::-1].copy()
    changed = [name for name, frame in before.items() if not frame.equals(run.tables[name])]
    assert [] == changed


def test_tables_are_frames_with_units_in_their_headings(run: evobench.Run) -> None:
    assert {"Architecture", "Input (px)", "Latency (s)"} <= set(run.tables["evolution"].columns)


def test_the_tables_that_are_listed_have_rows(run: evobench.Run) -> None:
    assert "evolution" in run.tables
    assert [] == [name for name in run.tables if not len(run.tables[name])]


def test_a_table_without_rows_has_its_headings_and_is_not_listed(run: evobench.Run) -> None:
    assert "quadrants" not in run.tables
    found = run.tables["quadrants"]
    assert (0, True) == (len(found), len(found.columns) > 0)


def test_a_misspelt_table_gets_the_nearest_name(run: evobench.Run) -> None:
    with pytest.raises(evobench.UnknownName, match=r"^unknown table 'evolutoin'; did you mean 'evolution'[?]$"):
        run.tables["evolutoin"]


def test_what_a_run_does_not_have_can_be_asked_for_as_of_any_mapping(run: evobench.Run) -> None:
    assert (None, None) == (run.tables.get("nothing"), run.figures.get("roofline_of_host_of_mars"))
    assert None is run.figures.get("lesson_figures")


def test_every_figure_that_is_listed_is_drawn_in_the_style_of_the_report(run: evobench.Run) -> None:
    assert "evolution" in run.figures
    figure = run.figures["evolution"]
    assert isinstance(figure, go.Figure)
    assert "white" == figure.layout.template.layout.paper_bgcolor


def test_a_figure_without_data_says_what_is_missing(run: evobench.Run) -> None:
    assert "augmentation_rates" not in run.figures
    with pytest.raises(
        evobench.NoData, match=r"^figure 'augmentation_rates': this run measured no augmentation_rate$"
    ):
        run.figures["augmentation_rates"]


def test_changing_a_figure_changes_no_other(run: evobench.Run) -> None:
    run.figures["evolution"].update_layout(title="Mine")
    assert None is run.figures["evolution"].layout.title.text


def test_a_run_is_compared_with_a_baseline_a_verdict_a_cell(run: evobench.Run) -> None:
    found = run.compare("main")
    assert ["cell", "measure", "unit", "base", "head", "ratio"] == list(found.columns)[:6]
    slower = found[found["measure"] == "latency"]
    assert {"regression"} == set(slower["verdict"])
    assert 2.0 == pytest.approx(slower["ratio"].median(), rel=0.2)


def test_a_run_is_compared_with_another_that_is_loaded(store: Path, run: evobench.Run) -> None:
    pd.testing.assert_frame_equal(run.compare("main"), run.compare(evobench.load("main", store)))


def test_a_larger_tolerance_lets_more_pass(run: evobench.Run) -> None:
    count = [(run.compare("main", tolerance=percent)["verdict"] == "regression").sum() for percent in (5, 99)]
    assert count[0] > count[1]


@pytest.mark.parametrize("percent", [-1, 100])
def test_a_tolerance_is_a_share_in_percent(run: evobench.Run, percent: float) -> None:
    with pytest.raises(evobench.UsageError, match=f"^tolerance takes 0 to 100 percent, not {percent}$"):
        run.compare("main", tolerance=percent)


def test_runs_of_two_hosts_are_compared_only_by_force_and_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    write_run(path, SMALL)
    write_run(path, replace(LATER, host_key="host-b", processes=1))
    head = evobench.load("latest", path)
    with pytest.raises(evobench.NotComparable, match="speeds of different hosts"):
        head.compare(SMALL.id)
    with pytest.warns(UserWarning, match=r"^ignored: the hosts differ"):
        assert len(head.compare(SMALL.id, force=True))


def test_a_run_of_another_store_is_to_be_brought_here_first(run: evobench.Run, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    write_run(other, SMALL)
    with pytest.raises(evobench.UsageError, match=f"^run {SMALL.id} is in another store: evobench import "):
        run.compare(evobench.load("latest", other))


def test_a_run_is_described_beside_the_file_of_a_reference_run(run: evobench.Run, tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    assert 0 == main(["export", SMALL.id, "--store", str(run.store), "--reference", str(file)])
    found = run.compare(file)
    assert ["cell", "architecture", "measure", "unit", "reference", "run", "found"] == list(found.columns)[:7]
    with pytest.raises(evobench.UsageError, match=r"^a reference run is described, not judged: leave force out$"):
        run.compare(file, force=True)


def test_a_file_of_a_reference_run_that_is_not_there_is_one_line(run: evobench.Run) -> None:
    with pytest.raises(evobench.StoreError, match=r"^there is no reference run 'nowhere.json'$"):
        run.compare("nowhere.json")


def test_runs_are_listed_with_their_baselines_and_moments(store: Path) -> None:
    found = evobench.runs(store)
    assert [(SMALL.id, "main"), (LATER.id, "")] == list(zip(found["id"], found["baseline"], strict=True))
    assert isinstance(found["started"].dtype, pd.DatetimeTZDtype)


def test_a_store_without_runs_lists_none(tmp_path: Path) -> None:
    Store.create(tmp_path / "empty.sqlite").close()
    found = evobench.runs(tmp_path / "empty.sqlite")
    assert (0, "id") == (len(found), found.columns[0])


def test_a_run_that_is_not_there_and_a_store_that_is_not_there_are_one_line(store: Path, tmp_path: Path) -> None:
    with pytest.raises(evobench.UnknownName, match=r"^unknown run 'mian'; did you mean 'main'[?]$"):
        evobench.load("mian", store)
    with pytest.raises(evobench.StoreError, match=r"^no store at '.*nowhere': measure first"):
        evobench.load(store=tmp_path / "nowhere")
