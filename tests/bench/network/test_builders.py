"""What a builder may return: a torch module with all its weights, whose modules can be looked into."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from bench.errors import Unsupported
from bench.network.building import Draft, build_cheaply, build_untouched, build_whole, trainable_parameters


@pytest.mark.parametrize("built", [None, "network", nn.Linear], ids=["nothing", "a word", "a class"])
def test_a_builder_that_returns_no_network_is_named_with_its_place(built: Any) -> None:
    def own(classes: int) -> Any:
        return built

    for build in (build_cheaply, build_untouched):
        with pytest.raises(TypeError, match=r"^`own` \(test_builders.py:\d+\) returned \w+, not a torch module$"):
            build(own, 10)


def test_a_network_without_weights_before_its_first_pass_is_refused_with_the_remedy() -> None:
    def own(classes: int) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(classes))

    with pytest.raises(TypeError, match=r"has no weights before a first pass: .* run a picture through the model"):
        build_untouched(own, 10)


def test_a_lazy_network_that_has_seen_a_picture_is_as_good_as_any() -> None:
    def own(classes: int) -> nn.Module:
        model = nn.Sequential(nn.Flatten(), nn.LazyLinear(classes))
        model(torch.zeros(1, 3, 4, 4))
        return model

    assert 10 * 49 == sum(p.numel() for p in build_untouched(own, 10).parameters())


def test_a_network_whose_weights_have_no_values_is_refused_with_the_remedy() -> None:
    def own(classes: int) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(48, classes, device="meta"))

    with pytest.raises(TypeError, match=r"whose '1.weight' is on torch's meta device, .*: build it on the CPU$"):
        build_untouched(own, 10)


OF_TORCH = pytest.mark.filterwarnings("ignore:.torch.jit.:DeprecationWarning")
"""It means to drop scripting and tracing."""
compiled: Any = partial(torch.compile, backend="eager")
"""Without inductor, whose import takes seconds."""


def network(classes: int = 10) -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Linear(4, classes))


class Decorated(nn.Module):
    """Its class has a compiled forward."""

    @compiled  # type: ignore[untyped-decorator]
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * x


def compiled_part() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 4), nn.Sequential(compiled(nn.Linear(4, 4)), nn.ReLU()), nn.Linear(4, 10))


def compiled_and_a_part() -> Any:
    return compiled(compiled_part())


def compiled_in_place() -> nn.Module:
    model = network()
    model[1].compile()
    return model


def compiled_forward() -> nn.Module:
    model = network()
    model[0].forward = compiled(model[0].forward)
    return model


@OF_TORCH
@pytest.mark.parametrize(
    ("make", "names"),
    [
        pytest.param(lambda: compiled(network()), ("",), id="all of it"),
        pytest.param(compiled_part, ("1.0",), id="a part"),
        pytest.param(compiled_and_a_part, ("", "1.0"), id="all of it and a part"),
        pytest.param(compiled_in_place, ("1",), id="in place"),
        pytest.param(compiled_forward, ("0",), id="a forward"),
        pytest.param(lambda: nn.Sequential(Decorated()), ("0",), id="a class's forward"),
        pytest.param(network, (), id="nothing"),
    ],
)
def test_what_the_builder_compiled_is_eager_and_named(make: Any, names: tuple[str, ...]) -> None:
    draft = Draft.of(lambda _: make(), 10)
    assert names == draft.uncompiled
    assert not any("_orig_mod" in name for name, _ in draft.model.named_modules())
    torch.jit.trace(draft.model, torch.zeros(1, 4))  # which refuses what is compiled


def test_a_network_that_keeps_its_own_weights_is_eager_too() -> None:
    model: Any = network()
    assert build_whole(lambda _: compiled(model), 10) is model


@OF_TORCH
@pytest.mark.parametrize("build", [build_untouched, build_whole])
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: torch.jit.script(network()), "a module that is scripted or traced"),
        (lambda: torch.jit.trace(network(), torch.zeros(1, 4)), "a module that is scripted or traced"),
        (lambda: nn.Sequential(nn.ReLU(), torch.jit.script(network())), "a model whose '1' is scripted or traced"),
    ],
)
def test_a_scripted_module_is_refused_with_the_way_out(build: Any, make: Any, told: str) -> None:
    with pytest.raises(TypeError, match=rf"{told} by torch.jit, .* module itself, and use --compile where"):
        build(lambda _: make(), 10)


def test_the_trainable_parameters_are_those_that_are_not_frozen() -> None:
    model = network()
    model[0].requires_grad_(False)
    assert list(model[1:].parameters()) == trainable_parameters(model)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (network().requires_grad_(False), "all 6 parameters are frozen"),
        (nn.Flatten(), "the network has no parameters"),
    ],
)
def test_without_trainable_parameters_there_is_nothing_to_train(model: nn.Module, why: str) -> None:
    with pytest.raises(Unsupported, match=f"^nothing to train: {why}$"):
        trainable_parameters(model)
