"""Noise in place of large random weights, and nowhere else."""

import copy
import io
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from bench.network.building import Draft

N = 512
ELEMENTS = N * N
ONES = torch.ones(N, N)


def linear() -> nn.Linear:
    return nn.Linear(N, N, bias=False)


def drafted(make: Callable[[], nn.Module]) -> Draft:
    draft = Draft.of(lambda _: make(), 10)
    draft.fill()
    return draft


def weight_of(change: Callable[[nn.Parameter], object]) -> torch.Tensor:
    """The weight of a linear layer that its builder has changed."""
    return changed(change).model.get_parameter("weight").detach()


def changed(change: Callable[[nn.Parameter], object]) -> Draft:
    def make() -> nn.Module:
        layer = linear()
        with torch.no_grad():
            change(layer.get_parameter("weight"))
        return layer

    return drafted(make)


NOISE = weight_of(lambda weight: None)
"""Of a layer of this shape; it is always the same."""


def replace_data(weight: nn.Parameter) -> None:
    weight.data = 3 * ONES


def through_numpy(weight: nn.Parameter) -> None:
    weight.numpy()[:] = 3


def with_an_older_view(weight: nn.Parameter) -> None:
    view = weight.detach().view(-1)
    nn.init.normal_(weight)
    view.fill_(3)


CONSTANTS: list[tuple[str, Callable[[nn.Parameter], object]]] = [
    ("init.constant_", lambda w: nn.init.constant_(w, 3)),
    ("init.constant_ by name", lambda w: nn.init.constant_(tensor=w, val=3)),
    ("fill_", lambda w: w.fill_(3)),
    ("fill_ of data", lambda w: w.data.fill_(3)),
    ("copy_", lambda w: w.copy_(3 * ONES)),
    ("another tensor as data", replace_data),
    ("set_", lambda w: w.set_(3 * ONES)),  # type: ignore[call-overload]
    ("out", lambda w: torch.add(2 * ONES, 1, out=w)),
    ("the optimizers' way", lambda w: nn.utils.vector_to_parameters(torch.full((ELEMENTS,), 3.0), [w])),
    ("a draw without variance", lambda w: nn.init.normal_(w, 3, 0)),
]
SEEN_PIECEMEAL: list[tuple[str, Callable[[nn.Parameter], object]]] = [
    ("all of a slice", lambda w: w.data.__setitem__(slice(None), 3)),
    ("a view", lambda w: w.view(-1).fill_(3)),
    ("numpy", through_numpy),
    ("a view from before the draw", with_an_older_view),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in (*CONSTANTS, *SEEN_PIECEMEAL)])
def test_what_the_builder_writes_stays(change: Callable[[nn.Parameter], object]) -> None:
    assert torch.equal(3 * ONES, weight_of(change))


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in CONSTANTS])
def test_what_the_builder_writes_as_a_whole_is_not_told_as_noise(change: Callable[[nn.Parameter], object]) -> None:
    assert {} == changed(change).notes


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda w: w.mul_(0.5), 0.5 * NOISE, id="scaled"),
        pytest.param(lambda w: w.tril_(), NOISE.tril(), id="a triangle"),
        pytest.param(lambda w: w[0].zero_(), torch.cat([0 * NOISE[:1], NOISE[1:]]), id="a row of zeros"),
    ],
)
def test_structure_that_the_builder_gives_to_random_weights_is_kept(
    change: Callable[[nn.Parameter], object], expected: torch.Tensor
) -> None:
    assert torch.equal(expected, weight_of(change))
    assert {"cheap_weights": {"tensors": 1, "elements": ELEMENTS}} == changed(change).notes


def test_an_identity_stays() -> None:
    assert torch.equal(torch.eye(N), weight_of(nn.init.eye_))


def test_a_convolution_that_hands_channels_on_stays() -> None:
    def make() -> nn.Module:
        layer = nn.Conv2d(256, 256, 3, bias=False)
        nn.init.dirac_(layer.weight)
        return layer

    picture = torch.randn(1, 256, 5, 5)
    assert torch.equal(picture[:, :, 1:-1, 1:-1], drafted(make).model(picture).detach())


def test_the_zeros_of_a_sparse_draw_stay() -> None:
    zeros = int((weight_of(lambda w: nn.init.sparse_(w, 0.5)) == 0).sum())
    assert N // 2 * N == pytest.approx(zeros, abs=5)  # of the other half a few may be drawn as zeros


def test_denormal_weights_stay_denormal() -> None:
    # 128 x 128 x 3 x 3 = 147,456 elements
    def make() -> nn.Module:
        layer = nn.Conv2d(128, 128, 3, bias=False)
        nn.init.constant_(layer.weight, 1e-40)
        return layer

    weight = drafted(make).model.get_parameter("weight")
    assert torch.equal(torch.full_like(weight, 1e-40), weight)


