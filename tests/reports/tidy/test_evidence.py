"""Records for the page's script."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from bench.store.rows import RecordEvidence
from reports.tidy.evidence import packed
from reports.tidy.frame import Frames


@pytest.fixture
def latency(frames: Frames) -> Any:
    """The key of a cell that was timed."""
    return frames.measured("latency")["key"].iloc[0]


def _of(frames: Frames, key: str, *samples: float, **details: object) -> dict[str, Any]:
    """What is packed of the first process of a cell that has these samples and details."""
    found: dict[str, Any] = packed(frames, [RecordEvidence(key, 0, samples, 0, details, "")])[key]["processes"][0]
    return found


def _facts(frames: Frames, key: str, **details: object) -> dict[str, str]:
    """What is told of the first process of a cell with these details."""
    return dict(map(tuple, _of(frames, key, 1.0, **details)["facts"]))


def test_every_cell_of_the_plan_is_there(frames: Frames) -> None:
    assert list(frames.records["key"]) == list(packed(frames, []))


def _samples(process: dict[str, Any]) -> list[float]:
    return [(process["base"] + sample) * process["step"] for sample in process["samples"]]


def test_samples_keep_their_order_and_a_250th_of_their_range(frames: Frames, latency: str) -> None:
    samples = (0.0027354, 0.00027, 0.0031, 0.00031)
    error = (0.0031 - 0.00027) / 250 / 2
    assert list(samples) == pytest.approx(_samples(_of(frames, latency, *samples)), abs=error)


def test_a_small_spread_is_kept(frames: Frames, latency: str) -> None:
    samples = (1.00001, 1.00003, 1.00002)
    assert list(samples) == pytest.approx(_samples(_of(frames, latency, *samples)), abs=1e-7)


def test_whole_samples_that_are_near_each_other_are_exact(frames: Frames, latency: str) -> None:
    assert [1_000_001, 1_000_000, 1_000_007] == _samples(
        _of(frames, latency, 1_000_001.0, 1_000_000.0, 1_000_007.0)
    )


def test_equal_samples_keep_six_digits(frames: Frames, latency: str) -> None:
    assert [0.0123456, 0.0123456] == pytest.approx(_samples(_of(frames, latency, 0.0123456, 0.0123456)), rel=1e-6)


def test_one_whole_sample_is_exact(frames: Frames, latency: str) -> None:
    assert [30_123_457] == _samples(_of(frames, latency, 30_123_457.0))


def test_a_sample_that_is_no_number_is_none(frames: Frames, latency: str) -> None:
    assert [None, 0] == _of(frames, latency, math.nan, 2.0e-3)["samples"]


@pytest.mark.parametrize("samples", [(), (0.0,), (0.0, 0.0), (-1.0, 1.0)])
def test_any_samples_can_be_packed(frames: Frames, latency: str, samples: tuple[float, ...]) -> None:
    assert list(samples) == _samples(_of(frames, latency, *samples))


def test_long_details_are_counted_and_short_ones_written_out(frames: Frames, latency: str) -> None:
    facts = _facts(frames, latency, losses=[0.5] * 40, way="time", sides=[1, 2])
    assert ("40 values", "time", "1, 2") == (facts["losses"], facts["way"], facts["sides"])


def test_details_within_details_have_both_names(frames: Frames, latency: str) -> None:
    assert "2" == _facts(frames, latency, parts={"omp_threads": 2})["parts: omp threads"]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"p99": 0.00048754}, ("99th percentile", "488 µs")),
        ({"first_call": 0.075472}, ("first call", "75.5 ms")),
        ({"baseline": 351_473_664}, ("baseline", "351 MB")),
        ({"first_counter": 2_838_080}, ("first counter", "2,838,080")),
        ({"conditions": {"malloc_keeps": True}}, ("freed memory", "kept by the process for its next call")),
        ({"conditions": {"onednn": False}}, ("oneDNN", "not used")),
        ({"alone": True}, ("alone on its host", "yes")),
        ({"val_top1": 0.76667}, ("top-1 on validation images", "76.7 %")),
        ({"gap": 0.2463}, ("training accuracy less test accuracy, points", "+24.6")),
        ({"parts": {"forward": [0.12104]}}, ("parts: forward", "121 ms")),
        ({"layers": [{"name": "conv1"}]}, ("layers", "1 value")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value[0],
)
def test_details_are_told_in_words_with_their_units(
    frames: Frames, latency: str, detail: dict[str, Any], expected: tuple[str, str]
) -> None:
    name, text = expected
    assert text == _facts(frames, latency, **detail)[name]


def test_a_detail_that_is_called_as_a_fact_is_does_not_hide_it(frames: Frames, latency: str) -> None:
    facts = [name for name, _ in _of(frames, latency, 1.0, started=True)["facts"]]
    assert {"started", "learned more than chance"} < set(facts)


def test_what_is_empty_is_left_out(frames: Frames, latency: str) -> None:
    assert "warnings" not in _facts(frames, latency, warnings=[])


def test_a_share_is_told_by_its_mean_in_percent(frames: Frames) -> None:
    key = frames.measured("top1")["key"].iloc[0]
    facts = _facts(frames, key)
    assert facts["figure"].endswith(" %")
    assert not {"median", "lowest"} & set(facts)


def test_conditions_that_are_switched_off_are_left_out(frames: Frames, latency: str) -> None:
    facts = dict(packed(frames, [])[latency]["facts"])
    assert "autotune" not in facts
    assert facts["resolution"].endswith(" px")


def test_conditions_that_do_not_apply_are_left_out(frames: Frames, latency: str) -> None:
    names = [name for name, _ in packed(frames, [])[latency]["facts"]]
    assert "resolution" in names
    assert "augmentation" not in names


def test_a_cell_that_was_not_run_has_no_process(synthetic: Path, frames: Frames) -> None:
    key = frames.records.loc[frames.records["status"] == "left out (time)", "key"].iloc[0]
    with Store.open(synthetic) as store:
        found = packed(frames, store.shown.evidence(frames.run.id, 200))
    assert [] == found[key]["processes"]


def test_a_failure_is_packed_with_its_reason(synthetic: Path, frames: Frames) -> None:
    key = frames.records.loc[frames.records["status"] == "oom", "key"].iloc[0]
    with Store.open(synthetic) as store:
        (process,) = packed(frames, store.shown.evidence(frames.run.id, 200))[key]["processes"]
    assert ("oom", "the kernel killed the process") == (process["status"], process["reason"])
