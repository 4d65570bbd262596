"""Vision transformers: tokens, attention maps, multiply-adds by formula and by the weights' metadata."""

from __future__ import annotations

from math import cos, sin

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401 - declares
from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from bench.measures.counting.multiply_adds import MacCount
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from suites.models.vit_simple import (
    POSITIONS,
    EncoderBlock,
    MultiHeadSelfAttention,
    Shape,
    VisionTransformer,
    sinusoidal,
)

models = lazy("torchvision.models")
SMALL = Shape(image_size=32, patch_size=8, dim=24, depth=2, heads=3, mlp_dim=48)


def counted(name: str, side: int = 0) -> MacCount:
    """Multiply-adds of a declared architecture or variant, at its own resolution if no side is given."""
    item = ARCHITECTURES.get(name)
    side = side or item.resolution
    return count_macs(build_untouched(item.build, 1000), torch.empty(1, item.channels, side, side))


def parameters(name: str) -> int:
    with torch.device("meta"):
        return count_parameters(ARCHITECTURES.get(name).build(1000)).total


def vit_macs(shape: Shape, classes: int = 1000) -> int:
    """Patches, then in each block Q, K, V, output, QK^T, AV and the MLP, then the head."""
    tokens, dim = shape.tokens, shape.dim
    patches = (tokens - 1) * 3 * shape.patch_size**2 * dim
    block = 4 * tokens * dim**2 + 2 * tokens**2 * dim + 2 * tokens * dim * shape.mlp_dim
    return patches + shape.depth * block + dim * classes


def ours_with_weights_of(theirs: nn.Module, shape: Shape, classes: int) -> VisionTransformer:
    """`vit_simple` with the tensors of torchvision's `VisionTransformer`."""
    ours = VisionTransformer(classes, shape)
    names = {
        "conv_proj": "patches.projection",
        "class_token": "class_token",
        "encoder.pos_embedding": "position",
        "encoder.ln.": "norm.",
        "heads.head": "head",
        "encoder.layers.encoder_layer_": "blocks.",
        ".ln_1.": ".norm1.",
        ".ln_2.": ".norm2.",
        ".mlp.3.": ".mlp.2.",
        ".self_attention.out_proj.": ".attention.output.",
    }
    state: dict[str, torch.Tensor] = {}
    for name, tensor in theirs.state_dict().items():
        for old, new in names.items():
            name = name.replace(old, new)
        stem, packed, kind = name.partition(".self_attention.in_proj_")
        if packed:
            parts = zip(("query", "key", "value"), tensor.chunk(3), strict=True)
            state.update({f"{stem}.attention.{part}.{kind}": chunk for part, chunk in parts})
        else:
            state[name] = tensor
    ours.load_state_dict(state)
    return ours.eval()


def test_with_the_weights_of_torchvisions_it_gives_the_same_logits() -> None:
    torch.manual_seed(0)
    theirs = models.VisionTransformer(32, 8, 2, 3, 24, 48, num_classes=5).eval()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.2)
    ours = ours_with_weights_of(theirs, SMALL, 5)
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(theirs(images), ours(images))


def test_by_default_it_has_the_parameters_of_vit_b_16() -> None:
    assert 86567656 == parameters("vit_simple") == parameters("vit_b_16")


def test_by_default_it_takes_the_multiply_adds_of_vit_b_16() -> None:
    assert 17563828224 == counted("vit_simple").total == counted("vit_b_16").total


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("vit_b_32", Shape(patch_size=32)),
        ("vit_b_16:image_size=384", Shape(image_size=384)),
        ("vit_l_16", Shape(dim=1024, depth=24, heads=16, mlp_dim=4096)),
        ("vit_simple:patch_size=8", Shape(patch_size=8)),
        ("vit_simple:depth=3,dim=96,heads=6,image_size=64,mlp_dim=200", Shape(64, 16, 96, 3, 6, 200)),
    ],
)
def test_multiply_adds_follow_the_formula_and_both_counters_agree(name: str, shape: Shape) -> None:
    found = counted(name)
    assert (vit_macs(shape), True) == (found.total, found.counters_agree)


