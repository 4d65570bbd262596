"""The lessons on fixed features: which stages are read, and what reads them."""

from __future__ import annotations

import pytest

from bench.cell import Learning
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Setting
from bench.declare.loading.discovery import load_catalogs
from bench.transfer import transfer_of
from evobench import Arm, Hypothesis
from suites.lessons.features import STAGES, generic_features, softmax_or_svm

SETTING = Setting("default", "cpu", 2)


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def where(arm: Arm) -> Learning:
    scenario = arm.planned.cell.scenario
    assert isinstance(scenario, Learning)
    return scenario


@pytest.mark.parametrize("architecture", STAGES)
def test_stages_are_parts_of_their_network_in_its_order(architecture: str) -> None:
    parts = [name for name, _ in ARCHITECTURES.get(architecture).build(10).named_modules()]
    places = [parts.index(stage) for stage in STAGES[architecture]]
    assert sorted(places) == places


def test_what_is_like_the_source_comes_first_where_the_best_stages_are_compared() -> None:
    peak = next(item for item in generic_features(SETTING) if isinstance(item, Hypothesis))
    half = len(peak.arms) // 2
    assert ["uci-digits"] * half + ["textures"] * half == [where(arm).target for arm in peak.arms]
    assert [where(arm).mode for arm in peak.arms[:half]] == [where(arm).mode for arm in peak.arms[half:]]
    assert "less" == peak.expected


def test_softmax_and_svm_read_the_same_features_of_the_same_images() -> None:
    for item in softmax_or_svm(SETTING):
        for base, treated in zip(item.arms[::2], item.arms[1::2], strict=True):
            found = [transfer_of(where(arm).mode) for arm in (base, treated)]
            assert ["softmax", "svm"] == [transfer.head for transfer in found]
            assert found[0].stage == found[1].stage
            assert where(base).shots == where(treated).shots
