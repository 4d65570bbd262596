"""The suite of the lecture's evolution: what each profile plans."""

import pytest

from bench.declare.catalog import ARCHITECTURES, SUITES, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting

LECTURE = (
    "lecture_cnn",
    "lenet5",
    "alexnet",
    "googlenet",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    *(f"efficientnet_b{i}" for i in range(8)),
    "vit_b_16",
    "dpt_tiny",
    "swin_t",
)
COST = {"parameters", "macs", "latency", "throughput", "train_step", "peak_memory"}


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans depend on how much memory the machine has: enough."""
    monkeypatch.setattr("suites.memory.available_memory", lambda: 64 * 10**9)


def planned(profile: Profile = "default", device: str = "cpu", chosen: tuple[str, ...] = ()) -> list[Planned]:
    load_catalogs()
    return list(SUITES.get("evolution").cells(Setting(profile, device, 2, chosen)))


def measures(entries: list[Planned], architecture: str) -> set[str]:
    return {entry.cell.measure for entry in entries if entry.cell.architecture == architecture}


def test_the_lineage_stands_in_the_order_of_the_lecture() -> None:
    assert LECTURE == tuple(dict.fromkeys(entry.cell.architecture for entry in planned()))[: len(LECTURE)]


def test_every_architecture_of_the_lecture_is_in_the_suite() -> None:
    names = {entry.cell.architecture for entry in planned()}
    assert set() == {item.name for item in ARCHITECTURES if item.lecture} - names


@pytest.mark.parametrize("profile", ["default", "full"])
def test_outside_smoke_every_cost_of_every_architecture_is_measured(profile: Profile) -> None:
    entries = planned(profile)
    assert {} == {name: found for name in LECTURE if (found := measures(entries, name)) != COST}


def test_a_latency_of_every_architecture_is_due_first() -> None:
    first = {entry.cell.architecture for entry in planned() if entry.due == "first"}
    assert (set(LECTURE), {"latency"}) == (first, {e.cell.measure for e in planned() if e.due == "first"})


def test_all_else_of_the_heaviest_is_due_last() -> None:
    expected = {"vgg16", "vgg19", *(f"efficientnet_b{i}" for i in (4, 5, 6, 7))}
    last = [entry for entry in planned() if entry.due == "last"]
    assert expected == {entry.cell.architecture for entry in last}
    assert {"throughput", "train_step", "peak_memory"} == {entry.cell.measure for entry in last}


def test_a_training_step_that_this_machine_does_not_hold_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suites.memory.available_memory", lambda: 8 * 10**9)
    trained = {entry.cell.architecture for entry in planned() if entry.cell.measure == "train_step"}
    assert set(LECTURE) - {"efficientnet_b7"} == trained


def test_one_measure_has_one_batch_across_the_lineage() -> None:
    batches = {(entry.cell.measure, entry.cell.scenario.batch) for entry in planned()}
    assert {("throughput", 2)} == {item for item in batches if item[0] == "throughput"}


def test_each_architecture_is_measured_at_its_papers_own_size() -> None:
    sizes = {entry.cell.architecture: entry.cell.scenario.resolution for entry in planned()}
    assert (28, 32, 224, 600) == tuple(sizes[n] for n in ("lecture_cnn", "lenet5", "resnet50", "efficientnet_b7"))


def test_no_cell_is_planned_twice() -> None:
    keys = [entry.cell.key for entry in planned("full")]
    assert len(keys) == len(set(keys))


def test_an_architecture_that_the_user_names_is_measured_beside_the_lineage() -> None:
    assert measures(planned(chosen=("vgg11_reduced",)), "vgg11_reduced") == COST


def test_counts_are_made_on_the_cpu_wherever_the_rest_runs() -> None:
    counts = {"parameters", "macs"}
    devices = {entry.cell.scenario.device for entry in planned(device="cuda") if entry.cell.measure in counts}
    assert {"cpu"} == devices


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("profile", ["default", "full"])
def test_outside_smoke_every_time_comes_from_three_processes(profile: Profile, device: str) -> None:
    timed = [e for e in planned(profile, device) if e.cell.measure in ("latency", "throughput", "train_step")]
    assert {3} == {entry.replicates for entry in timed}
