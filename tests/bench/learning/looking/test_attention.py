"""Attention weights: those of the closed formula, wherever a model computes them."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from bench.errors import Unsupported
from bench.lazy import lazy
from bench.learning.looking.attention import (
    AttentionLayer,
    AttentionRecorder,
    attention_of,
    attention_weights,
    distances,
    rollout,
)
from bench.learning.looking.look import Look
from tests.bench.looks import look_of

torchvision_vit = lazy("torchvision.models.vision_transformer")
GENERATOR = torch.Generator().manual_seed(0)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=GENERATOR)


QUERY, KEY, VALUE = drawn(2, 3, 5, 8), drawn(2, 3, 7, 8), drawn(2, 3, 7, 8)


def formula(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """softmax(Q K^T / sqrt(d)), written out."""
    scores = torch.einsum("nhqd,nhkd->nhqk", query, key) / math.sqrt(query.shape[-1])
    return scores.exp() / scores.exp().sum(-1, keepdim=True)


@torch.inference_mode()
def test_what_torchs_attention_is_given_is_kept_as_the_closed_formula() -> None:
    with AttentionRecorder() as recorder:
        functional.scaled_dot_product_attention(QUERY, KEY, VALUE)
    torch.testing.assert_close(formula(QUERY, KEY), recorder.maps[0])


MASK = torch.rand(5, 7, generator=GENERATOR) > 0.3
CONDITIONS = {
    "plain": {},
    "of true and false": {"attn_mask": MASK},
    "added": {"attn_mask": drawn(5, 7)},
    "causal": {"is_causal": True},
    "scaled": {"scale": 0.3},
}


@torch.inference_mode()
@pytest.mark.parametrize("how", CONDITIONS.values(), ids=CONDITIONS)
def test_weights_times_values_are_what_torch_answers(how: dict[str, object]) -> None:
    weights = attention_weights(QUERY, KEY, VALUE, **how)  # type: ignore[arg-type]
    answer = functional.scaled_dot_product_attention(QUERY, KEY, VALUE, **how)  # type: ignore[arg-type]
    torch.testing.assert_close(answer, weights @ VALUE)


@torch.inference_mode()
def test_heads_that_share_keys_are_told_apart() -> None:
    keys, values = KEY[:, :1], VALUE[:, :1]
    weights = attention_weights(QUERY, keys, values, enable_gqa=True)
    answer = functional.scaled_dot_product_attention(QUERY, keys, values, enable_gqa=True)
    torch.testing.assert_close(answer, weights @ values)


@torch.inference_mode()
def test_attention_that_is_written_out_is_kept() -> None:
    scores = QUERY @ KEY.transpose(-2, -1) / math.sqrt(8)
    for way in (
        scores.softmax,
        lambda dim: torch.softmax(scores, dim),
        lambda dim: functional.softmax(scores, dim),
    ):
        with AttentionRecorder() as recorder:
            way(dim=-1)
        torch.testing.assert_close([formula(QUERY, KEY)], recorder.maps)


@torch.inference_mode()
def test_the_answer_of_a_classifier_is_no_attention() -> None:
    with AttentionRecorder() as recorder:
        drawn(2, 10).softmax(-1)
        drawn(2, 3, 4, 4).softmax(1)
    assert [] == recorder.maps


def encoder() -> Any:
    return torchvision_vit.EncoderBlock(3, 12, 24, dropout=0.0, attention_dropout=0.0).eval()


@torch.inference_mode()
def test_a_block_of_torchvision_tells_the_closed_formula() -> None:
    block, tokens = encoder(), drawn(2, 5, 12)
    with AttentionRecorder() as recorder:
        block(tokens)
    projected = functional.linear(
        block.ln_1(tokens), block.self_attention.in_proj_weight, block.self_attention.in_proj_bias
    )
    query, key, _ = (part.unflatten(-1, (3, 4)).transpose(1, 2) for part in projected.chunk(3, -1))
    torch.testing.assert_close([formula(query, key)], recorder.maps)


@torch.inference_mode()
def test_recording_changes_nothing_of_what_a_block_answers() -> None:
    block, tokens = encoder(), drawn(2, 5, 12)
    plain = block(tokens)
    with AttentionRecorder():
        recorded = block(tokens)
    torch.testing.assert_close(plain, recorded)


class Attending(nn.Module):
    """Patches of a 4 x 4 picture, one pixel each, in one head; in windows of 2 x 2 where that is asked for."""

    def __init__(self, windows: bool = False, beside: int = 0) -> None:
        super().__init__()
        self.windows, self.beside, self.head = windows, beside, nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = images.flatten(2).transpose(1, 2)
        tokens = torch.cat([tokens[:, : self.beside], tokens], 1)
        if self.windows:
            tokens = tokens.reshape(-1, 4, 3)
        x = tokens.unsqueeze(1)
        out = functional.scaled_dot_product_attention(x, x, x)
        logits: torch.Tensor = self.head(out.reshape(len(images), -1, 3).mean(1))
        return logits


def test_a_model_tells_its_layers_with_their_grids() -> None:
    (layer,) = attention_of(look_of(Attending(beside=1)))
    assert ((17, 17), (4, 4)) == (layer.weights.shape[-2:], layer.sides)


def test_a_model_without_attention_says_so() -> None:
    with pytest.raises(Unsupported, match="net has no attention"):
        attention_of(look_of(nn.Sequential(nn.Flatten(), nn.Linear(48, 2))))


def test_attention_within_windows_has_no_map_of_the_picture() -> None:
    with pytest.raises(Unsupported, match="attends within windows"):
        attention_of(look_of(Attending(windows=True)))


def test_tokens_that_are_no_square_say_so() -> None:
    with pytest.raises(Unsupported, match="no square grid of patches"):
        attention_of(look_of(Attending(beside=3)))


def layer(weights: torch.Tensor) -> AttentionLayer:
    return AttentionLayer(weights.expand(1, 1, -1, -1), (2, 2))


def test_attention_to_itself_has_no_distance() -> None:
    assert [0.0] == layer(torch.eye(4)).distance.tolist()


def test_attention_to_the_neighbour_in_the_row_has_the_distance_of_a_patch() -> None:
    swapped = torch.eye(4)[[1, 0, 3, 2]]
    assert [0.5] == layer(swapped).distance.tolist()


def test_attention_that_is_the_same_everywhere_has_the_mean_distance() -> None:
    expected = (0 + 0.5 + 0.5 + math.sqrt(0.5)) / 4
    assert [expected] == pytest.approx(layer(torch.full((4, 4), 0.25)).distance.tolist())
    assert expected == pytest.approx(float(distances(2, 2).mean()))


def test_what_goes_to_the_class_token_has_no_distance() -> None:
    weights = torch.zeros(5, 5)
    weights[:, 0] = 0.9
    weights[1:, 1:] = 0.1 * torch.eye(4)
    assert [0.0] == pytest.approx(AttentionLayer(weights.expand(1, 1, -1, -1), (2, 2)).distance.tolist())


def test_with_a_class_token_its_own_attention_is_what_is_seen() -> None:
    weights = torch.full((5, 5), 0.2)
    weights[0] = torch.tensor([0.6, 0.4, 0.0, 0.0, 0.0])
    seen = AttentionLayer(weights.expand(1, 1, -1, -1), (2, 2)).seen[0, 0]
    torch.testing.assert_close(torch.tensor([[0.4, 0.0], [0.0, 0.0]]), seen)


def test_rollout_multiplies_the_layers_with_half_their_shortcuts() -> None:
    first, second = (functional.softmax(drawn(1, 1, 5, 5), -1) for _ in range(2))
    flow = rollout([AttentionLayer(first, (2, 2)), AttentionLayer(second, (2, 2))])
    identity = torch.eye(5)
    expected = ((second[0, 0] + identity) / 2) @ ((first[0, 0] + identity) / 2)
    assert flow is not None
    torch.testing.assert_close(expected[0, 1:].reshape(1, 2, 2), flow)


def test_layers_of_different_grids_have_no_rollout() -> None:
    large = AttentionLayer(torch.full((1, 1, 9, 9), 1 / 9), (3, 3))
    assert rollout([layer(torch.eye(4)), large]) is None


def test_a_looks_pictures_are_looked_at_together() -> None:
    look: Look = look_of(Attending())
    fewer = replace(look, pixels=look.pixels[:1])
    assert [len(look.pixels), 1] == [len(attention_of(some)[0].weights) for some in (look, fewer)]
