"""The tables of cost: speed, memory, energy, variation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import BEST, Cell, Cost, Record
from bench.declare.catalog import MEASURES, load_catalogs
from bench.run.snapshot import plain as as_data
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.tables import load_tables
from reports.tidy.frame import Frames, read

INFER = Cost(mode="infer", resolution=224)
TRAIN = Cost(mode="train", resolution=224, batch=8)
RUN = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {"cpu": "X"}, "host", {})
Show = Callable[..., dict[str, Any]]


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """The only row of a table of a run with these records: as words, or as plain values.

    Of a measure the details are declared as the installed one declares them.
    """

    def row(table: str, *records: Record, plain: bool = False) -> dict[str, Any]:
        load_catalogs()
        with Store.create(tmp_path / "s.sqlite") as store:
            cells = {record.cell.key: record.cell for record in records}
            planned = [CellRow(cell, ("cost",), 1.0, 3) for cell in cells.values()]
            measured = dict.fromkeys(record.cell.measure for record in records)
            declared = [Declaration("measure", name, as_data(MEASURES.get(name))) for name in measured]
            declared.append(Declaration("architecture", "net", {"name": "net", "family": "F"}))
            store.begin_run(RUN, declared, planned)
            for record in records:
                store.add_record("r", record)
            frames: Frames = read(store, "r")
        item = load_tables().get(table)
        frame = item.plain(frames) if plain else item.formatted(frames)
        (only,) = frame.to_dict("records")
        return {str(name): value for name, value in only.items()}

    load_catalogs()
    yield row


def record(
    measure: str = "latency",
    values: Sequence[float] = (0.01, 0.02, 0.03),
    where: Cost = INFER,
    unit: str = "s",
    process: int = 0,
    **details: Any,
) -> Record:
    cell = Cell("net", measure, where)
    return Record(
        cell=cell,
        replicate=process,
        status="ok",
        unit=unit,
        values=tuple(values),
        details=details,
        started=RUN.started,
    )


def test_a_latency_has_its_median_quantiles_and_first_call(show: Show) -> None:
    row = show("speed", record(values=(0.01, 0.02, 0.03), first_call=0.5, p99=0.029))
    assert ("latency", "20.0 ms", "11.0 ms", "29.0 ms", "29.0 ms", "500 ms") == tuple(
        row[name].partition(" [")[0] for name in ("Figure", "Median", "p5", "p95", "p99", "First call")
    )


def test_the_device_s_own_time_stands_beside_that_of_a_call(show: Show) -> None:
    told = record(device_time=0.005, launching=0.75, bound_by="launching")
    row = show("speed", told)
    assert ("5.00 ms", "75.0 %", "launching") == (row["On the device"], row["Launching"], row["Bound by"])


def test_the_rate_of_passes_that_are_not_waited_for_stands_beside_a_throughput(show: Show) -> None:
    row = show("speed", record("throughput", (400.0,), unit="1/s", queued=440.0))
    assert "440/s" == row["Queued"]


def test_images_a_second_are_the_batch_over_the_median(show: Show) -> None:
    assert "400/s" == show("speed", record(where=replace(INFER, batch=8)))["Images a second"]


def test_a_throughput_is_shown_as_the_time_of_its_batch_too(show: Show) -> None:
    where = replace(INFER, batch=8)
    row = show("speed", record("throughput", (200.0, 400.0, 800.0), where, "1/s"), plain=True)
    assert (0.02, 400.0) == (row["Median"], row["Images a second"])
    assert row["p5"] < row["Median"] < row["p95"]


def test_the_best_batch_is_named(show: Show) -> None:
    row = show("speed", record("throughput", (400.0,), replace(INFER, batch=BEST), "1/s", best_batch=32))
    assert ("best batch", "224 px, batch 32", "400/s") == (
        row["Figure"],
        row["Conditions"],
        row["Images a second"],
    )


def test_conditions_name_what_is_not_plain(show: Show) -> None:
    where = replace(INFER, precision="bf16", memory_format="channels_last", execution="compiled", device="cuda")
    where = replace(where, autotune=True)
    assert (
        "224 px, batch 1, bf16, channels_last, compiled, autotuned, cuda"
        == show("speed", record(where=where))["Conditions"]
    )


def test_variation_is_told_within_and_between_processes(show: Show) -> None:
    rows = [record(values=(m * 0.9, m, m * 1.1), process=i) for i, m in enumerate((1.0, 1.0, 4.0))]
    shown = show("variation", *rows, plain=True)
    assert pytest.approx(9.0) == shown["Within"]
    assert pytest.approx(100 * 3**0.5 / 2) == shown["Between"]


def test_one_process_tells_nothing_of_others(show: Show) -> None:
    assert "–" == show("variation", record())["Between"]


def test_a_noisy_cell_says_what_disturbed_it(show: Show) -> None:
    rows = [record(process=0), record(process=1, noisy=["5 % of the cores' time was stolen"])]
    assert "5 % of the cores' time was stolen" == show("variation", *rows)["Noisy"]


def test_what_ended_the_sampling_is_told_once_for_all_processes(show: Show) -> None:
    rows = [record(process=i, ended="time limit reached") for i in range(3)]
    assert "time limit reached" == show("variation", *rows)["Sampling ended"]


def test_a_training_step_is_split_into_the_medians_of_its_parts(show: Show) -> None:
    parts = {"forward": [0.1, 0.2, 0.9], "backward": [0.4], "optimizer": [0.01]}
    row = show("training_parts", record("train_step", (0.6,), TRAIN, parts=parts))
    assert ("200 ms", "400 ms", "10.0 ms", "2") == (
        row["Forward"],
        row["Backward"],
        row["Optimizer"],
        row["Backward over forward"],
    )


def test_measured_and_predicted_memory_stand_side_by_side(show: Show) -> None:
    parts = {"parameters": 100e6, "gradients": 50e6, "optimizer": 100e6, "activations": 600e6, "temporary": 5e6}
    measured = record("peak_memory", (900e6,), TRAIN, "B", reserved=950e6)
    row = show("memory", measured, record("predicted_memory", (855e6,), TRAIN, "B", parts=parts))
    assert ("900 MB", "950 MB", "855 MB", "600 MB", "5.00 MB") == (
        row["Measured peak"],
        row["Reserved"],
        row["Predicted peak"],
        row["Activations"],
        row["Other"],
    )


def test_energy_that_cannot_be_read_shows_why(show: Show) -> None:
    unreadable = replace(record("energy", (), INFER, "J"), status="unsupported", reason="no counter is readable")
    row = show("energy_and_size", unreadable, record("file_size", (102e6,), INFER, "B"))
    assert ("unsupported", "no counter is readable", "102 MB") == (row["Energy"], row["Reason"], row["File"])


ENERGY: dict[str, Any] = {
    "power": 410.0,
    "idle_watts": 71.0,
    "idle_seconds": 1.02,
    "uncertainty": 0.004,
    "celsius_before": 40,
    "celsius_after": 63,
}


def test_energy_has_its_power_beside_the_idle_one_and_what_it_may_be_off_by(show: Show) -> None:
    row = show("energy_and_size", record("energy", (0.25,), INFER, "J", **ENERGY))
    assert ("250 mJ", "410 W", "71 W", "1.02 s", "0.4 %", "40 °C", "63 °C") == tuple(
        row[name]
        for name in (
            "Energy",
            "Power",
            "Idle power",
            "Idle watched",
            "Off by at most",
            "Temperature before",
            "Temperature after",
        )
    )


def test_what_cublas_keeps_stands_beside_the_measured_peak(show: Show) -> None:
    where = replace(INFER, device="cuda")
    measured = record("peak_memory", (40e6,), where, "B", workspaces=33.6e6, device_growth=120e6)
    row = show("memory", measured)
    assert ("40.0 MB", "33.6 MB", "120 MB") == tuple(
        row[name] for name in ("Measured peak", "Kept by cuBLAS", "Device has less")
    )
