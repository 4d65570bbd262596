"""What planned cells are expected to take, by each thing that it can be known from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import FunctionType

import pytest

from bench.cell import Cell, Cost, Learning, Record, Samples
from bench.declare.artifact import Artifact
from bench.declare.catalog import ARCHITECTURES, measure
from bench.declare.declarations import Planned
from bench.machine.rates import ESTIMATE, RATES, Rates
from bench.run.forecast import Basis, Forecast, lines, total_seconds
from bench.run.model.networks import Networks
from bench.run.model.seconds import Model
from bench.run.plan import PlanStep
from bench.store.database import CellRow, RunRow, Store, Timing

CELL = Cell("net", "peak_memory", Cost(mode="infer", resolution=100))
LARGER = replace(CELL, scenario=Cost(mode="infer", resolution=100, batch=8))
OTHER = replace(CELL, architecture="other")
TIMED = replace(CELL, measure="latency")
ON_GPU = replace(CELL, scenario=Cost(mode="infer", resolution=100, device="cuda"))
SCRATCH = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
)
TRAINED = Cell("net", "top1", SCRATCH)
OTHER_SEED = replace(TRAINED, scenario=replace(SCRATCH, seed=3))


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    def latency(subject: object, clock: object) -> Samples:
        raise AssertionError("a forecast measures nothing")

    def named(name: str) -> Callable[[object, object], Samples]:
        return FunctionType(latency.__code__, {}, name)

    measure(unit="s", better="lower")(latency)
    measure(unit="B", better="lower")(named("peak_memory"))
    measure(unit="1", nature="count", better="lower", repeats="anywhere")(named("macs"))
    measure(unit="1", nature="share", better="higher", kind="learning", repeats="host")(named("top1"))


def by_model(cell: Cell, sampling: float = 0.0) -> float:
    return Model().seconds(Planned(cell, sampling))


def after(cell: Cell, seconds: float | Iterable[float], sampling: float = 0.0) -> Forecast:
    """A forecast of a host on which the cell has taken so long."""
    all_of_them = [seconds] if isinstance(seconds, float) else list(seconds)
    return Forecast([Timing(cell, one, sampling, None) for one in all_of_them])


def record(cell: Cell, seconds: float = 1.0, *values: float) -> Record:
    return Record(cell=cell, replicate=0, status="ok", unit="1", seconds=seconds, values=values)


def test_without_history_it_is_what_the_model_says_for_all_processes() -> None:
    found = Forecast().expected(Planned(CELL, replicates=3))
    assert "estimate" == found.basis
    assert pytest.approx(3 * by_model(CELL)) == found.seconds


def test_a_cell_with_a_history_takes_the_median_of_it() -> None:
    found = after(CELL, [3.0, 5.0, 100.0]).expected(Planned(CELL, replicates=2))
    assert (10.0, "history") == (found.seconds, found.basis)


def test_a_cell_that_may_sample_longer_than_before_takes_longer() -> None:
    assert pytest.approx(7.0) == after(TIMED, 3.0, sampling=6.0).seconds(Planned(TIMED, 10.0))


def test_another_seed_of_the_same_training_takes_as_long() -> None:
    found = after(TRAINED, 2.5).expected(Planned(OTHER_SEED))
    assert (2.5, "other seeds") == (found.seconds, found.basis)


@pytest.mark.parametrize(("cell", "basis"), [(LARGER, "network"), (OTHER, "measure")])
def test_what_is_alike_takes_what_the_model_says_times_how_this_host_has_kept_to_it(
    cell: Cell, basis: Basis
) -> None:
    found = after(CELL, 3 * by_model(CELL)).expected(Planned(cell))
    assert basis == found.basis
    assert pytest.approx(3 * by_model(cell)) == found.seconds


def test_the_same_network_tells_more_than_others() -> None:
    known = after(CELL, 3 * by_model(CELL))
    known.learn(record(OTHER, 9 * by_model(OTHER)))
    assert pytest.approx(3 * by_model(LARGER)) == known.seconds(Planned(LARGER))


def test_what_a_cpu_has_taken_says_nothing_of_a_gpu() -> None:
    assert pytest.approx(by_model(ON_GPU)) == after(CELL, 100.0).seconds(Planned(ON_GPU))


def test_a_record_is_learned_from() -> None:
    known = Forecast()
    known.learn(record(CELL, 7.0))
    assert 7.0 == known.seconds(Planned(CELL))


@pytest.mark.parametrize(
    "told", [replace(record(CELL, 7.0), status="failed"), replace(record(CELL, 7.0), reused_from="another run")]
)
def test_what_was_not_measured_took_no_time_that_tells_anything(told: Record) -> None:
    known = Forecast()
    known.learn(told)
    assert pytest.approx(by_model(CELL)) == known.seconds(Planned(CELL))


def test_a_count_tells_the_work_of_its_network_even_where_it_was_taken_over() -> None:
    known = Forecast()
    counted = record(replace(CELL, measure="macs"), 1.0, 9e9)
    known.learn(replace(counted, reused_from="another run", details={"layers": [{}, {}]}))
    work = known.model.networks.work("net", 100)
    assert (9e9, 2.0) == (work.macs, work.operators)


def test_a_latency_tells_how_long_the_passes_of_its_network_take() -> None:
    known = Forecast()
    before = known.model.passes.of("net", Cost(mode="infer", resolution=100))
    known.learn(record(TIMED, 1.0, 5 * before))
    assert pytest.approx(5 * before) == known.model.passes.of("net", Cost(mode="infer", resolution=100))


def test_a_training_tells_the_sizes_of_its_data_set() -> None:
    known = Forecast()
    known.learn(replace(record(TRAINED), details={"n_test": 77}))
    assert 77.0 == known.model.pictures.of("digits", "n_test")


def run_on(rates: Rates | None, name: str = "r1") -> RunRow:
    host = {RATES: rates.to_dict()} if rates else {}
    return RunRow(name, f"2026-01-0{name[-1]}", "default", "evobench run", host, "here", {})


def store_of(tmp_path: Path, *runs: RunRow) -> Store:
    store = Store.create(tmp_path / "s.sqlite")
    for run in runs:
        store.begin_run(run, (), ())
    return store


def test_the_rates_are_those_of_the_newest_run_of_the_host_that_measured_them(tmp_path: Path) -> None:
    newer = replace(ESTIMATE, process=0.75)
    with store_of(tmp_path, run_on(ESTIMATE), run_on(newer, "r2"), run_on(None, "r3")) as store:
        found = Forecast.by(store, "here")
    assert (newer, "rates") == (found.model.rates, found.expected(Planned(CELL)).basis)


def test_on_a_host_without_measured_rates_it_is_an_estimate(tmp_path: Path) -> None:
    with store_of(tmp_path, run_on(ESTIMATE)) as store:
        assert "estimate" == Forecast.by(store, "elsewhere").expected(Planned(CELL)).basis


def test_on_a_gpu_that_was_not_measured_it_is_an_estimate() -> None:
    known = Forecast(model=Model(replace(ESTIMATE, gpu=None)), measured=True)
    assert ("estimate", "rates") == (
        known.expected(Planned(ON_GPU)).basis,
        known.expected(Planned(CELL)).basis,
    )


def test_cells_of_a_network_that_nothing_declares_now_keep_no_other_from_a_forecast(tmp_path: Path) -> None:
    def counted(cell: Cell) -> tuple[Artifact, ...]:
        ARCHITECTURES.get(cell.architecture)
        return ()

    def parameters(subject: object) -> Samples:
        raise AssertionError("a forecast measures nothing")

    measure(unit="1", nature="count", better="lower", repeats="anywhere", artifacts=counted)(parameters)
    of_a_catalogue = replace(CELL, measure="parameters")
    other = Planned(replace(of_a_catalogue, architecture="other"))
    with store_of(tmp_path) as store:
        store.begin_run(run_on(ESTIMATE), (), [CellRow(of_a_catalogue, ("counts",))])
        store.add_record("r1", record(of_a_catalogue, 1.0, 5.0))
        assert "measure" == Forecast.by(store, "here").expected(other).basis


def test_a_plan_is_told_by_suite_and_measure() -> None:
    steps = [PlanStep(Planned(CELL), ("one",)), PlanStep(Planned(LARGER, replicates=3), ("one", "two"))]
    (line,) = parts = lines(steps, after(CELL, 2 * by_model(CELL)))
    assert pytest.approx(2 * by_model(CELL) + 6 * by_model(LARGER)) == line.seconds == total_seconds(parts)
    assert ("one", "peak_memory", 2, 4) == (line.suite, line.measure, line.cells, line.processes)
    assert {"history": 1, "network": 1} == line.by


def test_what_networks_are_is_known_to_the_model_from_the_beginning() -> None:
    counted = Networks.of({"macs": {("net", 100): 1e12}})
    assert by_model(CELL) < Forecast(model=Model(networks=counted)).seconds(Planned(CELL))


def test_what_making_an_artifact_took_tells_of_others_of_its_kind_by_ratio_to_the_model() -> None:
    artifact, forecast = Artifact("features", ()), Forecast()
    forecast.made(artifact, TRAINED, 3 * Model().making(artifact, TRAINED))
    assert pytest.approx(3 * Model().making(artifact, OTHER_SEED)) == forecast.making(artifact, OTHER_SEED)


def test_making_for_the_same_network_tells_more_than_making_for_another() -> None:
    artifact, forecast = Artifact("features", ()), Forecast()
    others = replace(TRAINED, architecture="other")
    forecast.made(artifact, TRAINED, 2 * Model().making(artifact, TRAINED))
    for _ in range(3):
        forecast.made(artifact, others, 5 * Model().making(artifact, others))
    assert pytest.approx(2 * Model().making(artifact, TRAINED)) == forecast.making(artifact, TRAINED)
