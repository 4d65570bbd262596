"""GoogLeNet and its modules as their paper prints them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

import suites.architectures  # noqa: F401  (declares)
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from bench.network.subject import classes_of
from suites.models import inception

MODULES_OF_GOOGLENET = (
    (192, 28, 64, 96, 128, 16, 32, 32),
    (256, 28, 128, 128, 192, 32, 96, 64),
    (480, 14, 192, 96, 208, 16, 48, 64),
    (512, 14, 160, 112, 224, 24, 64, 64),
    (512, 14, 128, 128, 256, 24, 64, 64),
    (512, 14, 112, 144, 288, 32, 64, 64),
    (528, 14, 256, 160, 320, 32, 128, 128),
    (832, 7, 256, 160, 320, 32, 128, 128),
    (832, 7, 384, 192, 384, 48, 128, 128),
)
"""Input channels, side of the maps, and the columns #1x1 .. pool proj of table 1."""


def built(name: str) -> nn.Module:
    """The model as its cost is measured; large tensors hold no values."""
    item = ARCHITECTURES.get(name)
    return build_untouched(item.build, classes_of(item)).eval()


def parameters(module: nn.Module) -> int:
    return count_parameters(module).total


def macs(name: str) -> int:
    item = ARCHITECTURES.get(name)
    return count_macs(built(name), torch.empty(1, item.channels, item.resolution, item.resolution)).total


