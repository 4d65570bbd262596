"""What a run asks for next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from bench.cell import Cell, Learning
from bench.compare.asking.asking import Asking
from bench.compare.experiments.rule import Design
from bench.declare.declarations import Planned
from bench.run.driving.wanted import WantedEvidence
from bench.run.plan import PlanStep
from tests.bench.compare.experiments.arms import cell, failed, trained

LOOKS = (5, 8, 12)
DESIGN = Design(LOOKS)
NONE, DIGITS, LECTURE = (cell(augmentation=name) for name in ("none", "digits", "lecture"))
NOISE = (0.03, -0.03, 0.01, -0.01, 0.0)
"""By seed, again and again: of a spread that five pairs do not decide a point by."""


def seeded(arm: Cell, seed: int, fold: int = 0) -> Cell:
    assert isinstance(arm.scenario, Learning)
    return replace(arm, scenario=replace(arm.scenario, seed=seed, fold=fold))


def steps(arms: Iterable[Cell], seeds: Iterable[int] = range(5), *, is_open: bool = True) -> list[PlanStep]:
    chosen = list(seeds)
    return [PlanStep(Planned(seeded(arm, seed), open=is_open), ("transfer",)) for arm in arms for seed in chosen]


def measured(asking: Asking, made: Iterable[PlanStep], effects: Mapping[Cell, float]) -> None:
    """Let the trainings end: an arm has its effect and the noise of the seed, and the base has neither."""
    for step in made:
        where = step.planned.cell.scenario
        assert isinstance(where, Learning)
        arm = seeded(step.planned.cell, 0)
        noise = NOISE[where.seed % 5] if arm in effects else 0.0
        asking.learned(trained(step.planned.cell, 0.5 + effects.get(arm, 0.0) + noise))


def second(planned: Planned) -> float:
    return 1.0


def asked(found: Iterable[PlanStep]) -> list[tuple[str, int]]:
    """Augmentation and seed of what is asked for."""
    wheres = [step.planned.cell.scenario for step in found]
    return [(where.augmentation, where.seed) for where in wheres if isinstance(where, Learning)]


def begun(effects: Mapping[Cell, float], seeds: Iterable[int] = range(5)) -> Asking:
    """A run whose plan is measured."""
    planned = steps([NONE, *effects], seeds)
    asking = Asking(planned, DESIGN)
    measured(asking, planned, effects)
    return asking


def all_asked(asking: Asking) -> list[PlanStep]:
    """What is asked for until something has to be learned first."""
    found: list[PlanStep] = []
    while steps_of_one := asking.more(second):
        found += steps_of_one
    return found


def test_it_is_what_a_driver_asks() -> None:
    wanted: WantedEvidence = Asking(steps([NONE, DIGITS, LECTURE]), DESIGN)
    assert (2, 0) == (wanted.named, wanted.answered)


def test_nothing_is_asked_for_while_the_plan_is_not_measured() -> None:
    assert () == Asking(steps([NONE, DIGITS]), DESIGN).more(second)


def test_an_open_comparison_gets_the_seeds_up_to_its_next_look_in_both_arms() -> None:
    asking = begun({DIGITS: 0.0})
    assert [(name, seed) for seed in (5, 6, 7) for name in ("none", "digits")] == asked(all_asked(asking))


def test_what_is_asked_for_is_the_planned_training_of_another_seed() -> None:
    asking = begun({DIGITS: 0.0})
    assert PlanStep(Planned(seeded(NONE, 5), open=True), ("transfer",)) == asking.more(second)[0]


def test_the_same_is_not_asked_for_again_while_it_is_under_way() -> None:
    asking = begun({DIGITS: 0.0})
    all_asked(asking)
    assert () == asking.more(second)


def test_one_pair_is_asked_for_at_a_time() -> None:
    assert [("none", 5), ("digits", 5)] == asked(begun({DIGITS: 0.0}).more(second))


def test_an_answered_comparison_gets_nothing_more() -> None:
    asking = begun({DIGITS: 0.4})
    assert (1, ()) == (asking.answered, asking.more(second))


def test_after_the_last_look_a_comparison_is_closed() -> None:
    asking = begun({DIGITS: 0.0})
    spent = 0
    while found := asking.more(second):
        measured(asking, found, {DIGITS: 0.0})
        spent += len(found)
    assert (2 * (12 - 5), 0) == (spent, asking.answered)


def test_an_arm_that_is_shared_is_trained_once() -> None:
    found = asked(all_asked(begun({DIGITS: 0.0, LECTURE: 0.0})))
    assert {(name, seed) for name in ("none", "digits", "lecture") for seed in (5, 6, 7)} == set(found)
    assert 9 == len(found)


def test_the_comparison_that_is_expected_to_be_decided_soonest_is_next() -> None:
    # 5 points with a spread of 2.2 are decided by 8 pairs, 3 points by 12
    asking = begun({DIGITS: 0.03, LECTURE: 0.05})
    assert {"none", "lecture"} == {name for name, _ in asked(asking.more(second))}


def test_what_no_look_is_expected_to_decide_comes_last() -> None:
    asking = begun({DIGITS: 0.008, LECTURE: 0.05})
    # the cheaper one is not expected to be decided at all
    dear = {"none": 1.0, "digits": 0.1, "lecture": 100.0}
    found = asking.more(lambda planned: dear[augmentation_of(planned)])
    assert {"none", "lecture"} == {name for name, _ in asked(found)}


def augmentation_of(planned: Planned) -> str:
    where = planned.cell.scenario
    assert isinstance(where, Learning)
    return where.augmentation


def test_a_first_look_goes_before_one_that_nothing_is_expected_of() -> None:
    planned = [*steps([NONE, DIGITS]), *steps([LECTURE], range(2))]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0, LECTURE: 0.0})
    assert {"lecture"} == {name for name, _ in asked(asking.more(second))}


def test_a_cheap_second_look_goes_before_a_first_one_that_takes_long() -> None:
    planned = [*steps([NONE, DIGITS]), *steps([LECTURE], range(2))]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.05, LECTURE: 0.0})
    costs = {"none": 1.0, "digits": 1.0, "lecture": 100.0}
    assert "digits" in {name for name, _ in asked(asking.more(lambda item: costs[augmentation_of(item)]))}


@pytest.mark.parametrize(("expected", "seconds"), [("digits", (1.0, 2.0)), ("lecture", (2.0, 1.0))])
def test_the_cheapest_comparison_comes_to_its_first_look_first(
    expected: str, seconds: tuple[float, float]
) -> None:
    planned = [*steps([NONE]), *steps([DIGITS, LECTURE], range(2))]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0, LECTURE: 0.0})
    costs = {"digits": seconds[0], "lecture": seconds[1]}
    assert {expected} == {name for name, _ in asked(asking.more(lambda item: costs[augmentation_of(item)]))}


def test_seeds_follow_the_largest_that_is_planned() -> None:
    asking = begun({DIGITS: 0.0}, range(30, 35))
    assert [35, 35, 36, 36, 37, 37] == [seed for _, seed in asked(all_asked(asking))]


def test_seeds_that_one_arm_has_beyond_the_next_look_are_used_before_new_ones() -> None:
    planned = [*steps([NONE], range(20)), *steps([DIGITS])]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0})
    assert [("digits", 5), ("digits", 6), ("digits", 7)] == asked(all_asked(asking))


def test_pairs_beyond_a_look_bring_it_to_the_next_one() -> None:
    asking = begun({DIGITS: 0.0}, range(9))
    assert [9, 9, 10, 10, 11, 11] == [seed for _, seed in asked(all_asked(asking))]


def test_records_of_seeds_that_were_not_planned_count_as_well() -> None:
    asking = begun({DIGITS: 0.0})
    measured(asking, steps([NONE, DIGITS], range(5, 8)), {DIGITS: 0.0})
    assert [8, 8, 9, 9, 10, 10, 11, 11] == [seed for _, seed in asked(all_asked(asking))]


def test_an_answer_waits_for_the_earlier_seeds_so_that_it_stands() -> None:
    planned = steps([NONE, DIGITS], range(6))
    asking = Asking(planned, DESIGN)
    late = [step for step in planned if step.planned.cell == seeded(DIGITS, 0)]
    measured(asking, [step for step in planned if step not in late], {DIGITS: 0.4})
    before = asking.answered
    measured(asking, late, {DIGITS: 0.4})
    assert (0, 1) == (before, asking.answered)


def test_arms_that_are_not_open_get_no_seeds() -> None:
    planned = steps([NONE, DIGITS], is_open=False)
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0})
    assert () == asking.more(second)


def test_an_open_arm_gets_the_seeds_that_a_closed_one_has() -> None:
    planned = [*steps([NONE], range(8), is_open=False), *steps([DIGITS])]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0})
    assert [("digits", 5), ("digits", 6), ("digits", 7)] == asked(all_asked(asking))


def test_a_look_that_a_closed_arm_has_too_few_seeds_for_is_not_begun() -> None:
    planned = [*steps([NONE], range(7), is_open=False), *steps([DIGITS])]
    asking = Asking(planned, DESIGN)
    measured(asking, planned, {DIGITS: 0.0})
    assert () == asking.more(second)


def test_an_arm_whose_trainings_fail_is_not_asked_for_again() -> None:
    planned = steps([NONE, DIGITS])
    asking = Asking(planned, DESIGN)
    measured(asking, planned[:-1], {DIGITS: 0.0})
    asking.learned(failed(planned[-1].planned.cell))
    assert () == asking.more(second)


def test_a_failure_that_was_made_good_is_forgotten() -> None:
    planned = steps([NONE, DIGITS])
    asking = Asking(planned, DESIGN)
    asking.learned(failed(planned[-1].planned.cell))
    measured(asking, planned, {DIGITS: 0.0})
    assert 6 == len(all_asked(asking))


def test_of_a_cross_validation_all_folds_of_a_seed_come_before_the_next_seed() -> None:
    arms = [cell(augmentation=name, folds=3) for name in ("none", "digits")]
    planned = [
        PlanStep(Planned(seeded(arm, 0, fold), open=True), ("transfer",)) for arm in arms for fold in range(3)
    ]
    found = []
    asking = Asking(planned, DESIGN)
    for step in planned:
        asking.learned(trained(step.planned.cell, 0.5))
    for step in all_asked(asking):
        where = step.planned.cell.scenario
        assert isinstance(where, Learning)
        found.append((where.seed, where.fold))
    assert [(1, 0), (1, 0), (1, 1), (1, 1)] == found


def test_without_looks_nothing_is_asked_for() -> None:
    planned = steps([NONE, DIGITS])
    asking = Asking(planned, Design())
    measured(asking, planned, {DIGITS: 0.0})
    assert () == asking.more(second)


def test_without_looks_a_comparison_is_answered_when_all_of_its_plan_is_there() -> None:
    planned = steps([NONE, DIGITS])
    asking = Asking(planned, Design())
    measured(asking, planned[:-1], {DIGITS: 0.4})
    before = asking.answered
    measured(asking, planned[-1:], {DIGITS: 0.4})
    assert (0, 1) == (before, asking.answered)


def test_records_of_other_cells_are_passed_over() -> None:
    asking = Asking(steps([NONE, DIGITS]), DESIGN)
    asking.learned(trained(cell(architecture="other"), 0.5))
    assert 1 == asking.named


def test_what_no_time_is_left_for_is_not_asked_for() -> None:
    asking = begun({DIGITS: 0.0})
    assert ((), 2) == (asking.more(second, 0.5), len(asking.more(second, 1.0)))


def test_the_cheapest_that_there_is_time_for_is_asked_for_where_a_better_one_takes_too_long() -> None:
    asking = begun({DIGITS: 0.0, LECTURE: 0.2})
    assert () == asking.more(lambda planned: 9.0, 5.0)
