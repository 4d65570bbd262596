"""The lesson on pretrained weights as a beginning: what it compares."""

from __future__ import annotations

import pytest

from bench.cell import Learning
from bench.declare.declarations import Profile, Setting
from bench.declare.loading.discovery import load_catalogs
from evobench import Arm
from suites.lessons.initialising import initialisation


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def where(arm: Arm) -> Learning:
    scenario = arm.planned.cell.scenario
    assert isinstance(scenario, Learning)
    return scenario


@pytest.mark.parametrize("profile", ["default", "full"])
def test_the_same_network_begins_at_random_and_with_weights(profile: Profile) -> None:
    for item in initialisation(Setting(profile, "cpu", 2)):
        for base, treated in zip(item.arms[::2], item.arms[1::2], strict=True):
            assert ("random", "pretrain:mnist5k") == (where(base).weights, where(treated).weights)
            assert ("scratch", "finetune:all") == (where(base).mode, where(treated).mode)
            assert where(base).shots == where(treated).shots


def test_the_gain_is_compared_by_the_size_of_the_target() -> None:
    *_, item = initialisation(Setting("default", "cpu", 2))
    assert ("interaction", "less") == (item.statistic, item.expected)
    assert [3, 3, 80, 80] == [where(arm).shots for arm in item.arms]
