"""The nearest input size at which a network runs, and who is told of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.cell import Cell, Cost
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish
from bench.network.sizes import REACH, nearest_resolution

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


class Choosy(nn.Module):
    """A network that runs at some sizes alone."""

    def __init__(self, likes: Callable[[int], bool]) -> None:
        super().__init__()
        self.likes = likes
        self.devices: set[str] = set()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.devices.add(images.device.type)
        if not self.likes(images.shape[-1]):
            raise RuntimeError(f"{images.shape[-1]} is not a size for it")
        return images


def choosy(likes: Callable[[int], bool], resolution: int = 224, min_resolution: int = 1) -> Architecture:
    load_catalogs()
    some = vars(ARCHITECTURES.get("resnet18"))
    sizes = {"resolution": resolution, "min_resolution": min_resolution}
    return Architecture(**{**some, **sizes, "name": "choosy", "build": lambda _: Choosy(likes)})


def test_a_size_at_which_it_runs_has_no_nearest() -> None:
    assert nearest_resolution(choosy(lambda side: side == 100), 100) is None


@pytest.mark.parametrize(("asked", "nearest"), [(13, 10), (17, 20), (15, 10)])
def test_the_nearest_size_is_found_on_either_side_and_the_smaller_of_two_as_near(asked: int, nearest: int) -> None:
    assert nearest == nearest_resolution(choosy(lambda side: side % 10 == 0), asked)


def test_below_the_declared_minimum_only_the_minimum_is_offered() -> None:
    assert 20 == nearest_resolution(choosy(lambda side: side % 10 == 0, min_resolution=20), 4)


@pytest.mark.parametrize("declared", [{"resolution": 224}, {"min_resolution": 224, "resolution": 300}])
def test_a_declared_size_is_offered_however_far_it_is(declared: dict[str, int]) -> None:
    assert 224 == nearest_resolution(choosy(lambda side: side == 224, **declared), 224 - REACH - 100)


def test_a_size_beyond_reach_that_nobody_declared_is_not_found() -> None:
    with pytest.raises(LookupError, match=r"^there is no size near 100 px at which 'choosy' runs$"):
        nearest_resolution(choosy(lambda side: side == 100 + REACH + 1), 100)


def test_a_network_that_runs_at_no_size_has_no_nearest() -> None:
    with pytest.raises(LookupError, match=r"^there is no size near 30 px at which 'choosy' runs$"):
        nearest_resolution(choosy(lambda _: False), 30)


class Refusing(nn.Module):
    """A network that computes on real pictures alone."""

    def __init__(self, smallest: int) -> None:
        super().__init__()
        self.smallest = smallest

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = images.mean().item() > 0.5
        if images.shape[-1] < self.smallest:
            raise RuntimeError(f"{images.shape[-1]} is too small for it")
        return images if bright else -images


@pytest.mark.parametrize(("asked", "nearest"), [(100, None), (20, 64), (224, None)])
def test_a_network_that_does_not_run_without_computing_is_tried_at_its_declared_sizes(
    asked: int, nearest: int | None
) -> None:
    item = replace(choosy(lambda _: True, min_resolution=64), build=lambda _: Refusing(64))
    assert nearest == nearest_resolution(item, asked)


class Broken(nn.Module):
    """A network that lacks something, whatever it is given."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("a library is missing")


@pytest.mark.parametrize("asked", [30, 224])
def test_where_every_size_fails_in_the_same_words_none_is_to_blame(asked: int) -> None:
    assert nearest_resolution(replace(choosy(lambda _: True), build=lambda _: Broken()), asked) is None


def test_a_network_of_one_channel_that_is_declared_with_three_is_told_so() -> None:
    grey = Architecture(**{**vars(choosy(lambda _: True)), "name": "grey", "build": lambda _: nn.Conv2d(1, 2, 3)})
    with pytest.raises(LookupError, match=r"^'grey' runs with channels=1: declare that, not 3$"):
        nearest_resolution(grey, 30)


def test_sizes_are_tried_without_computing() -> None:
    network = Choosy(lambda side: side % 10 == 0)
    item = Architecture(**{**vars(choosy(lambda _: False)), "build": lambda _: network})
    nearest_resolution(item, 15)
    assert {"meta"} == network.devices


@pytest.mark.parametrize(
    ("name", "asked", "nearest"),
    [("lecture_cnn", 20, 28), ("lecture_cnn", 40, 31), ("vit_b_16", 200, 224), ("resnet18", 7, None)],
)
def test_the_lectures_networks_have_the_sizes_of_their_papers(name: str, asked: int, nearest: int | None) -> None:
    load_catalogs()
    assert nearest == nearest_resolution(ARCHITECTURES.get(name), asked)


OWN = '''
from evobench import architecture

@architecture(family="Own", year=2026, paper="none", min_resolution=220)
def runs_nowhere(num_classes):
    """Takes no picture."""
    from torch import nn
    return nn.Linear(1000, num_classes)

@architecture(family="Own", year=2026, paper="none")
def breaks_at_every_size(num_classes):
    """Is not built."""
    raise ValueError("no such layer")
'''


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    own: Path = tmp_path_factory.mktemp("catalogue") / "own.py"
    own.write_text(OWN)
    local = LocalExecutor([str(own)])
    yield local
    local.close()


@linux
@pytest.mark.parametrize(
    ("status", "name", "advice"),
    [
        (
            "unsupported",
            "lecture_cnn",
            "'lecture_cnn' does not run at 24 px, and the nearest size that works is 28 px",
        ),
        ("failed", "runs_nowhere", "there is no size near 24 px at which 'runs_nowhere' runs"),
    ],
)
def test_a_size_is_unsupported_where_another_one_works_and_the_reason_names_the_nearest(
    executor: LocalExecutor, status: str, name: str, advice: str
) -> None:
    outcome = at_24_px(executor, name)
    assert (status, f"{advice}: RuntimeError: ") == (outcome.status, outcome.reason[: len(advice) + 16])


@linux
def test_the_reason_names_no_size_where_the_size_is_not_to_blame(executor: LocalExecutor) -> None:
    outcome = at_24_px(executor, "breaks_at_every_size")
    assert ("failed", "ValueError: no such layer (own.py:13)") == (outcome.status, outcome.reason)


def at_24_px(executor: LocalExecutor, architecture: str) -> Outcome:
    """What becomes of a cell at 24 px."""
    cell = Cell(architecture, "latency", Cost(mode="infer", resolution=24, threads=1))
    return finish(executor, Measure(cell, 0.01), 60)