def weighted(model: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Convolutions and linear layers."""
    return [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def maps_after(model: nn.Module, kinds: tuple[type[nn.Module], ...], channels: int, side: int) -> list[list[int]]:
    """Channels, height and width of the outputs of all modules of these kinds, in the order of running."""
    shapes: list[list[int]] = []
    for module in model.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(lambda _, __, out: shapes.append(list(out.shape[1:])))
    model.to("meta")(torch.empty(1, channels, side, side, device="meta"))
    return shapes


def conv(inputs: int, outputs: int, kernel: int) -> int:
    """Parameters of a convolution, bias included."""
    return outputs * (inputs * kernel**2 + 1)


def linear(*widths: int) -> int:
    """Parameters of linear layers in a row."""
    return sum(outputs * (inputs + 1) for inputs, outputs in pairwise(widths))


def module_of(row: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and multiply-adds of one row of `MODULES_OF_GOOGLENET`."""
    channels, side, one, reduce_three, three, reduce_five, five, pool = row
    into = (
        (channels, one + reduce_three + reduce_five + pool, 1),
        (reduce_three, three, 3),
        (reduce_five, five, 5),
    )
    return sum(conv(*layer) for layer in into), side**2 * sum(conv(*layer) - layer[1] for layer in into)


def test_googlenet_of_2014_has_6998552_parameters_beside_its_auxiliary_heads() -> None:
    stem = conv(3, 64, 7) + conv(64, 64, 1) + conv(64, 192, 3)
    expected = stem + sum(module_of(row)[0] for row in MODULES_OF_GOOGLENET) + linear(1024, 1000)
    count = count_parameters(built("googlenet_2014"), ("aux1", "aux2"))
    heads = {f"aux{i}": conv(c, 128, 1) + linear(128 * 16, 1024, 1000) for i, c in ((1, 512), (2, 528))}
    assert 6998552 == expected == count.without_auxiliary
    assert {"aux1": 3188840, "aux2": 3190888} == heads == count.auxiliary


def test_the_modules_of_googlenet_have_the_outputs_of_table_1() -> None:
    shapes = maps_after(built("googlenet_2014"), (inception.Inception,), 3, 224)
    following = [*((row[0], row[1]) for row in MODULES_OF_GOOGLENET[1:]), (1024, 7)]
    sides = [row[1] for row in MODULES_OF_GOOGLENET]
    assert [[c, side, side] for (c, _), side in zip(following, sides, strict=True)] == shapes


def test_googlenet_of_2014_is_22_layers_deep() -> None:
    model = built("googlenet_2014")
    modules = [child for child in model.children() if isinstance(child, inception.Inception)]
    branches = [max(len(weighted(branch)) for branch in module.children()) for module in modules]
    assert 22 == len(weighted(model.get_submodule("stem"))) + sum(branches) + 1


def test_googlenet_of_2014_has_no_batch_normalisation_and_5x5_kernels_where_torchvision_has_3x3() -> None:
    model = built("googlenet_2014")
    kernels = [m.kernel_size[0] for m in weighted(model) if isinstance(m, nn.Conv2d)]
    assert [] == [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert (10, 9) == (kernels.count(3), kernels.count(5))


def test_googlenet_of_2014_answers_as_torchvisions_does_in_training() -> None:
    model = inception.GoogLeNet(3).train()
    with torch.no_grad():
        for value, head in enumerate((model.fc, model.aux2[-1], model.aux1[-1])):
            assert isinstance(head, nn.Linear)
            head.weight.zero_()
            head.bias.fill_(value)
        answers = model(torch.zeros(1, 3, 32, 32))
    assert [[0.0], [1.0], [2.0]] == [logits.unique().tolist() for logits in answers]


def test_the_auxiliary_heads_of_googlenet_pool_fields_of_five_at_a_stride_of_three() -> None:
    maps = torch.arange(14.0).expand(1, 1, 14, 14)
    assert [2, 5, 8, 11] == inception.AuxiliaryPooling()(maps)[0, 0, 0].tolist()


def test_the_naive_module_puts_416_maps_out_and_the_reduced_one_256() -> None:
    images = torch.empty(1, 192, 28, 28)
    outputs = [built(f"inception_{form}")(images).shape for form in ("naive", "reduced")]
    assert [(1, 416, 28, 28), (1, 256, 28, 28)] == outputs


def test_the_naive_module_has_more_parameters_and_multiply_adds_than_the_reduced_one() -> None:
    naive, reduced = ((parameters(built(name)), macs(name)) for name in ("inception_naive", "inception_reduced"))
    layers = ((192, 64, 1), (192, 128, 3), (192, 32, 5))
    expected = sum(conv(*layer) for layer in layers), 28**2 * sum(conv(*layer) - layer[1] for layer in layers)
    assert (387296, 303464448) == expected == naive
    assert (163696, 128049152) == module_of(MODULES_OF_GOOGLENET[0]) == reduced


def test_googlenet_of_2014_takes_the_multiply_adds_of_its_table_by_both_counters() -> None:
    stem = 112**2 * 64 * 147 + 56**2 * (64 * 64 + 192 * 64 * 9)
    expected = stem + sum(module_of(row)[1] for row in MODULES_OF_GOOGLENET) + 1024 * 1000
    count = count_macs(built("googlenet_2014"), torch.empty(1, 3, 224, 224))
    assert (1582671872, expected, expected) == (expected, count.total, count.second_counter)


def test_without_its_1x1_convolutions_the_reduced_network_has_several_times_the_parameters() -> None:
    naive, reduced = (parameters(built(f"googlenet_reduced:naive={word}")) for word in ("true", "false"))
    assert naive > 3 * reduced


def test_the_modules_of_the_reduced_network_have_a_quarter_of_the_widths() -> None:
    model = built("googlenet_reduced")
    kinds = (inception.Inception,)
    expected = [[256 // 4, 8, 8], [480 // 4, 8, 8], [512 // 4, 4, 4]]
    assert expected == maps_after(model, kinds, channels=3, side=32)


def test_a_naive_module_of_the_reduced_network_passes_its_whole_input_on() -> None:
    model = built("googlenet_reduced:naive=true")
    kinds = (inception.NaiveInception,)
    widths = [maps[0] for maps in maps_after(model, kinds, channels=3, side=32)]
    assert [56 + 48, 104 + 104, 112 + 208] == widths