@pytest.mark.parametrize(
    ("name", "expected"),
    # num_params of torchvision's weights that were trained at these sizes (IMAGENET1K_SWAG_E2E_V1)
    [
        ("vit_b_16:image_size=384", 86859496),
        ("vit_l_16:image_size=512", 305174504),
        ("vit_h_14:image_size=518", 633470440),
    ],
)
def test_a_larger_image_adds_positions_alone(name: str, expected: int) -> None:
    assert expected == parameters(name)


@pytest.mark.parametrize(("patch", "tokens"), [(32, 50), (16, 14 * 14 + 1), (14, 257), (8, 785)])
def test_the_tokens_are_the_patches_and_the_class_token(patch: int, tokens: int) -> None:
    with torch.device("meta"):
        model = VisionTransformer(10, Shape(patch_size=patch, depth=1))
    embedded = model.embed(torch.empty(1, 3, 224, 224, device="meta"))
    assert (tokens, (1, tokens, 768)) == (Shape(patch_size=patch).tokens, embedded.shape)


def test_the_position_embedding_is_197_by_768() -> None:
    with torch.device("meta"):
        model = ARCHITECTURES.get("vit_simple").build(1000)
    assert (1, 197, 768) == dict(model.named_parameters())["position"].shape


def test_a_patch_of_16_by_16_pixels_has_768_numbers_in_three_channels() -> None:
    with torch.device("meta"):
        model = VisionTransformer(10, Shape(depth=1))
    assert 768 == model.patches.projection.weight[0].numel() == 3 * 16 * 16


def test_patches_are_cut_row_by_row() -> None:
    model = VisionTransformer(10, SMALL)
    images = torch.zeros(1, 3, 32, 32)
    before = model.patches(images)
    images[..., 0:8, 8:16] = 1  # first row, second column
    changed = (model.patches(images) - before).abs().sum(dim=(0, 2))
    assert [1] == changed.nonzero().flatten().tolist()


def test_every_block_has_one_197_by_197_attention_map_a_head() -> None:
    with torch.device("meta"):
        model = VisionTransformer(10, Shape(depth=2))
    maps = model.attention_maps(torch.empty(1, 3, 224, 224, device="meta"))
    assert [(1, 12, 197, 197)] * 2 == [found.shape for found in maps]


def test_each_row_of_an_attention_map_sums_to_one() -> None:
    torch.manual_seed(0)
    maps = VisionTransformer(10, SMALL).attention_maps(torch.randn(2, 3, 32, 32))
    assert 2 == len(maps)
    for found in maps:
        torch.testing.assert_close(torch.ones(2, 3, 17), found.sum(dim=-1))


def test_attention_is_the_softmax_of_products_scaled_by_the_root_of_a_heads_dimensions() -> None:
    torch.manual_seed(0)
    attention = MultiHeadSelfAttention(dim=8, heads=2)
    for layer in (attention.query, attention.key):
        nn.init.eye_(layer.weight)
        nn.init.zeros_(layer.bias)
    tokens = torch.randn(1, 3, 8)
    first = tokens[0, :, :4]  # what the first head sees
    expected = (first @ first.T / 2).softmax(dim=-1)  # 2 is the root of 4
    torch.testing.assert_close(expected, attention.attention_map(tokens)[0, 0])


def test_without_positions_attention_does_not_know_the_order_of_tokens() -> None:
    torch.manual_seed(0)
    attention, tokens, order = MultiHeadSelfAttention(8, 2), torch.randn(1, 5, 8), torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(attention(tokens)[:, order], attention(tokens[:, order]))


def test_sinusoidal_positions_are_those_of_the_papers_formula() -> None:
    expected = [[fn(place / 10000 ** (pair / 6)) for pair in (0, 2, 4) for fn in (sin, cos)] for place in range(5)]
    torch.testing.assert_close(torch.tensor([expected]), sinusoidal(5, 6))


def test_an_odd_number_of_dimensions_ends_with_a_sine() -> None:
    assert (1, 5, 5) == sinusoidal(5, 5).shape
    assert pytest.approx(sin(3 / 10000 ** (4 / 5)), abs=1e-7) == sinusoidal(5, 5)[0, 3, 4].item()