@pytest.mark.parametrize("draw", [lambda w: nn.init.normal_(w, std=1e-40), lambda w: w.data.normal_(0, 3)])
def test_numbers_that_are_no_ordinary_ones_or_drawn_directly_are_drawn(
    draw: Callable[[nn.Parameter], object],
) -> None:
    assert {} == changed(draw).notes


@pytest.mark.parametrize("name", ["xavier_normal_", "orthogonal_", "trunc_normal_", "kaiming_uniform_"])
def test_random_initialisers_leave_noise(name: str) -> None:
    assert torch.equal(NOISE, weight_of(lambda weight: getattr(nn.init, name)(weight)))
    assert torch.equal(NOISE, weight_of(lambda weight: getattr(nn.init, name)(weight.data)))


def sharing(make: Callable[[nn.Linear], torch.Tensor]) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        first, second = linear(), linear()
        second.weight = nn.Parameter(make(first))
        return nn.Sequential(first, second)

    return build


def copied_whole() -> nn.Module:
    layer = linear()
    return nn.Sequential(layer, copy.deepcopy(layer))


def loaded() -> nn.Module:
    first, second = linear(), linear()
    second.load_state_dict(first.state_dict())
    return nn.Sequential(first, second)


def followed() -> nn.Module:
    first, second = linear(), linear()
    second.weight.data.copy_(first.weight.data)
    return nn.Sequential(first, second)


@pytest.mark.parametrize("make", [copied_whole, loaded, followed])
def test_a_copy_of_random_weights_has_the_same_noise_and_is_told(make: Callable[[], nn.Module]) -> None:
    draft = drafted(make)
    assert torch.equal(draft.model.get_parameter("0.weight"), draft.model.get_parameter("1.weight"))
    assert {"cheap_weights": {"tensors": 2, "elements": 2 * ELEMENTS}} == draft.notes


@pytest.mark.parametrize(
    "make", [lambda first: first.weight, lambda first: first.weight.data, lambda first: first.weight[:8]]
)
def test_a_parameter_that_lies_in_anothers_memory_has_its_noise(make: Callable[[nn.Linear], torch.Tensor]) -> None:
    model = drafted(sharing(make)).model
    second = model.get_parameter("1.weight")
    assert type(second) is nn.Parameter
    assert torch.equal(NOISE[: len(second)], second)


def saved() -> nn.Module:
    file, layer = io.BytesIO(), linear()
    torch.save(linear().state_dict(), file)
    file.seek(0)
    layer.load_state_dict(torch.load(file))
    return layer


@pytest.mark.parametrize("make", [saved, lambda: pickle.loads(pickle.dumps(linear()))])
def test_weights_that_went_through_a_file_are_numbers(make: Callable[[], nn.Module]) -> None:
    assert torch.equal(NOISE, drafted(make).model.get_parameter("weight"))


def test_weights_in_half_precision_are_told_as_noise() -> None:
    draft = drafted(lambda: linear().half())
    assert torch.equal(NOISE.half(), draft.model.get_parameter("weight"))
    assert {"cheap_weights": {"tensors": 1, "elements": ELEMENTS}} == draft.notes


def test_a_norm_of_weights_is_that_of_the_noise() -> None:
    model = drafted(lambda: parametrizations.weight_norm(linear())).model
    assert torch.allclose(
        NOISE.norm(dim=1, keepdim=True), model.get_parameter("parametrizations.weight.original0")
    )


def test_what_a_pass_inside_the_builder_computes_is_that_of_the_noise() -> None:
    def make() -> nn.Module:
        layer = linear()
        layer.register_buffer("seen", layer(ONES[:1]).detach())
        return layer

    assert torch.allclose(NOISE.sum(1), drafted(make).model.get_buffer("seen")[0], atol=1e-4)


def test_a_parameter_that_is_not_registered_is_filled_too() -> None:
    def make() -> nn.Module:
        weight = nn.Parameter(torch.empty(N, N))
        nn.init.normal_(weight)
        kept.append(weight)
        return linear()

    kept: list[nn.Parameter] = []
    drafted(make)
    assert torch.equal(NOISE, kept[0])


def test_beyond_the_building_parameters_are_plain_ones() -> None:
    model = Draft.of(
        lambda _: nn.TransformerEncoder(nn.TransformerEncoderLayer(N, 8), 2, enable_nested_tensor=False), 10
    ).model
    assert {nn.Parameter} == {type(parameter) for parameter in model.parameters()}
    assert type(nn.Parameter(torch.zeros(1))) is nn.Parameter


def test_random_numbers_after_a_large_tensor_are_those_of_the_builders_seed() -> None:
    def make() -> nn.Module:
        torch.manual_seed(7)
        linear()
        return nn.Linear(4, 4)

    torch.manual_seed(7)
    assert torch.equal(nn.Linear(4, 4).weight, drafted(make).model.get_parameter("weight"))
