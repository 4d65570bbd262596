"""A run whose speeds come from several hosts: each figure is told with its host, and compared within it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Record
from bench.cli.main import main
from bench.compare.runs import OTHER_HOST
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.candidates.found import field_of
from reports.charts import draw, load_charts
from reports.ci.timings import run_as_pytest_benchmark
from reports.comparing.pairing import pair_up
from reports.highlights.cards import cards
from reports.history.overview import lines, read_history
from reports.hosts import short_names
from reports.page.document import render
from reports.tables import load_tables
from reports.tidy.frame import Frames, read, rows_of

Build = Callable[[Path, Any], Any]
OWN, FAR = "Example 9000", "Example 7000"
LATENCY = Cell("small", "latency", Cost(mode="infer", resolution=32))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, build_run: Build, whole_plan: Any) -> Path:
    """A store with one run, of which a second host measured some architectures."""
    path = tmp_path_factory.mktemp("store") / "hosts.sqlite"
    far = ("lenet5", "vgg16", "resnet34", "resnet152", "efficientnet_b0")
    build_run(path, replace(whole_plan, far=far))
    return path


@pytest.fixture(scope="module")
def two(store: Path) -> Frames:
    with Store.open(store) as opened:
        return read(opened, "latest")


def table(name: str, frames: Frames) -> list[dict[str, Any]]:
    return rows_of(load_tables().get(name).formatted(frames))


class TestTheNameOfAHost:
    def test_is_the_model_of_its_cpu_and_of_its_gpus(self) -> None:
        cpu = "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz"
        assert {"a": "Intel Xeon Platinum 8481C + NVIDIA H200"} == short_names(
            {"a": {"cpu": cpu, "gpus": ["NVIDIA H200"]}}
        )

    def test_has_the_beginning_of_its_key_where_another_is_of_the_same_model(self) -> None:
        host = {"cpu": "AMD EPYC 7B13 64-Core Processor"}
        assert {"abcd1": "AMD EPYC 7B13 (abcd)", "dcba1": "AMD EPYC 7B13 (dcba)", "e": "X"} == short_names(
            {"abcd1": host, "dcba1": host, "e": {"cpu": "X"}}
        )


class TestARunOnOneHost:
    def test_has_its_devices_by_their_own_names(self, frames: Frames) -> None:
        assert ({"cpu"}, (OWN,)) == (set(frames.records["device"]), frames.hosts)

    def test_has_no_column_for_hosts_in_any_table(self, frames: Frames) -> None:
        optional = {column.heading for item in load_tables() for column in item.columns if column.optional}
        of_hosts = {heading for heading in optional if "host" in heading.lower()}
        shown = {heading for item in load_tables() for heading in item.raw(frames).columns}
        assert (True, set()) == ("Host" in of_hosts, of_hosts & shown)


class TestARunOnSeveralHosts:
    def test_exports_the_host_of_each_record_beside_its_plain_device(self, two: Frames) -> None:
        found = two.plain_records.drop_duplicates(["architecture", "host"]).set_index("architecture")
        shown = {name: found.loc[name, "host"] for name in ("lecture_cnn", "lenet5")}
        assert ({"lecture_cnn": OWN, "lenet5": FAR}, {"cpu"}) == (shown, set(two.plain_records["device"]))
        assert {OWN, FAR} == set(two.attempts["host"])

    def test_tells_the_host_among_the_conditions_of_a_speed(self, two: Frames) -> None:
        found = {(row["Architecture"], row["Conditions"].partition("cpu of ")[2]) for row in table("speed", two)}
        assert {("alexnet", OWN), ("lenet5", FAR)} == {pair for pair in found if pair[0] in ("alexnet", "lenet5")}

    def test_tells_no_host_of_a_count(self, two: Frames) -> None:
        counted = two.records[two.records["measure"].isin(("parameters", "macs", "top1"))]
        assert {"cpu"} == set(counted["device"])

    def test_has_the_speeds_of_one_host_in_the_table_of_the_evolution(self, two: Frames) -> None:
        found = {row["Architecture"]: row for row in table("evolution", two)}
        assert f"elsewhere, on {FAR}" == found["lenet5"]["Latency"]
        assert "µs" in found["lecture_cnn"]["Latency"]
        assert {f"cpu of {OWN}"} == {row["Conditions"] for row in found.values()}

    def test_draws_the_speeds_of_one_host_and_names_it(self, two: Frames) -> None:
        figure = draw(load_charts().get("throughput_against_macs"), two)
        names = {name for trace in figure.data for name in (trace.text or ())}
        assert f"Images per second on {OWN} (log scale)" == figure.layout.yaxis.title.text
        assert ({"lecture_cnn"}, set()) == ({"lecture_cnn"} & names, {"lenet5", "vgg16"} & names)

    def test_draws_no_empty_row_for_the_memory_of_another_host(self, two: Frames) -> None:
        figure = draw(load_charts().get("peak_memory_by_architecture"), two)
        assert {"lenet5", "vgg16"}.isdisjoint(figure.layout.yaxis.categoryarray)

    def test_fits_the_growth_of_cost_within_a_host(self, two: Frames) -> None:
        found = [(row["Conditions"], row["n"]) for row in table("scaling", two) if row["Quantity"] == "latency"]
        assert [(f"cpu of {OWN}", "3"), (f"cpu of {FAR}", "2")] == found

    def test_draws_a_roof_for_each(self, two: Frames) -> None:
        figure = draw(load_charts().get("roofline_of_host"), two)
        roofs = [trace.name.partition(":")[0] for trace in figure.data if (trace.name or "").startswith("roof")]
        assert [f"roof, cpu of {OWN}", f"roof, cpu of {FAR}"] == roofs

    def test_has_no_ratio_of_latencies_of_two(self, two: Frames) -> None:
        found = {
            row["Architecture"]: (row["Latency on"], row["Latency ratio"]) for row in table("comparisons", two)
        }
        assert (f"cpu of {FAR}", "–") == found["resnet34"]
        assert (f"cpu of {OWN}", True) == (found["resnet18"][0], float(found["resnet18"][1]) > 1)

    def test_lets_one_choose_among_the_costs_of_one(self, two: Frames) -> None:
        field = field_of(two)
        own, far = (f"cpu of {name}" for name in (OWN, FAR))
        (lenet,) = (item for item in field.by_kind[field.kinds[0].name] if item.name == "lenet5")
        assert {own, far} == set(field.devices)
        assert (True, f"only of {FAR}") == (f"latency@{far}" in lenet.figures, lenet.lacks[f"latency@{own}"])

    def test_says_whose_speed_a_card_tells(self, two: Frames) -> None:
        (lenet,) = (card for card in cards(two) if card.name == "lenet5")
        assert {True} == {FAR in fact.note for fact in lenet.facts if fact.name in ("Latency", "Throughput")}

    def test_asks_which_host_a_device_is_of(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["recommend", "--device", "cpu", "--store", str(store)])
        assert f"name 'cpu of {OWN}' or 'cpu of {FAR}'" in capsys.readouterr().err

    def test_names_its_hosts_at_the_end_of_a_run(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["show", "--store", str(store)])
        assert f"speeds are of 2 hosts, and compare within one: {OWN}, {FAR}" in capsys.readouterr().out

    def test_has_a_page_that_says_what_each_measured(self, store: Path) -> None:
        with Store.open(store) as opened:
            page = render(opened, "latest")
        assert "Hosts of this run" in page
        assert f"{OWN}, 2 cores; {FAR}, 16 cores" in page
        assert f"which do not compare with this one: on {FAR} lenet5, vgg16, " in page

    def test_keeps_the_seconds_of_trainings_on_different_hosts_apart(self, two: Frames) -> None:
        found = {row["Architecture"]: row["Host"] for row in table("time_to_accuracy", two)}
        assert {"lecture_cnn": OWN, "lenet5": FAR, "resnet18": OWN} == found


def write(path: Path, run: str, *hosts: str, **details: object) -> None:
    """A run of one timed cell with a process on each of these hosts, which takes 1 s, 2 s, ..."""
    with Store.create(path) as store:
        begun = RunRow(run, f"2026-01-02T03:04:0{run}+00:00", "default", "", {"cpu": "X"}, "own", {})
        declared = Declaration("measure", "latency", {"name": "latency", "unit": "s", "better": "lower"})
        store.begin_run(
            replace(begun, further_hosts={"far": {"cpu": "Y"}}),
            [declared],
            [CellRow(LATENCY, ("cost",), 1.0, len(hosts))],
        )
        for i, host in enumerate(hosts):
            store.add_record(
                run,
                Record(
                    cell=LATENCY,
                    replicate=i,
                    status="ok",
                    unit="s",
                    values=(float(i + 1),),
                    details={"p99": 10.0 * (i + 1), **details},
                    host=host,
                ),
            )


class TestACellWithProcessesOnTwoHosts:
    def test_has_the_figure_of_the_host_of_most_and_says_so(self, tmp_path: Path) -> None:
        write(tmp_path / "s.sqlite", "1", "far", "", "")
        with Store.open(tmp_path / "s.sqlite") as store:
            (row,) = rows_of(read(store, "1").records)
        assert (2.5, 2, "X") == (row["value"], row["processes"], row["host"])
        assert "1 of 3 processes ran on another host and are left out" == row["warnings"]

    def test_has_the_details_of_the_processes_that_its_figure_is_of(self, tmp_path: Path) -> None:
        write(tmp_path / "s.sqlite", "1", "far", "", "")
        with Store.open(tmp_path / "s.sqlite") as store:
            (row,) = rows_of(read(store, "1").records)
        assert 25.0 == row["p99"]

    def test_is_exported_for_benchmarks_with_the_samples_of_one(self, tmp_path: Path) -> None:
        write(tmp_path / "s.sqlite", "1", "far", "", "")
        with Store.open(tmp_path / "s.sqlite") as store:
            (found,) = json.loads(run_as_pytest_benchmark(store, "1"))["benchmarks"]
        assert ([2.0, 3.0], "own") == (found["stats"]["data"], found["params"]["host"])

    def test_stands_in_the_history_once_a_run_by_the_host_of_most(self, tmp_path: Path) -> None:
        write(tmp_path / "s.sqlite", "1", "far", "", "")
        write(tmp_path / "s.sqlite", "2", "far", "far", "")
        with Store.open(tmp_path / "s.sqlite") as store:
            (line,) = lines(read_history(store, {}).medians["latency"])
        assert ({"1": 2.5, "2": 1.5}, {"1": "own", "2": "far"}) == (line.values, line.hosts)


def test_runs_with_the_same_hosts_compare_where_the_same_host_measured(tmp_path: Path) -> None:
    for run, host in (("1", ""), ("2", "far"), ("3", "own")):
        write(tmp_path / "s.sqlite", run, host)
    with Store.open(tmp_path / "s.sqlite") as store:
        apart, same = (pair_up(store, "1", head) for head in ("2", "3"))
    assert ("cpu: X and Y", OTHER_HOST) == (apart.hosts, apart.found[0].note)
    assert ("", True) == (same.hosts, same.found[0].note != OTHER_HOST)


def test_gpus_that_trainings_used_beside_a_timing_are_told(tmp_path: Path) -> None:
    write(tmp_path / "s.sqlite", "1", "", beside=["cuda:1", "cuda:2"])
    with Store.open(tmp_path / "s.sqlite") as store:
        frames = read(store, "1")
    (row,) = table("speed", frames)
    assert ("cuda:1; cuda:2", ["cuda:1; cuda:2"]) == (row["GPUs in use beside"], list(frames.records["beside"]))
