"""How often tables of comparisons are wrong, and how soon they decide: by simulation, which anyone can repeat.

    nox -s verdict-rates                     # ten minutes
    nox -s verdict-rates -- --tables 1000    # one minute

First whole tables are looked at to the last look, under each kind of noise: how many have a wrong answer. Then
some go through what drives a run: it asks for trainings by what it expects to be decided soonest, and is stopped
after a number of trainings drawn by chance. Then the ways of sharing the level are compared: how much is decided,
and when.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

import numpy as np

from bench.cell import Cell, Learning, Record
from bench.compare.asking.asking import Asking
from bench.compare.experiments.answers import Answered, answered
from bench.compare.experiments.contrasts import contrasts
from bench.compare.experiments.rule import Design
from bench.compare.experiments.training import training_of
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep
from bench.statistics.looks import LOOKS
from tests.perf.gate_rates import rate
from tests.perf.verdict_tables import (
    MARGIN,
    NETWORKS,
    ROWS,
    TREATMENTS,
    Answers,
    Floats,
    Noise,
    Plan,
    answers_of,
    as_built,
    changes_of,
    drawn,
    images_of,
    margin_of,
    mean_of,
    sequence,
    truth_of,
    weighted,
    wrong,
)

TABLES = 10_000
ASKED = 0.02
"""Share of the tables that also go through what drives a run, which takes longer."""
NOISES_OF_ASKED: tuple[Noise, ...] = ("normal", "skewed")
AT_ONCE = 1000
"""Tables, for the sake of memory."""
LEVEL = 80.0
"""Accuracy of the bases, in points."""
EFFECTS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 20.0)
"""True differences that the ways of sharing the level are compared at."""
PLANS = (
    as_built(LOOKS),
    as_built(LOOKS[:7]),
    weighted(LOOKS, 0.0),
    weighted(LOOKS, -0.5),
    weighted(LOOKS, 0.5),
    weighted(LOOKS, 1.0),
    sequence(0.5, LOOKS[-1]),
    sequence(1.0, LOOKS[-1]),
    sequence(1.7, LOOKS[-1]),
)
TRUTHS = ("none", "margin", "mixture")
SYMBOLS = {"helps": "+", "hurts": "-", "no difference": "0", "undecided": ""}


@dataclass(frozen=True)
class Asked:
    """A table that went through what drives a run."""

    answers: Answers
    """(1, rows)"""
    trainings: int


def main() -> int:
    """Simulate, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=TABLES, help="of each kind (%(default)s)")
    tables = parser.parse_args().tables
    say(f"tables of {ROWS} rows with a wrong answer, looked at to the end; k of n, 95 % intervals; level 5 %")
    for noise in get_args(Noise):
        words = [f"{what}: {wrong_tables(PLANS[0], noise, what, tables)}" for what in TRUTHS]
        say(f"  {noise:<25} {'; '.join(words)}; none, by plain t: {wrong_tables(PLANS[2], noise, 'none', tables)}")
    say("\nthe same, trainings asked for by what is decided soonest, stopped by chance")
    for noise in NOISES_OF_ASKED:
        words = [f"{what}: {wrong_asked(noise, what, round(ASKED * tables))}" for what in ("none", "mixture")]
        say(f"  {noise:<25} {'; '.join(words)}")
    say(f"\nshare decided, and mean pairs, by the true difference in points (spread 1.6, margin {MARGIN:g})")
    say(f"  {'':<40}" + "".join(f"{effect:>11g}" for effect in EFFECTS))
    for plan in PLANS:
        cells = [decided(plan, effect, tables // 10) for effect in EFFECTS]
        say(f"  {plan.name:<40}" + "".join(f"{share:>5.0%} {pairs:>5.1f}" for share, pairs in cells))
    return 0


def wrong_tables(plan: Plan, noise: Noise, what: str, tables: int) -> str:
    """`3 of 8 [0.09, 0.76]` tables with a wrong answer, each looked at to the end."""
    chance = np.random.default_rng(0)
    margin, image = margin_of(noise), 100 / images_of(noise)
    found = 0
    for start in range(0, tables, AT_ONCE):
        truth = truth_of(what, margin, min(AT_ONCE, tables - start), chance)
        changes = changes_of(*drawn(noise, truth, LOOKS[-1], chance))
        answers, _ = answers_of(changes, plan, margin, image)
        found += int(wrong(answers, truth, margin).any(axis=1).sum())
    return rate(found, tables)


def wrong_asked(noise: Noise, what: str, tables: int) -> str:
    """The same of tables that go through what drives a run, with what was spent and decided."""
    chance = np.random.default_rng(1)
    margin = margin_of(noise)
    found, decisions, trainings = 0, 0, 0
    for _ in range(tables):
        truth = truth_of(what, margin, 1, chance)
        base, treated = drawn(noise, truth, LOOKS[-1], chance)
        one = asked(base[0], treated[0], images_of(noise), most=int(chance.integers(80, 800)))
        found += bool(wrong(one.answers, truth, margin).any())
        decisions += int((one.answers != "").sum())
        trainings += one.trainings
    return f"{rate(found, tables)}, {decisions / tables / ROWS:.0%} decided by {trainings / tables:.0f} trainings"


def decided(plan: Plan, effect: float, tables: int) -> tuple[float, float]:
    """Share of rows that are decided, and the mean pairs that it takes, of one true difference."""
    chance = np.random.default_rng(2)
    truth = np.full((tables, ROWS), effect)
    changes = changes_of(*drawn("normal", truth, plan.looks[-1], chance))
    answers, used = answers_of(changes, plan, MARGIN, 100 / images_of("normal"))
    return float((answers != "").mean()), mean_of(used)


def asked(base: Floats, treated: Floats, images: int, most: int) -> Asked:
    """Drive a table as a run does: five seeds of each arm, then what is asked for, until so many trainings.

    Args:
        base: in points, less `LEVEL`; (networks, seeds).
        treated: the same, (rows, seeds).
        images: of the test split.
        most: trainings after which it is stopped; the first five of each arm are made all the same.
    """
    values = accuracies(base, treated)
    first = [seeded(cell, seed) for cell in values for seed in range(LOOKS[0])]
    todo = [PlanStep(Planned(cell, open=True), ("transfer",)) for cell in first]
    design = Design(LOOKS, margin=MARGIN / 100)
    asking, made = Asking(todo, design), list[Record]()
    while todo:
        for step in todo:
            made.append(recorded(step.planned.cell, values, images))
            asking.learned(made[-1])
        todo = list(asking.more(lambda planned: 1.0)) if len(made) < most else []
    return Asked(np.array([[SYMBOLS[item.answer] for item in told(made, design)]]), len(made))


def accuracies(base: Floats, treated: Floats) -> dict[Cell, Floats]:
    """By arm those of its seeds, in points less `LEVEL`."""
    found = {arm(i, 0): base[i] for i in range(NETWORKS)}
    places = product(range(NETWORKS), range(TREATMENTS))
    return found | {arm(i, j + 1): treated[i * TREATMENTS + j] for i, j in places}


def told(made: Iterable[Record], design: Design) -> list[Answered]:
    """The answers as a report has them: from all records."""
    trainings: dict[Cell, list[Record]] = {}
    for record in made:
        trainings.setdefault(seeded(record.cell, 0), []).append(record)
    found = contrasts(trainings)
    rules = design.rules(found)
    answers = []
    for item in found:
        base, treated = (map(training_of, trainings[side]) for side in (item.base, item.treated))
        one = answered(base, treated, rules[item.family])
        assert one is not None
        answers.append(one)
    return answers


def arm(network: int, treatment: int) -> Cell:
    """A network under a treatment, of which 0 is none."""
    where = Learning(
        weights="random",
        target="images",
        mode="scratch",
        augmentation=f"treatment {treatment}" if treatment else "none",
        resolution=32,
        shots=5,
        steps=60,
        batch=16,
        lr=1e-3,
    )
    return Cell(f"network {network}", "top1", where)


def seeded(cell: Cell, seed: int) -> Cell:
    """The training of another seed."""
    assert isinstance(cell.scenario, Learning)
    return replace(cell, scenario=replace(cell.scenario, seed=seed))


def recorded(cell: Cell, values: dict[Cell, Floats], images: int) -> Record:
    """The record of a training whose accuracy was drawn."""
    assert isinstance(cell.scenario, Learning)
    share = (LEVEL + float(values[seeded(cell, 0)][cell.scenario.seed])) / 100
    return Record(cell=cell, replicate=0, status="ok", unit="1", values=(share,) * images)


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
