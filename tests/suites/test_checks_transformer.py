"""What is measured of vision transformers: tokens, positions, blocks and the head."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks import encoder, transformer
from suites.checks._vit import valued

SMALL = "vit_reduced"
"""4 layers, 4 heads and 128 dimensions, on 64 patches of 4x4 pixels."""
BLOCK = "encoder.layers.encoder_layer_0"


def test_a_picture_of_32_pixels_is_64_patches_of_4_pixels() -> None:
    assert (32, "4x4", "8x8", 64) == (
        transformer.image_side(architecture=SMALL).value,
        transformer.patch_size(architecture=SMALL).value,
        transformer.patches_a_side(architecture=SMALL).value,
        transformer.patches(architecture=SMALL).value,
    )


def test_patches_cover_the_picture_side_by_side() -> None:
    assert transformer.patches_tile(architecture=SMALL).value is True


def test_the_class_token_makes_one_token_more_than_patches() -> None:
    assert ([65, 128], 65, 128, 1) == (
        transformer.token_shape(architecture=SMALL).value,
        transformer.tokens(architecture=SMALL).value,
        transformer.token_dimension(architecture=SMALL).value,
        transformer.learnable_extra_tokens(architecture=SMALL).value,
    )


@pytest.mark.parametrize(("name", "count"), [(SMALL, 65), ("vit_b_16", 197), ("vit_b_32", 50)])
def test_every_token_has_a_position_embedding(name: str, count: int) -> None:
    assert count == transformer.position_embeddings(architecture=name).value


def test_the_patch_embedding_is_one_matrix() -> None:
    assert transformer.embedding_is_linear(architecture=SMALL).value is True


def test_position_embeddings_are_added() -> None:
    assert "added" == transformer.position_embedding_is(architecture=SMALL).value


def test_only_position_embeddings_tell_the_order_of_patches() -> None:
    assert transformer.knows_places(architecture=SMALL).value is True


def test_a_block_has_two_residual_connections_beside_its_modules() -> None:
    found = encoder.block_elements(architecture=SMALL)
    assert ["layer norm", "multi-head attention", "residual connection", "MLP"] == found.value
    assert "LayerNorm, MultiheadAttention, MLPBlock and 2 additions in a block of vit_reduced" == found.note


def test_the_mlp_of_a_block_can_be_left_out() -> None:
    found = encoder.block_elements(architecture=SMALL, mlp=False).value
    assert ["layer norm", "multi-head attention", "residual connection"] == found


def test_there_are_several_blocks() -> None:
    assert "4 blocks in vit_reduced" == encoder.encoder_blocks(architecture=SMALL).note


def test_a_block_whose_parts_give_zeros_returns_its_input() -> None:
    assert "original input" == encoder.residual_connection(architecture=SMALL).value


def test_the_mlp_has_two_linear_layers() -> None:
    assert 2 == encoder.linear_layers(architecture=SMALL, part=f"{BLOCK}.mlp").value


@pytest.mark.parametrize(("layers", "place"), [(0, "between the linear layers"), (1, "at the end")])
def test_gelu_ends_the_first_layer_of_the_mlp(layers: int, place: str) -> None:
    found = encoder.place_of_activation(architecture=SMALL, part=f"{BLOCK}.mlp", kind="GELU", layers=layers)
    assert place == found.value


def test_layer_normalisation_has_two_parameters_a_dimension() -> None:
    assert 2 * 128 == encoder.part_parameters(architecture=SMALL, part=f"{BLOCK}.ln_1").value


@pytest.mark.parametrize(("hidden", "kind"), [(0, "single linear layer"), (8, "MLP head")])
def test_the_head_is_an_mlp_only_with_a_hidden_layer(hidden: int, kind: str) -> None:
    assert kind == encoder.head_is(hidden=hidden).value


def test_only_the_class_token_reaches_the_head() -> None:
    assert "class token" == encoder.head_sees(architecture=SMALL).value


@pytest.mark.parametrize(("whole", "width"), [(False, "8"), (True, "8 × nHead")])
def test_the_head_takes_the_dimensions_that_the_heads_share(whole: bool, width: str) -> None:
    assert width == encoder.head_takes(dim=8, whole=whole).value


def test_a_patch_has_as_many_pixels_as_its_kernel() -> None:
    found = transformer.patch_pixels(architecture="vit_b_16")
    assert (256, "16 x 16 pixels of 3 colours: 768 numbers") == (found.value, found.note)


@pytest.mark.parametrize("classes", [2, 10])
def test_there_is_a_score_for_each_class(classes: int) -> None:
    assert classes == encoder.class_scores(architecture=SMALL, classes=classes).value


def test_what_is_shared_keeps_its_values() -> None:
    before = {name: tensor.clone() for name, tensor in valued(SMALL).state_dict().items()}
    transformer.knows_places(architecture=SMALL)
    encoder.residual_connection(architecture=SMALL)
    encoder.head_sees(architecture=SMALL)
    assert [] == [name for name, tensor in valued(SMALL).state_dict().items() if not tensor.equal(before[name])]
