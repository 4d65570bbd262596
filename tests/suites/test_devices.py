"""What suites plan by device: a GPU's are planned as people use one, the others' as they have always been."""

from __future__ import annotations

import pytest

from bench.cell import BEST, Cost, digest
from bench.declare.catalog import ARCHITECTURES, SUITES, load_catalogs
from bench.declare.declarations import Accelerator, Planned, Profile, Setting
from bench.run.axes import Axes
from bench.run.plan import Selection, plan
from suites.memory import PEAKS, SHARE, fitting

GB = 10**9
_BEFORE_AMPERE, _SINCE = ("fp32", "fp16"), ("fp32", "tf32", "bf16", "fp16")
T4 = Accelerator(_BEFORE_AMPERE, 16 * GB)
CONSUMER = Accelerator(_SINCE, 24 * GB)
H100 = Accelerator(_SINCE, 80 * GB)
PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")
WITH_COSTS = ("evolution", "cost", "gate", "zoo", "scaling", "blocks", "transfer")
OF_OLD = {
    # suite and device: cells of all profiles, digest of their keys
    ("evolution", "cpu"): (387, "d7abc3ffeb528fa2"),
    ("evolution", "mps"): (387, "85e44df842c6afdf"),
    ("cost", "cpu"): (694, "781da18f27237533"),
    ("cost", "mps"): (694, "e6d4113e431a0628"),
    ("gate", "cpu"): (63, "d039cee6c6fba08b"),
    ("gate", "mps"): (63, "e1812591367c52b4"),
    ("zoo", "cpu"): (659, "05b5d2a5e1f84d78"),
    ("zoo", "mps"): (659, "89dcd33cf9ec7b5c"),
    ("scaling", "cpu"): (530, "2a2bbfb370cdbe7a"),
    ("scaling", "mps"): (530, "975029e0900ae7ba"),
    ("blocks", "cpu"): (600, "0252305f82ac7b1b"),
    ("blocks", "mps"): (600, "d811688cc5e3ec85"),
    ("transfer", "cpu"): (1005, "913184f2d827b68b"),
    ("transfer", "mps"): (1005, "dee6a0be5acc3845"),
    ("digits", "cpu"): (1248, "7d7bb95d9cbd3b26"),
    ("digits", "mps"): (1248, "a622b8764ed34eaa"),
    ("quadrants", "cpu"): (714, "465bd688e2c21735"),
    ("quadrants", "mps"): (714, "c05dffc2c566a669"),
    ("augmentations", "cpu"): (937, "29eebbc78d7e6b62"),
    ("augmentations", "mps"): (937, "244d2e98a3b3062a"),
}


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    load_catalogs()
    monkeypatch.setattr("suites.memory.available_memory", lambda: 64 * GB)


def planned(suite: str, accelerator: Accelerator | None = H100, profile: Profile = "full") -> list[Planned]:
    return list(SUITES.get(suite).cells(Setting(profile, "cuda", 2, accelerator=accelerator)))


def costs(suite: str, accelerator: Accelerator | None = H100, profile: Profile = "full") -> list[tuple[str, Cost]]:
    """Measure and scenario of what costs on the GPU."""
    cells = [item.cell for item in planned(suite, accelerator, profile)]
    return [(c.measure, c.scenario) for c in cells if isinstance(c.scenario, Cost) and c.scenario.device == "cuda"]


@pytest.mark.parametrize(("suite", "device"), OF_OLD)
def test_other_devices_than_a_gpu_have_the_plans_and_keys_of_old(suite: str, device: str) -> None:
    settings = [Setting(profile, device, 2, learning_threads=2) for profile in PROFILES]
    entries = [item for setting in settings for item in SUITES.get(suite).cells(setting)]
    assert OF_OLD[suite, device] == (len(entries), digest([item.cell.key for item in entries]))


@pytest.mark.parametrize(
    ("accelerator", "precision"), [(T4, "fp16"), (CONSUMER, "bf16"), (H100, "bf16"), (None, "bf16")]
)
@pytest.mark.parametrize("suite", WITH_COSTS)
def test_a_gpu_is_measured_as_people_use_it(suite: str, accelerator: Accelerator | None, precision: str) -> None:
    latencies = [where for measure, where in costs(suite, accelerator) if measure == "latency"]
    found = {(where.precision, where.memory_format) for where in latencies}
    assert {(precision, "channels_last")} == found


@pytest.mark.parametrize("suite", WITH_COSTS)
def test_on_a_gpu_all_but_memory_is_autotuned(suite: str) -> None:
    tuned = {where.autotune for measure, where in costs(suite) if "memory" not in measure}
    untuned = {where.autotune for measure, where in costs(suite) if "memory" in measure}
    assert ({True}, {False}) == (tuned, untuned)


