"""How long a run with open trainings is filled with evidence: as its suites declare."""

from pathlib import Path

import pytest

from bench.cli.how import How, filled
from bench.declare.declarations import Planned
from bench.run.driver import Pace
from bench.run.plan import PlanStep
from tests.bench.stripes import cell_of

pytestmark = pytest.mark.usefixtures("world")


def seconds(profile: str, *suites: str, is_open: bool = True, fills: bool = True) -> float | None:
    how = How(Path("runs.sqlite"), Pace(), fills=fills)
    steps = [PlanStep(Planned(cell_of(), open=is_open), (suite,)) for suite in suites]
    return filled(how, profile, steps).pace.fills


def test_transfer_is_filled_for_ten_minutes() -> None:
    assert 600.0 == seconds("default", "transfer")


def test_lessons_take_fifteen_minutes_and_ninety() -> None:
    assert [900.0, 5400.0] == [seconds(profile, "lessons") for profile in ("default", "full")]


def test_what_several_suites_fill_adds_up() -> None:
    assert 1500.0 == seconds("default", "transfer", "lessons")


def test_a_profile_that_a_suite_does_not_name_is_measured_whole() -> None:
    assert seconds("smoke", "transfer") is None


def test_a_plan_whose_seeds_are_fixed_is_measured_whole() -> None:
    assert seconds("default", "transfer", is_open=False) is None


def test_what_asks_for_its_plan_alone_is_measured_whole() -> None:
    assert seconds("default", "transfer", fills=False) is None
