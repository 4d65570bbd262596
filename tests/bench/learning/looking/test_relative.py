"""How much of attention the offset of patches explains."""

import pytest
import torch
from torch import nn

from bench.errors import Unsupported
from bench.learning.looking.relative import beyond_chance, explained, offsets, relative_of
from tests.bench.looks import look_of

SIDE = 4


class Attends(nn.Module):
    """Attention by given logits between the 4 x 4 pixels of a picture, whatever is in it."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        weights = self.logits.expand(len(images), *self.logits.shape).softmax(-1)
        return (weights @ images.flatten(2).mean(1)[:, None, :, None]).flatten(1)


def by_offset() -> torch.Tensor:
    """Heads x L x L: one head whose logits are noise that depends on the offset alone."""
    torch.manual_seed(0)
    return torch.randn((2 * SIDE - 1) ** 2)[offsets(SIDE)][None]


def test_pairs_of_the_same_offset_have_the_same_number() -> None:
    found = offsets(SIDE).unflatten(0, (SIDE, SIDE)).unflatten(-1, (SIDE, SIDE))
    assert found[0, 0, 1, 2] == found[2, 1, 3, 3] != found[0, 0, 2, 1]


def test_there_are_seven_by_seven_offsets_between_four_by_four_patches() -> None:
    assert list(range(49)) == offsets(SIDE).unique().tolist()


def test_what_the_groups_determine_is_explained_whole() -> None:
    groups = torch.tensor([[0, 1], [1, 2]])
    values = torch.tensor([[[5.0, -1.0], [-1.0, 3.0]]]).double()
    assert [1.0] == explained(values, groups).tolist()


def test_a_share_is_the_variance_between_groups_over_all_variance() -> None:
    # means of groups 1 and 3, about their mean of 2; values 0, 2, 2, 4
    groups, values = torch.tensor([[0, 0], [1, 1]]), torch.tensor([[[0.0, 2.0], [2.0, 4.0]]]).double()
    assert [4 / 8] == explained(values, groups).tolist()


def test_of_values_that_do_not_vary_nothing_is_explained() -> None:
    assert [0.0] == explained(torch.ones(1, 4, 4).double(), offsets(2)).tolist()


def test_attention_by_offset_is_explained_far_beyond_its_control() -> None:
    layers = relative_of(look_of(Attends(4 * by_offset())), seed=0)
    assert layers[0].share.item() > 0.9
    assert layers[0].control.item() < 0.4
    assert pytest.approx(layers[0].share.item() - layers[0].control.item()) == beyond_chance(layers)


def test_attention_by_noise_is_explained_as_little_as_its_control() -> None:
    torch.manual_seed(0)
    layers = relative_of(look_of(Attends(torch.randn(8, SIDE**2, SIDE**2))), seed=0)
    assert pytest.approx(0.0, abs=0.05) == beyond_chance(layers)


def test_a_number_a_query_changes_nothing() -> None:
    logits = by_offset()
    shifted = logits + torch.arange(SIDE**2)[:, None]
    first, second = (relative_of(look_of(Attends(some)), seed=0)[0].share for some in (logits, shifted))
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-4)


def test_without_attention_the_reason_is_told() -> None:
    with pytest.raises(Unsupported, match="net has no attention"):
        relative_of(look_of(nn.Conv2d(3, 2, 4)), seed=0)
