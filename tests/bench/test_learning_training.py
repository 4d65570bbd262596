"""The loop of optimisation: its schedule, its order of data, its curve."""

from itertools import islice

import pytest
import torch
from torch import nn

from bench.learning.training import Point, Recipe, Watch, factor, optimise, order


def test_the_learning_rate_rises_over_the_first_tenth_of_the_steps() -> None:
    assert [0.2, 0.4, 0.6, 0.8, 1.0] == pytest.approx([factor(step, 50) for step in range(5)])


def test_the_learning_rate_is_half_its_peak_in_the_middle_of_the_cosine() -> None:
    assert 0.5 == pytest.approx(factor(55, 100))


def test_the_learning_rate_ends_near_zero() -> None:
    assert factor(99, 100) < 0.001


def test_every_image_comes_once_before_any_comes_again() -> None:
    epoch = torch.cat(list(islice(order(12, 4, 0), 3)))
    assert list(range(12)) == epoch.sort().values.tolist()


def test_batches_stay_full_where_the_epoch_does_not_divide() -> None:
    assert {4} == {len(batch) for batch in islice(order(10, 4, 0), 9)}


def test_the_order_depends_on_the_seed() -> None:
    first, second = (next(order(100, 50, seed)).tolist() for seed in (0, 1))
    assert first != second


def fitted(lr: float, steps: int, watch: Watch | None = None, target: float = 3.0) -> nn.Linear:
    """A line through one point: the target at 1."""
    layer = nn.Linear(1, 1)
    x, y = torch.ones(2, 1), torch.full((2, 1), target)
    batches = ((x, y) for _ in iter(int, 1))
    optimise(
        list(layer.parameters()),
        lambda a, b: nn.functional.mse_loss(layer(a), b),
        batches,
        Recipe(steps, lr),
        watch,
    )
    return layer


def test_optimising_finds_what_the_data_say() -> None:
    assert 3.0 == pytest.approx(float(fitted(0.1, 200)(torch.ones(1, 1)).detach()), abs=0.05)


def test_a_curve_ends_at_the_last_step() -> None:
    seen: list[Point] = []
    watch = Watch(lambda: 0.5, lambda point, steps: seen.append(point))
    fitted(0.1, 25, watch)
    assert 25 == watch.curve[-1].step
    assert seen == watch.curve


def test_a_loss_that_is_no_number_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="not finite"):
        fitted(0.1, 12, Watch(lambda: 0.0, lambda point, steps: None), target=float("inf"))
