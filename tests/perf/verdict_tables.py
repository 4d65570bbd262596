"""Whole tables of comparisons whose truth is known: trainings are drawn, and answered as those of a run are.

All accuracies are in points. A table has 12 rows: 4 networks, each with 3 treatments against one shared base.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.statistics.intervals import t_quantile
from bench.statistics.looks import ALPHA, Looks

NETWORKS, TREATMENTS = 4, 3
ROWS = NETWORKS * TREATMENTS
SPREAD = 1.6
"""Of the differences of a pair: the median over the comparisons of a default run."""
MARGIN = 1.0
STALLS = 0.03
"""Share of the trainings that stay at chance, where some do."""
FALL = 75.0
"""What such a training loses."""
Floats = NDArray[np.float64]
Answers = NDArray[np.str_]
Quantile = Callable[[int, float], float]
"""Standard errors that an interval reaches to either side, of a number of pairs and the level of a row."""
Noise = Literal[
    "normal",
    "heavy-tailed",
    "skewed",
    "discrete",
    "very skewed",
    "stalls in both arms",
    "stalls in the base alone",
]


@dataclass(frozen=True)
class Plan:
    """When it is looked, and how wide the intervals are."""

    name: str
    looks: tuple[int, ...]
    quantile: Quantile


def weighted(looks: tuple[int, ...], power: float) -> Plan:
    """Student's t; each look has a share of the level that grows with its number of pairs to this power."""
    total = sum(look**power for look in looks)
    name = f"plain t, {len(looks)} looks to {looks[-1]}, weights pairs^{power:g}"
    return Plan(name, looks, lambda n, level: t_quantile(n - 1, 1 - level * n**power / total))


def as_built(looks: tuple[int, ...]) -> Plan:
    """What runs do."""
    fixed = Looks(looks)
    name = f"as built, {len(looks)} looks to {looks[-1]}"
    return Plan(name, looks, lambda n, _: fixed.interval(0.0, math.sqrt(n), n, ROWS).high)


def sequence(effect: float, last: int) -> Plan:
    """A confidence sequence, looked at after every pair.

    The e-process is the Bayes factor of Student's t with a normal prior of the standardised effect (Lai 1976,
    Annals of Statistics 4, 265-280; Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian
    means with unknown variance", arXiv 2310.03722).

    Args:
        effect: standard deviation of the prior.
        last: pairs after which it ends.
    """

    def quantile(n: int, level: float) -> float:
        grown = 1 + n * effect**2
        ratio = (math.sqrt(grown) / level) ** (2 / n)
        return math.sqrt((n - 1) * (ratio - 1) / (1 - ratio / grown)) if ratio < grown else math.inf

    return Plan(f"confidence sequence to {last}, prior {effect:g}", tuple(range(3, last + 1)), quantile)


def images_of(noise: Noise) -> int:
    """Test images."""
    return 60 if noise == "discrete" else 360


def margin_of(noise: Noise) -> float:
    """The margin, or one test image."""
    return max(MARGIN, 100 / images_of(noise))


def drawn(noise: Noise, truth: Floats, pairs: int, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Accuracies less a constant: of bases (tables, networks, pairs), and of treated (tables, rows, pairs).

    Args:
        noise: how trainings of one arm differ.
        truth: what the mean difference is, (tables, rows).
        pairs: to be drawn.
        chance: drawn from.
    """
    one = SPREAD / math.sqrt(2)
    of_base, of_treated = (len(truth), NETWORKS, pairs), (*truth.shape, pairs)
    base, treated = one * chance.standard_normal(of_base), one * chance.standard_normal(of_treated)
    mean = truth[:, :, None]
    match noise:
        case "heavy-tailed":
            base, treated = (one / math.sqrt(3) * chance.standard_t(3, shape) for shape in (of_base, of_treated))
        case "skewed":  # by 1
            base, treated = 0.1 * base, SPREAD * (4 - chance.standard_gamma(4.0, of_treated)) / 2
        case "very skewed":  # by 2
            base, treated = 0.1 * base, SPREAD * (1 - chance.standard_exponential(of_treated))
        case "discrete":
            image = 100 / images_of(noise)
            # to the next image above or below by chance, so that the mean stays
            treated = image * np.floor((mean + treated) / image + chance.random(of_treated)) - mean
            base = image * np.floor(base / image + chance.random(of_base))
        case "stalls in both arms":
            base = base - FALL * (chance.random(of_base) < STALLS)
            treated = treated - FALL * (chance.random(of_treated) < STALLS)
        case "stalls in the base alone":
            base = base - FALL * (chance.random(of_base) < STALLS)
            treated = treated - FALL * STALLS
    return base, mean + treated


def answers_of(changes: Floats, plan: Plan, margin: float, image: float) -> tuple[Answers, NDArray[np.int64]]:
    """Answers, `+`, `-`, `0` or nothing, and the pairs of the look that gave them, else of the last one.

    Args:
        changes: treated less base, (tables, rows, pairs).
        plan: when and how it is looked.
        margin: a difference that is surely smaller is none.
        image: what one test image is worth: the least spread.
    """
    answers = np.full(changes.shape[:2], "", dtype="<U1")
    used = np.full(changes.shape[:2], plan.looks[-1], dtype=np.int64)
    sums, squares = np.cumsum(changes, axis=2), np.cumsum(changes**2, axis=2)
    for n in plan.looks:
        mean = sums[:, :, n - 1] / n
        variance = (squares[:, :, n - 1] - n * mean**2) / (n - 1)
        spread = np.maximum(np.sqrt(np.maximum(variance, 0.0)), image)
        half = plan.quantile(n, ALPHA / ROWS) * spread / math.sqrt(n)
        low, high = mean - half, mean + half
        inside = (low >= -margin) & (high <= margin)
        new = np.select([low > 0, high < 0, inside], ["+", "-", "0"], "")
        first = (answers == "") & (new != "")
        answers[first], used[first] = new[first], n
    return answers, used


def wrong(answers: Answers, truth: Floats, margin: float) -> NDArray[np.bool_]:
    """Which answers are not so: a sign that the effect does not have, or `0` of one at the margin or beyond."""
    signs = ((answers == "+") & (truth <= 0)) | ((answers == "-") & (truth >= 0))
    found: NDArray[np.bool_] = signs | ((answers == "0") & (np.abs(truth) >= margin))
    return found


def changes_of(base: Floats, treated: Floats) -> Floats:
    """Treated less the base of its network, (tables, rows, pairs)."""
    return treated - np.repeat(base, TREATMENTS, axis=1)


def truth_of(what: str, margin: float, tables: int, chance: np.random.Generator) -> Floats:
    """True mean differences of so many tables: `none`, `margin` or `mixture`."""
    shape = (tables, ROWS)
    match what:
        case "none":
            return np.zeros(shape)
        case "margin":
            return margin * chance.choice((-1.0, 1.0), shape)
    small, large = chance.normal(0, 0.3, shape), chance.normal(0, 5, shape)
    return np.where(chance.random(shape) < 0.3, small, large)


def mean_of(values: NDArray[np.int64]) -> float:
    """As a plain number."""
    return fmean(values.ravel().tolist())
