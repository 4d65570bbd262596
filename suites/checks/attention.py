"""Formulas of the transformer as they are printed, against what PyTorch computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import nn
    from torch.nn import functional
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    functional = lazy("torch.nn.functional")


@check()
def layer_norm_formula(*, spread: str) -> Evidence:
    """Whether (x - mean) / sqrt(spread + eps) * gamma + beta is what `nn.LayerNorm` computes.

    Args:
        spread: `standard deviation` or `variance`, over the last dimension.

    Raises:
        ValueError: `spread` is neither.
    """
    if spread not in ("standard deviation", "variance"):
        raise ValueError(f"'{spread}' is neither the standard deviation nor the variance")
    tokens = 3 * _noise(2, 5, 16)
    norm = nn.LayerNorm(16, dtype=torch.float64)
    with torch.no_grad():
        norm.weight.copy_(_noise(16))
        norm.bias.copy_(_noise(16))
        variance = tokens.var(dim=-1, correction=0, keepdim=True)
        sigma = variance.sqrt() if spread == "standard deviation" else variance
        printed = (tokens - tokens.mean(dim=-1, keepdim=True)) / (
            sigma + norm.eps
        ).sqrt() * norm.weight + norm.bias
        difference = float((printed - norm(tokens)).abs().max())
    return Evidence(difference < 1e-9, f"with the {spread} under the root they differ by up to {difference:.2g}")


@check()
def layer_norm_dimension() -> Evidence:
    """Over which one dimension of a batch of tokens `nn.LayerNorm` makes mean 0 and variance 1."""
    names = ("the batch", "the tokens", "the last dimension")
    normed = nn.LayerNorm(64, dtype=torch.float64)(3 * _noise(8, 32, 64) + 1).detach()
    found = [name for axis, name in enumerate(names) if _is_standard(normed, axis)]
    return Evidence(", ".join(found), "dimension of an 8 x 32 x 64 batch over which mean is 0 and variance 1")


@check()
def layer_norm_learns() -> Evidence:
    """The parameters of `nn.LayerNorm` that a gradient reaches, by the names of its formula."""
    norm = nn.LayerNorm(16, dtype=torch.float64)
    (norm(_noise(4, 16)) * _noise(4, 16)).sum().backward()
    named = (("gamma", norm.weight), ("beta", norm.bias))
    return Evidence(
        [name for name, tensor in named if tensor.grad is not None and bool(tensor.grad.any())],
        "weight and bias of torch's LayerNorm after one backward pass",
    )


@check()
def cosine_formula() -> Evidence:
    """Whether A.B / (|A| |B|) is the cosine of the angle between A and B, the angle being measured otherwise."""
    angle = torch.linspace(0.1, 3.0, 30, dtype=torch.float64)
    first = torch.tensor([2.0, 0.0], dtype=torch.float64).expand(30, 2)
    second = 5 * torch.stack([angle.cos(), angle.sin()], dim=-1)
    found = (first * second).sum(dim=-1) / (first.norm(dim=-1) * second.norm(dim=-1))
    apart = float((found - functional.cosine_similarity(first, second)).abs().max())
    return Evidence(
        bool(torch.allclose(found.acos(), angle)),
        f"30 angles drawn in the plane; torch's own differs by {apart:.2g}",
    )


@check()
def attention_formula(*, scaled: bool = True) -> Evidence:
    """Whether softmax(Q K^T / sqrt(dim)) V is `scaled_dot_product_attention`, dim being that of Q and K.

    Args:
        scaled: false: without the division by the root.
    """
    query, key, value = (_noise(2, 7, 16) for _ in range(3))
    divisor = query.shape[-1] ** 0.5 if scaled else 1.0
    printed = (query @ key.transpose(-2, -1) / divisor).softmax(dim=-1) @ value
    difference = float((printed - functional.scaled_dot_product_attention(query, key, value)).abs().max())
    return Evidence(difference < 1e-9, f"dim 16, divisor {divisor:g}: they differ by up to {difference:.2g}")


@check()
def attention_divisor(*, dim: int, heads: int) -> Evidence:
    """The d_k whose root divides the scores of `nn.MultiheadAttention(dim, heads)`, found by trying.

    Raises:
        ValueError: no divisor of `dim` gives what the layer gives.
    """
    layer, tokens = _layer(dim, heads), _noise(1, 5, dim)
    with torch.no_grad():
        output = layer(tokens, tokens, tokens, need_weights=False)[0]
        for d_k in (d for d in range(1, dim + 1) if dim % d == 0):
            joined = torch.cat(list(_heads(layer, tokens, d_k)), dim=-1)
            if torch.allclose(layer.out_proj(joined), output):
                return Evidence(d_k, f"{heads} heads share {dim} dimensions: sqrt({d_k}) gives torch's output")
    raise ValueError(f"no divisor of {dim} gives the output of {heads} heads")


@check()
def heads_are_joined(*, dim: int, heads: int) -> Evidence:
    """How `nn.MultiheadAttention` joins its heads before its last projection: `concatenation` or `otherwise`."""
    layer, tokens = _layer(dim, heads), _noise(1, 5, dim)
    with torch.no_grad():
        output = layer(tokens, tokens, tokens, need_weights=False)[0]
        joined = layer.out_proj(torch.cat(list(_heads(layer, tokens, dim // heads)), dim=-1))
    same = torch.allclose(joined, output)
    return Evidence("concatenation" if same else "otherwise", f"{heads} heads of {dim // heads} dimensions each")


@check()
def gelu_formula() -> Evidence:
    """Whether `nn.GELU` weights its input by the normal distribution function: the Gaussian error linear unit."""
    points = torch.linspace(-4, 4, 81, dtype=torch.float64)
    normal = torch.distributions.Normal(0.0, 1.0)
    difference = float((points * normal.cdf(points) - nn.GELU()(points)).abs().max())
    return Evidence(difference < 1e-6, f"x * P(X <= x), X normal: they differ by up to {difference:.2g}")


@check()
def softmax_gives_shares(*, classes: int) -> Evidence:
    """Whether softmax turns scores into shares that add up to 1 and keep the order of the scores."""
    scores = 3 * _noise(classes)
    shares = scores.softmax(dim=-1)
    adds_up = bool(torch.isclose(shares.sum(), torch.ones((), dtype=torch.float64)))
    keeps = torch.equal(shares.argsort(), scores.argsort())
    return Evidence(adds_up and keeps, f"{classes} scores drawn at random")


def _noise(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _is_standard(tokens: torch.Tensor, axis: int) -> bool:
    mean, variance = tokens.mean(dim=axis), tokens.var(dim=axis, correction=0)
    return bool(mean.abs().max() < 1e-6 and (variance - 1).abs().max() < 1e-3)


def _layer(dim: int, heads: int) -> nn.MultiheadAttention:
    layer = nn.MultiheadAttention(dim, heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        # scores well apart, so that a wrong divisor shows
        layer.in_proj_weight.copy_(2 * _noise(3 * dim, dim) / dim**0.5)
    return layer.eval()


def _heads(layer: nn.MultiheadAttention, tokens: torch.Tensor, d_k: int) -> Iterator[torch.Tensor]:
    """The output of each head, N x T x dim/heads, the scores divided by the root of `d_k`."""
    width = layer.embed_dim // layer.num_heads
    queries, keys, values = functional.linear(tokens, layer.in_proj_weight, layer.in_proj_bias).chunk(3, dim=-1)
    for start in range(0, layer.embed_dim, width):
        query, key, value = (part[..., start : start + width] for part in (queries, keys, values))
        yield (query @ key.transpose(-2, -1) / d_k**0.5).softmax(dim=-1) @ value
