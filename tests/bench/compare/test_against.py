"""A run against a baseline: what is compared, what is refused, what force ignores."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Record
from bench.cli.main import main
from bench.compare.against import against, base_of, wish_again
from bench.compare.judgement import Judgement
from bench.data.reading import Reading
from bench.declare.learning_axes import LearningAxes
from bench.errors import Exit, NotComparable, UsageError
from bench.run.runs import Wish
from bench.store.database import Baseline, CellRow, Declaration, RunRow, Store
from bench.store.rows import AUDIT, REGRESS

Build = Callable[[Path, Any], Any]
CELL = Cell("small", "latency", Cost(mode="infer", resolution=32))


@pytest.fixture
def judge(tmp_path: Path, build_run: Build, plan: Any) -> Callable[..., Judgement]:
    """Compares a variation of the small run with the small run, which is saved as `main`."""

    def _judge(force: bool = False, **changes: object) -> Judgement:
        path = tmp_path / "runs.sqlite"
        base = replace(plan, id="base", processes=3)
        build_run(path, base)
        build_run(path, replace(base, id="head", **changes))
        with Store.open(path) as store:
            store.baselines.save(Baseline("main", "base", "2026-01-03T00:00:00+00:00"))
            return against(store, "main", "head", 0.05, force)

    return _judge


def _measured(store: Store, name: str, replicates: int = 1, code: str = "c0de", **conditions: object) -> RunRow:
    """A run of one cell."""
    run = RunRow(name, "2026-01-01T00:00:00+00:00", "default", "", {"cpu": "X"}, "host", {}, state="complete")
    declared = {"name": "latency", "unit": "s", "better": "lower", "repeats": "never", "code": code}
    declarations = [Declaration("measure", "latency", declared)]
    store.begin_run(run, declarations, [CellRow(CELL, ("s",), 1.0, replicates)])
    details = {"conditions": {"onednn": True, "cpus": [0, 1], "disturbance": {"a": name}, **conditions}}
    for i in range(replicates):
        values = (0.1 + i / 1000, 0.2)
        store.add_record(
            name, Record(cell=CELL, replicate=i, status="ok", unit="s", values=values, details=details)
        )
    return run


@pytest.fixture
def compared(tmp_path: Path) -> Callable[..., Judgement]:
    """Compares two runs of one cell that differ as is said."""

    def _compared(force: bool = False, **head: Any) -> Judgement:
        with Store.create(tmp_path / "two.sqlite") as store:
            _measured(store, "base")
            return against(store, "base", _measured(store, "head", **head), 0.05, force)

    return _compared


def test_a_slowdown_over_a_baseline_is_a_regression(judge: Callable[..., Judgement]) -> None:
    found = judge(slowdown=2.0, seed=1)
    assert ("main", "head", Exit.REGRESSION) == (found.base, found.head, found.exit_code)


def test_a_judgement_has_the_samples_and_the_host_of_the_new_run(judge: Callable[..., Judgement]) -> None:
    found = judge()
    assert "Example CPU 9000" == found.host["cpu"]
    assert {item.key for item in found.found if item.head is not None} == set(found.samples)


def test_the_notes_say_which_run_the_baseline_is(judge: Callable[..., Judgement]) -> None:
    assert "'main' is run base of 2026-01-02 03:04 UTC" == judge().notes[0]


def test_the_notes_count_what_is_not_compared(judge: Callable[..., Judgement], plan: Any) -> None:
    assert "7 cells of the baseline are not in the new run" in judge(lineages=plan.lineages[:3]).notes


def test_another_host_is_refused_with_what_differs(judge: Callable[..., Judgement]) -> None:
    with pytest.raises(NotComparable, match=r"speeds of different hosts do not compare \(host key\)") as caught:
        judge(host_key="host-b")
    assert Exit.NOT_COMPARABLE == caught.value.exit_code


def test_the_notes_say_what_force_ignores(judge: Callable[..., Judgement]) -> None:
    assert "ignored: the hosts differ (host key)" in judge(force=True, host_key="host-b").notes


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"replicates": 3}, "1 and 3 processes of 1 cell"),
        ({"onednn": False}, "onednn True and False of 1 cell"),
        ({"code": "0ther"}, "code of measure 'latency'"),
    ],
    ids=["processes", "conditions", "measure"],
)
def test_another_protocol_is_refused_with_what_differs(
    compared: Callable[..., Judgement], head: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotComparable, match=rf"measured in different ways \({words}\); --force ignores that"):
        compared(**head)


def test_force_says_what_of_the_protocol_it_ignores(compared: Callable[..., Judgement]) -> None:
    expected = "ignored: the runs were measured in different ways (onednn True and False of 1 cell)"
    assert (expected,) == compared(force=True, onednn=False).notes


def test_other_cpus_of_the_same_host_and_what_disturbed_it_are_no_other_protocol(
    compared: Callable[..., Judgement],
) -> None:
    assert () == compared(cpus=[2, 3]).notes


def test_what_a_run_does_not_tell_is_not_compared(compared: Callable[..., Judgement]) -> None:
    assert () == compared(malloc_keeps=True).notes


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A store with a run that is saved as `main`."""
    with Store.create(tmp_path / "one.sqlite") as store:
        _measured(store, "base")
        store.baselines.save(Baseline("main", "base", "2026-01-03T00:00:00+00:00"))
    return tmp_path / "one.sqlite"


