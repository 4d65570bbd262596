"""Kernels of 16 bits are compared with float32 on a CPU, and the network that they are tried on stays as it is."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from bench.errors import Unsupported
from bench.network.precision import by_kernels, computing_in
from bench.network.soundness import Kernels, off_by, sound_kernels
from tests.bench.wrong_kernels import OPERATORS, wrong


class Net(nn.Module):
    """A convolution with BatchNorm and dropout, attention and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.lower = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.lower(x).flatten(2).transpose(1, 2)
        y: torch.Tensor = self.head(self.attention(tokens, tokens, tokens, need_weights=False)[0].mean(1))
        return y


@pytest.fixture
def net() -> Net:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Net()


def step_of(net: nn.Module, precision: str = "bf16", device: str = "cpu") -> Callable[[], None]:
    images = torch.randn(4, 3, 6, 6, generator=torch.Generator().manual_seed(0))

    def passes() -> None:
        net.train()
        with computing_in(precision, device):
            scores = net(images)
        torch.autograd.grad(scores, list(net.parameters()), torch.randn_like(scores))

    return passes


def kernels_of(net: nn.Module, precision: str = "bf16") -> Kernels:
    return sound_kernels(net, step_of(net, precision), precision, "cpu")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("onednn", [True, False])
def test_sound_kernels_are_taken_as_they_are(net: Net, precision: str, onednn: bool) -> None:
    with by_kernels(onednn=onednn):
        assert Kernels() == kernels_of(net, precision)


@pytest.mark.parametrize("operator", OPERATORS)
def test_onednn_is_left_out_where_an_operator_is_wrong_with_it(net: Net, operator: str) -> None:
    with wrong(operator):
        assert not kernels_of(net).onednn


def test_it_is_said_which_operator_is_wrong_and_by_how_much(net: Net) -> None:
    said = (
        "oneDNN was left out: on this CPU in bf16 convolution of 4x3x6x6 by 8x3x3x3 is 75% off float32; without it"
        " all results are sound"
    )
    with wrong("convolution"):
        assert (said,) == kernels_of(net).warnings


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_what_is_wrong_without_onednn_too_is_refused(net: Net, precision: str) -> None:
    told = (
        f"^this CPU computes wrongly in {precision}: convolution of .* is 75% off float32, without oneDNN too; use"
    )
    with wrong("convolution", without_onednn=True), pytest.raises(Unsupported, match=told):
        kernels_of(net, precision)


def test_results_that_are_not_numbers_are_wrong(net: Net) -> None:
    with wrong("convolution_backward", lambda result: result * math.nan):
        assert "gives no numbers" in kernels_of(net).warnings[0]


def test_results_that_do_not_repeat_are_wrong(net: Net) -> None:
    calls = itertools.count()
    with wrong("convolution", lambda result: result * (1 + 0.01 * (next(calls) % 2))):
        assert "gives another result when it is computed again" in kernels_of(net).warnings[0]


def test_the_same_is_found_each_time(net: Net) -> None:
    with wrong("addmm"):
        assert kernels_of(net) == kernels_of(net)


@pytest.mark.parametrize("operator", [None, "convolution"])
def test_the_network_and_the_random_stream_stay_as_they_are(net: Net, operator: str | None) -> None:
    net.head.eval()
    modes = [module.training for module in net.modules()]
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    random = torch.get_rng_state()
    with wrong(operator or "convolution", (lambda result: result) if operator is None else lambda result: -result):
        kernels_of(net)
    assert modes == [module.training for module in net.modules()]
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert [] == [name for name, parameter in net.named_parameters() if parameter.grad is not None]
    assert torch.equal(random, torch.get_rng_state())
    assert torch.backends.mkldnn.enabled


@pytest.mark.parametrize(("precision", "device"), [("fp32", "cpu"), ("bf16", "cuda"), ("tf32", "cuda")])
def test_other_formats_and_other_devices_are_not_tried(net: Net, precision: str, device: str) -> None:
    assert Kernels() == sound_kernels(net, lambda: pytest.fail("was run"), precision, device)


def test_leaving_onednn_out_leaves_its_other_settings_alone() -> None:
    def settings() -> tuple[object, ...]:
        mkldnn: Any = torch.backends.mkldnn
        others = mkldnn.deterministic, mkldnn.allow_tf32, mkldnn.matmul.fp32_precision, mkldnn.conv.fp32_precision
        return mkldnn.enabled, others

    _, others = settings()
    with by_kernels(onednn=False):
        assert (False, others) == settings()
    assert (True, others) == settings()


@pytest.mark.parametrize(
    ("result", "expected", "off"),
    [
        ([3.0, 4.0], [3.0, 4.0], 0.0),
        ([3.0, 9.0], [3.0, 4.0], 1.0),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([3.0, math.nan], [3.0, 4.0], math.inf),
        ([3.0, math.inf], [3.0, 4.0], math.inf),
        ([3.0, math.inf], [3.0, 1e6], 0.0),
        ([3.0, math.nan], [3.0, math.nan], 0.0),
    ],
)
def test_how_far_a_result_is_off_leaves_out_what_its_format_cannot_hold(
    result: list[float], expected: list[float], off: float
) -> None:
    assert off == off_by(torch.tensor(result, dtype=torch.float16), torch.tensor(expected))


def test_fp16_keeps_no_share_of_what_is_next_to_nothing() -> None:
    assert off_by(torch.tensor([6e-8], dtype=torch.float16), torch.tensor([2e-8])) < 0.01
