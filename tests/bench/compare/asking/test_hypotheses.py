"""What a run of lessons asks for next."""

from __future__ import annotations

from dataclasses import replace

from bench.cell import Cell, Cost, Learning, Record
from bench.compare.asking.asking import Asking
from bench.compare.experiments.rule import Design
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep
from tests.bench.compare.experiments.arms import cell, trained
from tests.bench.studies import study_of

LOOKS = (5, 8, 12)
DESIGN = Design(LOOKS)
ARMS = [cell(augmentation=name) for name in ("none", "digits", "lecture")]
TIMED = [Cell(name, "latency", Cost(mode="infer", resolution=32)) for name in ("slow", "quick")]
RISING = study_of(ARMS, name="rising", statistic="rank", unit="", margin=0.1)
QUICKER = study_of(TIMED, name="quicker", statistic="ratio", unit="", expected="less")


def second(planned: Planned) -> float:
    return 1.0


def steps(seeds: int = 1) -> list[PlanStep]:
    """The first seeds of all arms."""
    return [PlanStep(Planned(seeded(arm, seed), open=True), ("lessons",)) for arm in ARMS for seed in range(seeds)]


def seeded(arm: Cell, seed: int) -> Cell:
    assert isinstance(arm.scenario, Learning)
    return replace(arm, scenario=replace(arm.scenario, seed=seed))


def asked(found: tuple[PlanStep, ...]) -> list[tuple[str, int]]:
    wheres = [step.planned.cell.scenario for step in found]
    return [(where.augmentation, where.seed) for where in wheres if isinstance(where, Learning)]


def learned(asking: Asking, found: list[PlanStep] | tuple[PlanStep, ...], values: tuple[float, ...]) -> None:
    """The trainings end with these accuracies, by arm."""
    for step in found:
        arm = ARMS.index(step.planned.cell.arm)
        asking.learned(trained(step.planned.cell, values[arm]))


def timing(of: Cell, process: int, value: float) -> Record:
    return Record(cell=of, replicate=process, status="ok", unit="s", values=(value,))


def test_a_hypothesis_of_three_arms_gets_the_next_seed_in_each() -> None:
    asking = Asking(steps(), DESIGN, [RISING])
    learned(asking, steps(), (0.5, 0.6, 0.7))
    assert [("none", 1), ("digits", 1), ("lecture", 1)] == asked(asking.more(second))


def test_it_gets_seeds_up_to_the_look_that_answers_it_and_no_more() -> None:
    asking, seeds = Asking(steps(), DESIGN, [RISING]), 1
    learned(asking, steps(), (0.5, 0.6, 0.7))
    while more := asking.more(second):
        learned(asking, more, (0.5, 0.6, 0.7) if seeds % 2 else (0.5, 0.6, 0.8))
        seeds += 1
    assert (LOOKS[1], 1) == (seeds, asking.answered)


def test_lessons_are_asked_instead_of_the_comparisons_of_the_plan() -> None:
    assert (True, {"rising": (0, 1)}) == ((found := Asking(steps(), DESIGN, [RISING])).of_lessons, found.tally)
    assert {"augmentation": (0, 2)} == Asking(steps(), DESIGN).tally


def test_arms_of_cost_are_answered_by_their_processes_and_get_no_more() -> None:
    planned = [PlanStep(Planned(arm, replicates=3), ("lessons",)) for arm in TIMED]
    asking = Asking(
        planned, DESIGN, [replace(QUICKER, hypotheses=(replace(QUICKER.hypotheses[0], is_open=False),))]
    )
    for process in range(3):
        assert 0 == asking.answered
        for arm, value in zip(TIMED, (2.0, 1.0), strict=True):
            asking.learned(timing(arm, process, value + 0.01 * process))
    assert (1, ()) == (asking.answered, asking.more(second))
