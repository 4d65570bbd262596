"""Blends of pictures: torchvision's, with shares that tell what is in them, from a stream of their own."""

from __future__ import annotations

import pytest
import torch

from bench.learning.recipes import Objective
from bench.learning.training.techniques.mixing import Mixer

CLASSES = 4
KINDS = pytest.mark.parametrize(
    "objective", [Objective(mixup=0.8), Objective(cutmix=1.0), Objective(mixup=0.8, cutmix=1.0)], ids=str
)
LABELS = torch.arange(CLASSES).repeat(2)


def pictures(channels: int = 3) -> torch.Tensor:
    """Each of one brightness all over, which is its class."""
    return LABELS.float().view(-1, 1, 1, 1).expand(-1, channels, 32, 32).clone()


@KINDS
@pytest.mark.parametrize("channels", [1, 3])
def test_the_shares_tell_what_of_each_class_is_in_the_picture(objective: Objective, channels: int) -> None:
    blended, shares = Mixer(objective, CLASSES, 0)(pictures(channels), LABELS)
    torch.testing.assert_close(shares @ torch.arange(CLASSES).float(), blended.mean((1, 2, 3)))
    torch.testing.assert_close(torch.ones(len(LABELS)), shares.sum(1))


@KINDS
def test_equal_seeds_give_equal_blends_and_others_give_others(objective: Objective) -> None:
    first, same, other = (
        Mixer(objective, CLASSES, *seed)(pictures(), LABELS)[0] for seed in ((0, 1), (0, 1), (1, 1))
    )
    assert first.equal(same)
    assert not first.equal(other)


@KINDS
def test_a_restored_stream_goes_on_as_the_first_did(objective: Objective) -> None:
    first, second = Mixer(objective, CLASSES, 0), Mixer(objective, CLASSES, 9)
    first(pictures(), LABELS)
    second.restore(first.state())
    for _ in range(5):
        assert first(pictures(), LABELS)[0].equal(second(pictures(), LABELS)[0])


@KINDS
def test_mixing_draws_nothing_from_the_global_generator_and_leaves_it_as_it_was(objective: Objective) -> None:
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        found.append(Mixer(objective, CLASSES, 0)(pictures(), LABELS)[0])
        assert before.equal(torch.get_rng_state())
    assert found[0].equal(found[1])


def test_of_two_kinds_each_batch_draws_one() -> None:
    mixer = Mixer(Objective(mixup=0.8, cutmix=1.0), CLASSES, 0)
    whole = [
        bool((blended == blended.round()).all()) for blended, _ in (mixer(pictures(), LABELS) for _ in range(40))
    ]
    assert 8 < sum(whole) < 32


def test_the_picture_that_is_given_stays_as_it_is() -> None:
    given = pictures()
    Mixer(Objective(mixup=0.8, cutmix=1.0), CLASSES, 0)(given, LABELS)
    assert given.equal(pictures())
