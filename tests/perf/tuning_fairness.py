"""Whether tuning favours a network: by simulation, which anyone can repeat.

    nox -s tuning-fairness                          # a minute
    nox -s tuning-fairness -- --comparisons 300     # some seconds

Two networks are equal in truth: at its best learning rate each is as accurate as the other. What their accuracy is
at other rates may differ: it stays at its best over a plateau, which lies anywhere in the range of the recipe.
Both are tuned as the harness does it, with its own points and 120 validation images for each training, and are
compared by its own rule on other images. Beside it stands what the harness does not do: a range of its own for
each network, a comparison by the validation images that chose, and no tuning at all.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.cell import USUAL_RECIPE, Learning
from bench.compare.experiments.answers import answered
from bench.compare.experiments.rule import ComparisonRule
from bench.compare.experiments.training import Training
from bench.learning.partition import VAL_MOST
from bench.learning.recipes import RECIPES
from bench.learning.tuning.points import further

Floats = npt.NDArray[np.float64]
TESTED = 360
"""Test images, the same for both networks."""
SEEDS = 5
BEST, CHANCE = 0.85, 0.1
FALLS = 0.4
"""Decades beyond a plateau after which accuracy has lost about 40 % of what it has above chance."""
SCATTER = 0.01
"""Standard deviation of the accuracy between seeds."""
USUAL = 5e-4
"""Learning rate of the first trial, and of all trainings that are not tuned."""
COMPARISONS = 2000


@dataclass(frozen=True)
class Case:
    """Two networks A and B, and how they are tuned and compared."""

    about: str
    plateaus: tuple[float, float]
    """Decades of the learning rate over which A is at its best, and B."""
    trials: int = 8
    ranges: tuple[float, float] = (1.0, 1.0)
    """Decades that A tries, and B, as shares of the range of the recipe."""
    by_validation: bool = False
    """Whether they are compared by the very images that chose."""


@dataclass(frozen=True)
class Told:
    """What came of a case, in points of accuracy."""

    case: Case
    n: int
    ahead: float
    """Accuracy of A less that of B as it is told, mean over the comparisons."""
    error: float
    """Standard error of that mean."""
    flattered: tuple[float, float]
    """What is told of A less what the chosen weights are worth in truth, and of B."""
    missed: tuple[float, float]
    """What A is worth at its best less what the chosen weights are worth, and B."""
    answers: Counter[str]
    """`helps`: A is said to beat B; `hurts`: B to beat A."""


CASES = (
    Case("equal plateaus, tuned", (0.8, 0.8)),
    Case("A's plateau is wider, tuned", (1.6, 0.4)),
    Case("A's plateau is wider, 16 trials", (1.6, 0.4), trials=16),
    Case("A's plateau is wider, 4 trials", (1.6, 0.4), trials=4),
    Case("A's plateau is wider, not tuned", (1.6, 0.4), trials=1),
    Case("A has a wider range of its own (not done)", (0.8, 0.8), ranges=(1.0, 0.3)),
    Case("equal, by validation images (not done)", (0.8, 0.8), by_validation=True),
    Case("A's wider, by validation images (not done)", (1.6, 0.4), by_validation=True),
)


def simulated(case: Case, comparisons: int, chance: np.random.Generator) -> Told:
    """Tune and compare so many pairs of networks."""
    low, high = _range()
    shape = (comparisons, SEEDS)
    sides = []
    for plateau, share in zip(case.plateaus, case.ranges, strict=True):
        centre = chance.uniform(low + 0.4, high - 0.4, comparisons)
        rates = _rates(case.trials)
        middle = centre.clip(low + share * (high - low) / 2, high - share * (high - low) / 2)
        tried = middle[:, None] + share * (rates[None, :] - (low + high) / 2)
        beyond = np.maximum(0.0, np.abs(tried - centre[:, None]) - plateau / 2)
        truth = CHANCE + (BEST - CHANCE) * np.exp(-((beyond / FALLS) ** 2) / 2)
        luck = chance.normal(0.0, SCATTER, shape)
        worth = (truth[:, None, :] + luck[:, :, None]).clip(0.0, 1.0)
        seen = chance.binomial(VAL_MOST, worth) / VAL_MOST
        best = seen.argmax(2)[:, :, None]
        chosen = np.take_along_axis(worth, best, 2)[:, :, 0]
        tested = chance.binomial(TESTED, chosen) / TESTED
        figure = np.take_along_axis(seen, best, 2)[:, :, 0] if case.by_validation else tested
        sides.append((figure, (figure - chosen).mean(), BEST + luck.mean() - chosen.mean()))
    (a, of_a, a_missed), (b, of_b, b_missed) = sides
    images = VAL_MOST if case.by_validation else TESTED
    answers = Counter(_answer(a[i], b[i], images) for i in range(comparisons))
    difference = 100 * (a - b).mean(1)
    return Told(
        case,
        comparisons,
        float(difference.mean()),
        float(difference.std(ddof=1) / comparisons**0.5),
        (100 * float(of_a), 100 * float(of_b)),
        (100 * float(a_missed), 100 * float(b_missed)),
        answers,
    )


def _answer(a: Floats, b: Floats, images: int) -> str:
    """The harness's own: A is the treatment."""
    treated, base = ([Training(float(v), 0, i, n_test=images) for i, v in enumerate(side)] for side in (a, b))
    found = answered(base, treated, ComparisonRule(tests=1))
    return found.answer if found else "undecided"


def _range() -> tuple[float, float]:
    lr = RECIPES.get(USUAL_RECIPE).ranges["finetune"].lr
    return float(np.log10(lr.low)), float(np.log10(lr.high))


def _rates(trials: int) -> Floats:
    """Logarithms of the learning rates that the harness tries."""
    values = [USUAL, *(values.lr for values in further(replace(_SCENARIO, tune=trials)))]
    found: Floats = np.log10(np.array(values))
    return found


_SCENARIO = Learning(
    weights="random",
    target="digits",
    mode="finetune:all",
    augmentation="none",
    resolution=32,
    shots=None,
    steps=1,
    batch=1,
    lr=USUAL,
)


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--comparisons", type=int, default=COMPARISONS)
    number = parser.parse_args().comparisons
    images = f"{VAL_MOST} validation images, {TESTED} test images"
    _say(f"{number} comparisons of a case, {SEEDS} seeds of each network, {images}")
    _say("A less B: as told, in points; flattered: told less true; missed: best less true; share of answers in %")
    _say(f"{'':44}{'A less B':>16}{'flattered A, B':>17}{'missed A, B':>14}{'A beats':>9}{'B beats':>9}")
    for seed, case in enumerate(CASES):
        told = simulated(case, number, np.random.default_rng(seed))
        ahead = f"{told.ahead:+.2f} ± {1.96 * told.error:.2f}"
        pairs = [f"{first:+.2f}, {second:+.2f}" for first, second in (told.flattered, told.missed)]
        wins = [f"{100 * told.answers[word] / told.n:.1f}" for word in ("helps", "hurts")]
        _say(f"{case.about:44}{ahead:>16}{pairs[0]:>17}{pairs[1]:>14}{wins[0]:>9}{wins[1]:>9}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
