"""What cells need of the host that they run on, and the works that a plan comes to."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.artifact import Artifact
from bench.declare.catalog import MEASURES, load_catalogs, measure
from bench.declare.needs import Needs, Room
from bench.errors import UsageError
from bench.run.driving.works import Works, needs_of, needs_to_make
from bench.run.forecast import Forecast
from tests.bench.driving import SHARED, declarations, named, step
from tests.bench.stripes import cell_of


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """All that is installed, and the declarations of `driving`."""
    load_catalogs()
    with declarations():
        yield


def cost(name: str, device: str = "cpu") -> Cell:
    return Cell("driver_net", name, Cost(mode="infer", resolution=32, threads=4, device=device))


@pytest.mark.parametrize(
    "name",
    [
        "latency",
        "throughput",
        "train_step",
        "energy",
        "roofline",
        "peak_memory",
        "augmentation_rate",
        "top1_in_time",
    ],
)
def test_what_other_work_would_change_is_alone_on_its_host(name: str) -> None:
    assert needs_of(cost(name)).alone


@pytest.mark.parametrize("name", ["parameters", "macs", "activations", "file_size", "predicted_memory"])
def test_a_count_needs_one_core_whatever_the_threads_of_its_conditions(name: str) -> None:
    assert Needs(threads=1) == needs_of(cost(name))


def test_a_training_needs_the_threads_and_the_device_of_its_scenario() -> None:
    assert (Needs(threads=3), Needs(threads=1, device="cuda")) == (
        needs_of(cell_of(threads=3)),
        needs_of(cell_of(device="cuda")),
    )


def test_memory_is_needed_as_far_as_it_is_limited() -> None:
    assert (5, 0) == (needs_of(cost("macs"), 5).memory, needs_of(cost("macs", "cuda"), 5).memory)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "host"),
        ({"repeats": "host"}, "threads"),
        ({"repeats": "anywhere"}, "threads"),
        ({"repeats": "anywhere", "depends_on": ("resolution",)}, "core"),
        ({"needs": "core"}, "core"),
        ({"needs": "host", "repeats": "anywhere"}, "host"),
    ],
)
def test_a_measure_of_the_users_is_alone_unless_it_repeats_or_says_otherwise(
    said: dict[str, Any], expected: Room
) -> None:
    measure(unit="1", nature="ratio", better="higher", **said)(named("own"))
    assert expected == MEASURES.get("own").needs


def test_a_measure_that_needs_something_unheard_of_is_refused() -> None:
    with pytest.raises(UsageError, match="needs must be host or threads or core, not 'a quiet place'"):
        measure(unit="s", better="lower", needs="a quiet place")(named("own"))  # type: ignore[arg-type]


def test_an_artifact_needs_the_threads_and_the_device_that_it_is_made_with() -> None:
    made = Artifact("features", (("device", "cuda"), ("threads", 2)))
    assert Needs(threads=2, device="cuda") == needs_to_make(made, cost("macs"))


def test_an_artifact_that_says_nothing_of_threads_needs_those_of_the_first_cell_that_needs_it() -> None:
    assert [1, 4] == [needs_to_make(SHARED, cost(name)).threads for name in ("macs", "driver_score")]


def test_an_artifact_stands_once_before_the_first_cell_that_needs_it() -> None:
    steps = [(step("driver_count"), 0), (step("driver_shared"), 0), (step("driver_shared", 64), 0)]
    works = Works(Forecast()).add(steps)
    assert [(), (), (SHARED.key,), (SHARED.key,)] == [work.after for work in works]
    assert [False, True, False, False] == [work.key == SHARED.key for work in works]


def test_a_cell_that_does_not_fit_needs_nothing() -> None:
    (work,) = Works(Forecast()).add([(step("driver_shared", 31), 0)])
    assert (Needs(), ()) == (work.needs, work.after)
