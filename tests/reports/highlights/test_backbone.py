"""Which backbone for me, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from reports.highlights.backbone import backbone
from reports.tidy.frame import Frames, read

Build = Callable[[Path, Any], Any]


@pytest.fixture
def aimed(tmp_path: Path, build_run: Build, whole_plan: Any) -> Frames:
    """The plausible run, made for a target."""
    build_run(tmp_path / "s.sqlite", whole_plan)
    with Store.open(tmp_path / "s.sqlite") as store:
        store.connection.db.execute("""UPDATE run SET settings = json_set(settings, '$.target', 'digits8')""")
        return read(store, "latest")


def test_without_images_of_ones_own_it_is_the_best_published_one_that_is_fast_here(frames: Frames) -> None:
    told = backbone(frames)
    assert told.startswith(
        "Which backbone? efficientnet_b3 (published accuracy, under 50 ms here): 82.0 %, 45.5 ms"
    )


def test_a_network_of_better_accuracy_that_is_slower_is_not_named(frames: Frames) -> None:
    latencies = frames.measured("latency").set_index("architecture")["value"]
    assert latencies["efficientnet_b4"] > 0.05 > latencies["efficientnet_b3"]
    assert "efficientnet_b4" not in backbone(frames)


def test_of_a_run_for_images_of_ones_own_it_is_the_most_accurate_on_them(aimed: Frames) -> None:
    told = backbone(aimed)
    assert "(the most accurate on digits8" in told
    assert told.endswith("More: evobench recommend --target digits8")


def test_a_run_that_measured_nothing_has_no_answer(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="none"))
    with Store.open(tmp_path / "s.sqlite") as store:
        assert "" == backbone(read(store, "small"))