@pytest.mark.parametrize("suite", WITH_COSTS)
def test_counts_are_made_on_the_cpu_under_plain_conditions(suite: str) -> None:
    counted = [item.cell for item in planned(suite) if item.cell.measure in ("parameters", "macs", "activations")]
    assert {("cpu", "fp32", False)} == {
        (c.scenario.device, c.scenario.precision, c.scenario.autotune)
        for c in counted
        if isinstance(c.scenario, Cost)
    }


def test_the_lineage_is_timed_at_one_image_at_256_at_the_best_batch_and_trained_at_128() -> None:
    found = {(measure, where.batch) for measure, where in costs("evolution", None, "default")}
    assert {1} == {batch for measure, batch in found if measure == "latency"}
    assert {256, BEST} == {batch for measure, batch in found if measure == "throughput"}
    assert {128} == {batch for measure, batch in found if measure == "train_step"}


def test_on_a_gpu_the_default_profile_trains_the_largest_too() -> None:
    trained = {item.cell.architecture for item in planned("evolution", H100, "default")}
    assert {f"efficientnet_b{i}" for i in range(8)} <= trained


@pytest.mark.parametrize(
    ("accelerator", "expected"),
    [(T4, ["fp16", "fp32"]), (H100, ["bf16", "tf32", "fp32"]), (None, ["bf16", "tf32", "fp32"])],
)
def test_the_full_profile_compares_the_formats_that_the_gpu_has(
    accelerator: Accelerator | None, expected: list[str]
) -> None:
    found = [(m, where) for m, where in costs("evolution", accelerator) if m in ("throughput", "train_step")]
    assert expected == list(dict.fromkeys(where.precision for _, where in found))
    wide = {where.memory_format for _, where in found if where.precision in ("tf32", "fp32")}
    assert {"contiguous"} == wide


def test_conditions_that_the_user_names_outrank_those_of_the_device() -> None:
    axes = Axes(precision=("fp32",), memory_format=("contiguous",), autotune=(False,))
    steps = plan(Selection(("evolution",)), Setting("default", "cuda", 2, accelerator=H100), axes)
    scenarios = [step.planned.cell.scenario for step in steps]
    found = {(s.precision, s.memory_format, s.autotune) for s in scenarios if isinstance(s, Cost)}
    assert {("fp32", "contiguous", False)} == found


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        (Axes(precision=("fp32",)), {("fp32", "contiguous")}),
        (Axes(precision=("fp32",), memory_format=("channels_last",)), {("fp32", "channels_last")}),
        (Axes(precision=("fp16",)), {("fp16", "channels_last")}),
    ],
)
def test_the_order_of_axes_goes_by_the_precision_unless_it_is_named(
    axes: Axes, expected: set[tuple[str, str]]
) -> None:
    steps = plan(Selection(("evolution",), measures=("latency",)), Setting("default", "cuda", 2), axes)
    found = [step.planned.cell.scenario for step in steps]
    assert expected == {(where.precision, where.memory_format) for where in found if isinstance(where, Cost)}


@pytest.mark.parametrize("accelerator", [T4, CONSUMER, H100], ids=["16 GB", "24 GB", "80 GB"])
@pytest.mark.parametrize("suite", ["evolution", "cost", "gate"])
def test_every_batch_of_a_listed_network_fits_by_its_predicted_peak(suite: str, accelerator: Accelerator) -> None:
    for item in planned(suite, accelerator):
        where, peaks = item.cell.scenario, PEAKS.get(item.cell.architecture)
        if isinstance(where, Cost) and where.device == "cuda" and where.batch != BEST and peaks:
            assert accelerator.memory is not None
            side = ARCHITECTURES.get(item.cell.architecture).resolution
            assert peaks[where.mode == "train"].of(where, side) <= SHARE * accelerator.memory, str(item.cell)


def batch_of(name: str, accelerator: Accelerator | None) -> int:
    setting = Setting("full", "cuda", 2, accelerator=accelerator)
    item = ARCHITECTURES.get(name)
    return fitting(item, setting.cost("train", item.resolution, 128), setting).batch


@pytest.mark.parametrize(("accelerator", "expected"), [(T4, 4), (CONSUMER, 8), (H100, 32), (None, 128)])
def test_the_largest_network_is_trained_at_what_the_memory_holds(
    accelerator: Accelerator | None, expected: int
) -> None:
    assert expected == batch_of("efficientnet_b7", accelerator)


def test_a_small_network_keeps_its_batch_on_a_small_gpu() -> None:
    assert 128 == batch_of("resnet50", T4)


def test_a_network_of_which_no_memory_is_known_keeps_its_batch_for_the_measure_to_halve() -> None:
    assert 128 == batch_of("densenet201", T4)


def test_a_gpu_that_holds_nothing_is_left_one_image() -> None:
    assert 1 == batch_of("efficientnet_b7", Accelerator(_SINCE, GB))


def test_each_network_of_the_lineage_has_a_predicted_peak() -> None:
    assert set() == {item.name for item in ARCHITECTURES if item.lecture} - PEAKS.keys()
