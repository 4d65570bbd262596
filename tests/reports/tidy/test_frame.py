"""What the frames say of what is stored."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.store.database import Store
from reports.tidy.frame import TABLES, Frames, read, rows_of

Build = Callable[[Path, Any], Any]
SIZED = sorted(TABLES - {"run", "audit", "counts_from", "lessons"})


def _only(frames: Frames, architecture: str, measure: str, mode: str) -> Any:
    rows = frames.records[
        (frames.records["architecture"] == architecture)
        & (frames.records["measure"] == measure)
        & (frames.records["mode"] == mode)
    ]
    assert 1 == len(rows)
    return rows.iloc[0]


def _read(path: Path, name: str = "latest") -> Frames:
    with Store.open(path) as store:
        return read(store, name)


def test_every_planned_cell_is_a_row_whatever_became_of_it(frames: Frames) -> None:
    assert 24 * 7 + 72 + 8 + 3 + 2 * 3 == len(frames.records)


def test_a_planned_cell_without_a_record_was_left_out_where_the_run_is_complete(frames: Frames) -> None:
    assert "left out (time)" == _only(frames, "efficientnet_b7", "throughput", "infer")["status"]


def test_a_planned_cell_without_a_record_is_not_run_where_the_run_was_cut(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="none", state="budget"))
    assert {"not run"} == set(_read(tmp_path / "s.sqlite").records["status"])


def test_a_failed_cell_keeps_its_reason(frames: Frames) -> None:
    row = _only(frames, "swin_t", "latency", "infer")
    assert ("failed", "RuntimeError: expected 3 channels, got 1") == (row["status"], row["reason"])


def test_the_figure_of_one_process_is_its_median_with_the_quantiles_of_its_samples(
    frames: Frames, synthetic: Path
) -> None:
    row = _only(frames, "resnet50", "latency", "infer")
    with Store.open(synthetic) as store:
        samples = sorted(store.samples(row["run"], row["key"], 0))
    assert (samples[9] + samples[10]) / 2 == pytest.approx(row["value"])
    assert "p5..p95 of samples" == row["interval"]
    assert samples[0] < row["low"] < row["value"] < row["high"] < samples[-1]


def test_the_figure_of_several_processes_is_the_median_of_their_medians(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, processes=3))
    frames = _read(tmp_path / "s.sqlite")
    row = _only(frames, "alexnet", "latency", "infer")
    medians = sorted(frames.attempts[frames.attempts["key"] == row["key"]]["median"])
    assert medians[1] == pytest.approx(row["value"])
    assert ("95 %, process medians", 3, 60) == (row["interval"], row["processes"], row["n"])


def test_an_accuracy_is_the_share_of_right_images_with_wilsons_interval(frames: Frames) -> None:
    row = frames.measured("top1", architecture="resnet18", mode="scratch", augmentation="none", seed=0).iloc[0]
    assert 360 == row["n"]
    assert round(row["value"] * 360) == pytest.approx(row["value"] * 360)
    assert "95 %, Wilson over test images" == row["interval"]


def test_a_count_has_no_interval(frames: Frames) -> None:
    row = _only(frames, "resnet18", "parameters", "infer")
    assert (11_690_000, "") == (row["value"], row["interval"])


def test_a_reused_record_names_the_run_that_measured_it(frames: Frames) -> None:
    assert "20251231-000000" == _only(frames, "resnet34", "macs", "infer")["reused_from"]


def test_a_training_at_chance_did_not_start(frames: Frames) -> None:
    rows = frames.measured("top1", architecture="lenet5", mode="scratch", augmentation="digits")
    assert [False] * 3 == list(rows["did_start"])


def test_a_published_error_carries_its_protocol_and_source(frames: Frames) -> None:
    row = frames.published[(frames.published["architecture"] == "vgg16")].iloc[0]
    assert ("10-crop", "weights IMAGENET1K_V1", 28.07) == (row["protocol"], row["source"], row["value"])


def _lineage_of(path: Path, **written: object) -> Frames:
    """A run whose first architecture is declared with these fields, None: without the field."""
    with Store.open(path) as store:
        (content,) = store.connection.db.execute(
            "SELECT content FROM declaration WHERE kind='architecture' AND name='alexnet'"
        ).fetchone()
        kept = {**json.loads(content), **written}
        text = json.dumps({name: value for name, value in kept.items() if value is not None})
        store.connection.db.execute(
            "UPDATE declaration SET content=? WHERE kind='architecture' AND name='alexnet'", (text,)
        )
        return read(store, "small")


def test_an_older_run_has_no_years_of_venues(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    frames = _lineage_of(tmp_path / "s.sqlite", venue_year=None)
    row = next(row for row in rows_of(frames.architectures) if row["name"] == "alexnet")
    assert (2012, True) == (row["year"], pd.isna(row["venue_year"]))


def test_an_older_run_wrote_the_year_0_where_none_is_known(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    frames = _lineage_of(tmp_path / "s.sqlite", year=0)
    tables = (frames.architectures, frames.published, frames.records)
    keys = ("name", "architecture", "architecture")
    assert [True] * 3 == [
        table.loc[table[key] == "alexnet", "year"].isna().all() for table, key in zip(tables, keys, strict=True)
    ]


def test_an_older_run_wrote_the_side_of_a_crop_behind_its_protocol(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    figure = {"quantity": "top1_error", "value": 40.0, "source": "a table", "protocol": "single crop, 224 px"}
    frames = _lineage_of(tmp_path / "s.sqlite", published=[figure])
    assert ["single crop"] == list(frames.published.loc[frames.published["value"] == 40.0, "protocol"])


def test_coverage_counts_each_suite_by_status(frames: Frames) -> None:
    counts = frames.coverage.set_index("suite").loc["evolution"].to_dict()
    bad = {"failed": 1, "oom": 2, "timeout": 1, "unsupported": 2}
    assert {"planned": 168, "ok": 161, **bad, "not run": 0, "left out (time)": 1} == counts


def test_a_cell_of_which_one_process_failed_has_a_figure_and_says_so(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, replace(plan, processes=2))
    with Store.open(path) as store:
        key = next(row.cell.key for row in store.cells("small") if row.cell.measure == "latency")
        store.connection.db.execute(
            "UPDATE record SET status='oom', reason='full' WHERE cell=? AND replicate=1", (key,)
        )
        frames = read(store, "small")
    row = frames.records[frames.records["key"] == key].iloc[0]
    assert ("ok", "1 of 2 processes: oom: full", 1) == (row["status"], row["reason"], row["processes"])


def test_a_run_without_cells_reads_as_empty_frames(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=(), learners=()))
    frames = _read(tmp_path / "s.sqlite")
    assert (0, 0, 0) == (len(frames.records), len(frames.coverage), len(frames.curves))


def test_showing_a_run_loads_no_torch_and_no_suites(synthetic: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from bench.store.database import Store; from reports.page.document import render\n"
        f"with Store.open(Path({str(synthetic)!r})) as store: render(store, 'latest')\n"
        "print(sorted({'torch', 'torchvision', 'suites'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_importing_reports_is_light() -> None:
    code = "import sys, reports, reports.verbs.show; print({'pandas', 'plotly'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "set()" == done.stdout.strip()


def test_a_table_is_made_when_it_is_asked_for(synthetic: Path) -> None:
    frames = _read(synthetic)
    assert set() == TABLES & vars(frames).keys()
    assert len(frames.failures)
    assert {"details", "records", "plain_records", "decided", "hosts"} == TABLES & vars(frames).keys()


def test_every_table_can_be_asked_for_when_the_store_is_gone(
    frames: Frames, synthetic: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copy(synthetic, tmp_path))
    kept = _read(copied)
    copied.unlink()
    assert [len(getattr(frames, name)) for name in SIZED] == [len(getattr(kept, name)) for name in SIZED]


def test_a_changed_run_keeps_its_other_tables(frames: Frames) -> None:
    changed = frames.changed(records=frames.records.iloc[:1])
    assert (1, len(frames.attempts)) == (len(changed.records), len(changed.attempts))
    assert len(frames.records) > 1
