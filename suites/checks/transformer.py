"""Input of torchvision's vision transformer: patches, tokens, positions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check
from suites.checks._models import picture
from suites.checks._vit import noise, shaped, valued

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")


@check(kind="counted")
def image_side(*, architecture: str) -> Evidence:
    """Side of the square pictures that a vision transformer takes, in pixels."""
    return Evidence(shaped(architecture).image_size, f"any other size is refused by {architecture}")


@check(kind="counted")
def patch_size(*, architecture: str) -> Evidence:
    """Height and width of a patch in pixels, as in `16x16`."""
    height, width = shaped(architecture).conv_proj.kernel_size
    return Evidence(f"{height}x{width}", f"kernel of the patch embedding of {architecture}")


@check(kind="counted")
def patches_tile(*, architecture: str) -> Evidence:
    """Whether the patches are all of one size and cover the picture side by side, without gap or overlap."""
    vit = shaped(architecture)
    projection, side = vit.conv_proj, vit.image_size
    tiles = projection.stride == projection.kernel_size and projection.padding == (0, 0)
    return Evidence(
        tiles and not any(side % size for size in projection.kernel_size),
        f"kernel {projection.kernel_size}, stride {projection.stride}, {side} pixels",
    )


@check(kind="counted")
def patches_a_side(*, architecture: str) -> Evidence:
    """Patches in a column and in a row, as in `14x14`."""
    height, width = _patches(architecture)[-2:]
    return Evidence(f"{height}x{width}", f"output of the patch embedding of {architecture}")


@check(kind="counted")
def patches(*, architecture: str) -> Evidence:
    """Number of patches of a picture."""
    height, width = _patches(architecture)[-2:]
    return Evidence(height * width, f"{height} x {width} outputs of the patch embedding of {architecture}")


@check(kind="counted")
def patch_pixels(*, architecture: str) -> Evidence:
    """Pixels in one patch; the linear embedding takes in a number for each of their colours."""
    _, colours, height, width = shaped(architecture).conv_proj.weight.shape
    pixels = height * width
    return Evidence(pixels, f"{height} x {width} pixels of {colours} colours: {colours * pixels:,} numbers")


@check(kind="counted")
def token_shape(*, architecture: str) -> Evidence:
    """Tokens and their dimensions, as they leave the encoder."""
    shape = _tokens(architecture).shape
    return Evidence([int(size) for size in shape[1:]], f"output of the encoder of {architecture}")


@check(kind="counted")
def tokens(*, architecture: str) -> Evidence:
    """Number of tokens in the encoder, and so of the rows and columns of an attention map."""
    return Evidence(int(_tokens(architecture).shape[1]), f"output of the encoder of {architecture}")


@check(kind="counted")
def token_dimension(*, architecture: str) -> Evidence:
    """Dimensions of a token."""
    return Evidence(int(_tokens(architecture).shape[2]), f"output of the encoder of {architecture}")


@check(kind="counted")
def learnable_extra_tokens(*, architecture: str) -> Evidence:
    """How many tokens that are not patches, and that training changes, stand in the sequence."""
    vit = shaped(architecture)
    height, width = _patches(architecture)[-2:]
    extra = int(_tokens(architecture).shape[1]) - height * width
    learnable = extra if vit.class_token.requires_grad and vit.class_token.shape[1] == extra else 0
    return Evidence(learnable, f"a class token of shape {tuple(vit.class_token.shape)} in {architecture}")


@check(kind="counted")
def position_embeddings(*, architecture: str) -> Evidence:
    """Number of learned position embeddings."""
    shape = tuple(shaped(architecture).encoder.pos_embedding.shape)
    return Evidence(shape[1], f"{shape[1]} x {shape[2]} in {architecture}, the class token's included")


@check()
def embedding_is_linear(*, architecture: str) -> Evidence:
    """Whether the patch embedding is one matrix for all patches, each flattened."""
    projection = valued(architecture).conv_proj
    side = projection.kernel_size[0]
    images = noise(1, projection.in_channels, 4 * side, 4 * side)
    flat = nn.functional.unfold(images, side, stride=side).transpose(1, 2)
    with torch.no_grad():
        linear = nn.functional.linear(flat, projection.weight.flatten(1), projection.bias)
        embedded = projection(images).flatten(2).transpose(1, 2)
    return Evidence(torch.allclose(linear, embedded, atol=1e-5), f"16 patches of {side} pixels, {architecture}")


@check()
def position_embedding_is(*, architecture: str) -> Evidence:
    """How positions enter: `added` to the tokens, or `otherwise`."""
    encoder = valued(architecture).encoder
    given = noise(1, *encoder.pos_embedding.shape[1:])
    seen: list[torch.Tensor] = []
    with torch.no_grad(), encoder.dropout.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0])):
        encoder(given)
        added = torch.allclose(seen[0], given + encoder.pos_embedding)
    return Evidence(
        "added" if added else "otherwise", f"what the first block of {architecture} sees, against its input"
    )


@check()
def knows_places(*, architecture: str) -> Evidence:
    """Whether the class token tells patches in another order apart, and only because of the position embedding."""
    vit = copy.deepcopy(valued(architecture))
    given = noise(1, *vit.encoder.pos_embedding.shape[1:])
    count = given.shape[1]
    # the class token stays in front
    order = torch.cat([torch.zeros(1, dtype=torch.long), torch.arange(count - 1, 0, -1)])
    with torch.no_grad():
        vit.encoder.pos_embedding.copy_(noise(1, count, given.shape[2]))
        apart = _moved(vit.encoder, given, order)
        vit.encoder.pos_embedding.zero_()
        blind = _moved(vit.encoder, given, order)
    return Evidence(
        apart > 1e-3 and blind < 1e-4,
        f"reversed patches move the class token by {apart:.2g} with and {blind:.1g} without position embedding",
    )


def _patches(architecture: str) -> torch.Size:
    """Shape of the patch embedding's output, 1 x D x rows x columns."""
    projected: torch.Tensor = shaped(architecture).conv_proj(picture(architecture))
    return projected.shape


def _tokens(architecture: str) -> torch.Tensor:
    """The output of the encoder, 1 x L x D, without values."""
    seen: list[torch.Tensor] = []
    vit = shaped(architecture)
    with torch.no_grad(), vit.encoder.register_forward_hook(lambda _, __, output: seen.append(output)):
        vit(picture(architecture))
    return seen[0]


def _moved(encoder: nn.Module, given: torch.Tensor, order: torch.Tensor) -> float:
    """Distance by which the class token's output moves where the tokens come in another order."""
    return float((encoder(given)[:, 0] - encoder(given[:, order])[:, 0]).abs().max())
