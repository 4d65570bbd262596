"""What a builder may return: a torch module with all its weights."""

from typing import Any

import pytest
import torch
from torch import nn

from bench.network.subject import build_cheaply, build_untouched


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