def test_sinusoidal_positions_reach_the_class_token_and_every_patch() -> None:
    torch.manual_seed(0)
    model, images = VisionTransformer(10, SMALL, "sinusoidal"), torch.zeros(1, 3, 32, 32)
    without = torch.cat([model.class_token, model.patches(images)], dim=1)
    torch.testing.assert_close(sinusoidal(17, 24), model.embed(images) - without)


@pytest.mark.parametrize(("positions", "same"), [("none", True), ("sinusoidal", False), ("learned", False)])
def test_only_without_positions_a_shuffled_picture_gives_the_same_logits(positions: str, same: bool) -> None:
    torch.manual_seed(0)
    model, images = VisionTransformer(10, SMALL, positions), torch.randn(1, 3, 32, 32)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)  # fresh weights attend to all tokens alike
    shuffled = torch.cat([images[..., 8:16], images[..., :8], images[..., 16:]], dim=-1)
    with torch.no_grad():
        assert same is torch.allclose(model(images), model(shuffled), atol=1e-5)


@pytest.mark.parametrize("positions", ["sinusoidal", "none"])
def test_positions_that_are_not_learned_are_no_parameters(positions: str) -> None:
    assert 197 * 768 == parameters("vit_simple") - parameters(f"vit_simple:positions={positions}")


def test_of_one_seed_all_but_the_positions_begins_alike() -> None:
    states = []
    for positions in POSITIONS:
        torch.manual_seed(0)
        states.append(VisionTransformer(10, SMALL, positions).state_dict())
    learned = states[0].pop("position")
    assert (1, 17, 24) == learned.shape
    for other in states[1:]:
        torch.testing.assert_close(states[0], other, rtol=0, atol=0)


@pytest.mark.parametrize("heads", [1, 3, 6, 24])
def test_the_number_of_heads_changes_no_parameter_and_no_multiply_add(heads: int) -> None:
    name = f"vit_simple:heads={heads},depth=2"
    assert parameters("vit_simple:depth=2") == parameters(name)
    assert counted("vit_simple:depth=2").total == counted(name).total


def test_a_block_whose_last_layers_are_zero_passes_its_input_on() -> None:
    block = EncoderBlock(dim=8, heads=2, mlp_dim=16)
    last = block.mlp[2]
    assert isinstance(last, nn.Linear)
    for layer in (block.attention.output, last):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    tokens = torch.randn(2, 5, 8)
    assert torch.equal(tokens, block(tokens))


def test_a_fresh_model_tells_images_apart() -> None:
    torch.manual_seed(0)
    logits = VisionTransformer(10, SMALL)(torch.randn(2, 3, 32, 32))
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("patch_size=15", "an image of 224 pixels does not divide into patches of 15"),
        ("heads=7", "768 dimensions do not divide among 7 heads"),
        ("depth=0", "depth must be positive, not 0"),
        ("positions=rotary", "positions must be learned, sinusoidal or none, not 'rotary'"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_in_one_sentence(options: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        ARCHITECTURES.get(f"vit_simple:{options}").build(10)


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="32 x 32 pixels are needed, not 32 x 40"):
        VisionTransformer(10, SMALL)(torch.zeros(1, 3, 32, 40))


def test_a_variant_of_another_image_size_takes_it_for_its_resolution() -> None:
    assert 96 == ARCHITECTURES.get("vit_simple:image_size=96").resolution


@pytest.mark.parametrize("name", ["vit_b_32", "vit_l_32", "vit_h_14", "swin_s", "swin_v2_t"])
def test_counts_are_those_of_the_metadata_of_torchvisions_weights(name: str) -> None:
    meta = next(
        w.meta for w in models.get_model_weights(name) if w.name in ("IMAGENET1K_V1", "IMAGENET1K_SWAG_LINEAR_V1")
    )
    assert (meta["num_params"], meta["_ops"]) == (parameters(name), round(counted(name).total / 1e9, 3))


def test_the_second_swin_is_measured_at_256_pixels() -> None:
    assert {256} == {ARCHITECTURES.get(f"swin_v2_{size}").resolution for size in "tsb"}
