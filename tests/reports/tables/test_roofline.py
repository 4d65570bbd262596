"""The roofline as table and chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Record
from bench.declare.catalog import MEASURES, load_catalogs
from bench.run.snapshot import plain
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.charts import NoData, load_charts
from reports.drawing.scatter import UNKNOWN
from reports.output.files import as_markdown
from reports.tables import load_tables
from reports.tidy.frame import Frames, read

RUN = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {"cpu": "X"}, "host", {})
DETAILS: dict[str, Any] = {
    "macs": 500,
    "bytes": 10,
    "intensity": 100.0,
    "ridge": 20.0,
    "limit": "compute",
    "attainable": 0.5,
    "forward": 1.0,
    "matmul_rate": 2000.0,
    "copy_bandwidth": 100.0,
}
Read = Callable[..., Frames]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Read]:
    """Frames of a run with these records."""

    def build(*records: Record) -> Frames:
        cells = {record.cell.key: record.cell for record in records}
        declared = [
            Declaration("architecture", "net", {"name": "net", "family": "F"}),
            Declaration("measure", "roofline", plain(MEASURES.get("roofline"))),
        ]
        with Store.create(tmp_path / "s.sqlite") as store:
            store.begin_run(RUN, declared, [CellRow(cell, ("cost",), 1.0, 3) for cell in cells.values()])
            for record in records:
                store.add_record("r", record)
            return read(store, "r")

    load_catalogs()
    yield build


def record(process: int = 0, batch: int = 1, precision: str = "fp32", **details: Any) -> Record:
    cell = Cell("net", "roofline", Cost(mode="infer", resolution=224, batch=batch, precision=precision))
    whole = DETAILS | details
    value = whole["attainable"] / whole["forward"]
    return Record(cell=cell, replicate=process, status="ok", unit="1", values=(value,), details=whole)


def rows(frames: Frames) -> list[dict[str, Any]]:
    frame = load_tables().get("roofline").plain(frames)
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def drawn(frames: Frames) -> Any:
    return load_charts().get("roofline_of_host").build(frames)


def test_a_row_says_which_limit_binds_and_how_much_of_it_is_attained(run: Read) -> None:
    (row,) = rows(run(record()))
    assert ("compute", 50.0, 100.0) == (row["Limit"], row["Share attained"], row["Intensity"])


def test_the_attained_rate_is_two_flop_a_multiply_add_over_the_measured_time(run: Read) -> None:
    (row,) = rows(run(record()))
    assert (2 * 500 / 1.0, 2 * 500 / 0.5) == (row["Attained"], row["Roof"])


def test_the_rates_of_several_processes_are_their_medians(run: Read) -> None:
    (row,) = rows(run(*(record(i, matmul_rate=rate) for i, rate in enumerate((1000.0, 3000.0, 2500.0)))))
    assert 2500.0 == row["Matmul rate"]


def test_processes_that_find_different_limits_show_both(run: Read) -> None:
    (row,) = rows(run(record(0), record(1, limit="memory")))
    assert "compute; memory" == row["Limit"]


def test_a_roofline_that_failed_shows_its_status(run: Read) -> None:
    (row,) = rows(run(replace(record(), status="failed", values=(), details={}, reason="x")))
    assert "failed" == row["Status"]


def test_a_ball_stands_at_intensity_and_attained_rate(run: Read) -> None:
    ball = next(trace for trace in drawn(run(record())).data if trace.name == UNKNOWN)
    assert ((100.0,), (1000.0,)) == (ball.x, ball.y)


def test_the_roof_rises_with_bandwidth_up_to_the_ridge(run: Read) -> None:
    roof = next(trace for trace in drawn(run(record())).data if trace.mode == "lines")
    assert [min(2000.0, 100.0 * x) for x in roof.x] == list(roof.y)
    assert 20.0 == roof.x[1]


def test_every_condition_has_its_roof(run: Read) -> None:
    figure = drawn(run(record(), record(precision="bf16", matmul_rate=8000.0)))
    roofs = [trace for trace in figure.data if trace.mode == "lines"]
    assert [2000.0, 8000.0] == [roof.y[-1] for roof in roofs]
    assert 2 == len({roof.line.dash for roof in roofs})


def test_a_batch_stands_beside_the_name(run: Read) -> None:
    ball = next(trace for trace in drawn(run(record(batch=8))).data if trace.name == UNKNOWN)
    assert "net x 8" == ball.customdata[0][0]


def test_a_network_without_multiply_adds_is_not_drawn(run: Read) -> None:
    with pytest.raises(NoData, match="no MACs"):
        drawn(run(record(macs=0, intensity=0.0)))


LAUNCHED: dict[str, Any] = {"limit": "launching", "device_time": 0.25, "launching": 0.75}


def test_where_launching_is_the_limit_the_device_s_time_stands_beside_the_pass_s(run: Read) -> None:
    (row,) = rows(run(record(**LAUNCHED)))
    assert ("launching", 0.25, 75.0) == (row["Limit"], row["Device time"], row["Launching"])


def test_where_launching_is_the_limit_the_share_is_said_to_be_of_the_device_s_roof(run: Read) -> None:
    ball = next(trace for trace in drawn(run(record(**LAUNCHED))).data if trace.name == UNKNOWN)
    assert "50.0 % of what arithmetic and memory allow, limited by launching" in str(ball.customdata)


def test_on_a_cpu_no_column_of_launching_is_written(run: Read) -> None:
    text = as_markdown(load_tables().get("roofline"), run(record()))
    assert ("Launching" in text.partition("|")[2], "Device time" in text, "Ridge" in text) == (False, False, True)
