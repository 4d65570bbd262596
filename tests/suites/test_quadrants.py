"""The suite `quadrants`: what it plans, and what the lecture advises."""

from __future__ import annotations

import json

import pytest

from bench.cell import Learning
from bench.cli.main import main
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import Profile, Setting
from bench.declare.loading.discovery import load_catalogs
from bench.run.quadrants import QUADRANTS
from suites.quadrants import quadrants

PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")
EVERY = pytest.mark.parametrize("profile", PROFILES)


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def scenarios(profile: Profile) -> list[tuple[str, Learning]]:
    cells = [planned.cell for planned in quadrants(Setting(profile, "cpu", 2))]
    return [(cell.architecture, cell.scenario) for cell in cells if isinstance(cell.scenario, Learning)]


def forms(profile: Profile) -> dict[tuple[str, str, str, int | None], set[str]]:
    """Modes by architecture, weights, target and shots; of the stages all alike."""
    found: dict[tuple[str, str, str, int | None], set[str]] = {}
    for name, s in scenarios(profile):
        found.setdefault((name, s.weights, s.target, s.shots), set()).add(s.mode.partition("@")[0])
    return found


@EVERY
def test_no_cell_is_planned_twice(profile: Profile) -> None:
    keys = [p.cell.key for p in quadrants(Setting(profile, "cpu", 2))]
    assert len(set(keys)) == len(keys)


@EVERY
def test_every_strategy_is_tried_in_every_quadrant(profile: Profile) -> None:
    found = forms(profile)
    every = {"features+softmax", "features+svm", "features", "finetune:upper", "finetune:all"}
    from_sources = {key: modes for key, modes in found.items() if key[1] != "random"}
    assert 4 <= len(from_sources)
    assert {frozenset(every)} == {frozenset(modes) for modes in from_sources.values()}
    assert all(found[name, "random", target, shots] == {"scratch"} for name, _, target, shots in from_sources)


@EVERY
def test_every_cell_belongs_to_a_task_of_a_quadrant(profile: Profile) -> None:
    tasks = {(t.architecture, t.weights, t.target, t.shots) for item in QUADRANTS for t in item.tasks()}
    assert {key for key in forms(profile) if key[1] != "random"} <= tasks


@EVERY
def test_every_cell_knows_what_it_is_made_from(profile: Profile) -> None:
    cells = [planned.cell for planned in quadrants(Setting(profile, "cpu", 2))]
    assert all(MEASURES.get(cell.measure).artifacts(cell) for cell in cells if isinstance(cell.scenario, Learning))


@pytest.mark.parametrize("profile", ["default", "full"])
def test_there_are_five_seeds_or_more(profile: Profile) -> None:
    assert {0, 1, 2, 3, 4} <= set.intersection(
        *({s.seed for _, s in scenarios(profile) if s.mode == mode} for mode in ("scratch", "features+svm"))
    )


def test_the_four_quadrants_are_declared() -> None:
    found = {(item.size, item.likeness): item.advised for item in QUADRANTS}
    assert {
        ("small", "similar"): ("features+softmax", "features+svm"),
        ("large", "similar"): ("finetune:all",),
        ("small", "different"): ("features@STAGE+svm",),
        ("large", "different"): ("finetune:all",),
    } == found


def test_the_quadrants_are_listed_with_their_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["list", "quadrants", "--format", "json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert "Try to fine-tune through the full network." in rows["large_similar"]["about"]


def test_a_small_target_is_a_handful_of_images_and_a_large_one_hundreds_a_class() -> None:
    found = {(item.size, task.shots) for item in QUADRANTS for task in item.tasks()}
    assert {("small", 3), ("large", 200)} == found


def test_the_earlier_stage_is_a_part_of_its_network() -> None:
    for name, s in scenarios("full"):
        if "@" in s.mode:
            stage = s.mode.partition("@")[2].partition("+")[0]
            assert stage in dict(ARCHITECTURES.get(name).build(10).named_modules())
