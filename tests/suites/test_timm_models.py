"""Models of timm: any of them is named `timm/NAME`, and counts as torchvision's twin does."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.errors import UnknownName, UsageError
from bench.learning.surgery import replace_heads
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from bench.network.heads import heads_of
from suites.timm_models import timm


def named(name: str) -> Architecture:
    load_catalogs()
    return ARCHITECTURES.get(name)


def test_a_model_of_timm_has_the_number_of_classes_that_is_asked_for() -> None:
    model = build_untouched(named("timm/resnet18").build, 7).eval()
    assert (1, 7) == model(torch.zeros(1, 3, 64, 64)).shape


def test_a_model_of_timm_is_freshly_initialised() -> None:
    first, second = (named("timm/resnet18").build(7).get_parameter("conv1.weight") for _ in range(2))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    ("name", "resolution"), [("resnet18", 224), ("inception_v3", 299), ("vit_base_patch16_384", 384)]
)
def test_a_model_of_timm_has_the_input_size_of_its_default_configuration(name: str, resolution: int) -> None:
    assert (resolution, 3) == ((item := named(f"timm/{name}")).resolution, item.channels)


def test_a_model_of_timm_is_no_part_of_the_lineage() -> None:
    item = named("timm/resnet18")
    assert ("timm/resnet18", "timm", False, ()) == (item.name, item.family, item.lecture, item.published)


@pytest.mark.slow
def test_both_heads_of_a_distilled_transformer_are_found_and_exchanged() -> None:
    item = named("timm/deit_tiny_distilled_patch16_224")
    model = item.build(10)
    heads = heads_of(model, item, 224).required()
    assert ("head", "head_dist") == heads
    replace_heads(model, heads, classes=6, seed=0)
    assert (2, 6) == model(torch.zeros(2, 3, 224, 224)).shape


def test_a_misspelt_model_of_timm_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match=r"^unknown model of timm 'resnet181'; did you mean 'resnet18'\?$"):
        named("timm/resnet181")


def test_where_timm_is_not_installed_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        UsageError, match=r"^models of timm need the package timm: pip install 'evobench\[timm\]'$"
    ):
        timm("resnet18")


def test_timm_is_not_imported_before_one_of_its_models_is_named() -> None:
    script = "from bench.declare.catalog import load_catalogs; load_catalogs()\n"
    script += "import sys; print('timm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "False\n" == done.stdout


def test_the_count_of_a_network_is_that_of_torchvisions_twin() -> None:
    image = torch.zeros(1, 3, 224, 224)
    ours, theirs = (build_untouched(named(name).build, 1000) for name in ("timm/resnet18", "resnet18"))
    expected = (1_814_073_344, 11_689_512)
    assert expected == (count_macs(ours, image).total, count_parameters(ours).total)
    assert expected == (count_macs(theirs, image).total, count_parameters(theirs).total)
