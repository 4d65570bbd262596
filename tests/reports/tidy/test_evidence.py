"""Records for the page's script."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from bench.store.rows import Evidence
from reports.tidy.evidence import packed
from reports.tidy.frame import Frames


@pytest.fixture
def latency(frames: Frames) -> Any:
    """The key of a cell that was timed."""
    return frames.measured("latency")["key"].iloc[0]


def _of(frames: Frames, key: str, *samples: float, **details: object) -> dict[str, Any]:
    """What is packed of the first process of a cell that has these samples and details."""
    found: dict[str, Any] = packed(frames, [Evidence(key, 0, samples, 0, details, "")])[key]["processes"][0]
    return found


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
    facts = dict(map(tuple, _of(frames, latency, 1.0, losses=[0.5] * 40, ended="time", sides=[1, 2])["facts"]))
    assert ("40 values", "time", "1, 2") == (facts["losses"], facts["ended"], facts["sides"])


def test_details_within_details_have_both_names(frames: Frames, latency: str) -> None:
    facts = dict(map(tuple, _of(frames, latency, 1.0, conditions={"omp_threads": 2})["facts"]))
    assert "2" == facts["conditions: omp threads"]


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