def test_an_unknown_baseline_is_not_comparable_and_the_nearest_is_offered(saved: Path) -> None:
    with (
        Store.open(saved) as store,
        pytest.raises(NotComparable, match=r"^unknown baseline 'mian'; did you mean 'main'\?$"),
    ):
        base_of(store, "mian")


def test_an_empty_store_has_no_baseline(tmp_path: Path) -> None:
    with Store.create(tmp_path / "new.sqlite") as store, pytest.raises(NotComparable, match="no baseline 'main'"):
        base_of(store, "main")


def test_the_latest_run_is_no_baseline_for_itself(saved: Path) -> None:
    with Store.open(saved) as store, pytest.raises(UsageError, match="will be the new run itself"):
        base_of(store, "latest")


def test_a_run_is_not_compared_with_itself(saved: Path) -> None:
    with Store.open(saved) as store, pytest.raises(NotComparable, match="nothing to compare"):
        against(store, "main", "base", 0.05, False)


def test_nothing_of_the_store_is_changed(saved: Path) -> None:
    with Store.open(saved) as store:
        _measured(store, "head", onednn=False)
    before = saved.read_bytes()
    assert 4 == main(["compare", "main", "head", "--store", str(saved)])
    assert before == saved.read_bytes()


def test_what_was_asked_for_is_asked_for_again() -> None:
    wish = Wish(
        suites=("evolution",),
        architectures=("resnet18",),
        profile="smoke",
        threads=(2,),
        batch=(1, 8),
        learning=LearningAxes(mode=("scratch",), seeds=3),
        reading=Reading(types=(".jpg",), splits=(("train", "a"), ("test", "b")), follow_links=True),
    )
    # as the store gives it back
    settings = json.loads(json.dumps({**wish.given(), "files": {"x": "digest"}}))
    run = RunRow("a", "", "smoke", "", {}, "", settings)
    assert wish == wish_again(run)


@pytest.mark.parametrize("profile", [AUDIT, REGRESS])
def test_what_measured_nothing_on_its_own_cannot_be_asked_for_again(profile: str) -> None:
    with pytest.raises(UsageError, match="cannot be measured again"):
        wish_again(RunRow("a", "", profile, "", {}, "", {}))


def test_an_option_of_a_later_version_is_named() -> None:
    with pytest.raises(UsageError, match="cannot be asked for again: 'warp' is not known to this evobench"):
        wish_again(RunRow("a", "", "default", "", {}, "", {"warp": 9}))
