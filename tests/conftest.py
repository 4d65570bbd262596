"""What tests of several modules share."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from bench.cell import Cell, Cost
from bench.declare.artifact import PRODUCERS
from bench.declare.beyond.variants import SOURCES
from bench.declare.catalog import ARCHITECTURES, CHECKS, COMPARISONS, DATASETS, MEASURES, SUITES, SWEEPS
from bench.declare.lessons.chapter import CHAPTERS
from bench.declare.lessons.lesson import LESSONS
from bench.declare.lessons.milestones import MILESTONES
from bench.declare.loading import discovery
from bench.declare.loading.process_settings import undoing
from bench.declare.registry import Registry
from bench.run.quadrants import QUADRANTS
from tests.rooms import ROOT

if TYPE_CHECKING:
    from tests.standin.cuda import StandIn

# oneDNN reads this at its first kernel, here and in every process that a test starts. On CPUs with matrix units
# (AMX) its kernels of 16 bits are wrong at some shapes: what the program does about that has tests of its own, and
# all others want sound kernels on every CPU.
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")


@pytest.fixture
def no_declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is declared or loaded during the test; afterwards all is as it was."""
    learning = (DATASETS, PRODUCERS, QUADRANTS)
    declared = (
        ARCHITECTURES,
        CHAPTERS,
        CHECKS,
        COMPARISONS,
        LESSONS,
        MEASURES,
        MILESTONES,
        SOURCES,
        SUITES,
        SWEEPS,
        *learning,
    )
    for registry in declared:
        monkeypatch.setattr(registry, "_items", {})
        monkeypatch.setattr(registry, "_places", {})
    monkeypatch.setattr(ARCHITECTURES, "_derived", {})
    monkeypatch.setattr(discovery, "_loaded", set())


@pytest.fixture(scope="module")
def one_ray() -> Iterator[None]:
    """No other process of these tests has nodes of Ray meanwhile: they would take each other's cores."""
    with FileLock(Path(tempfile.gettempdir()) / "evobench-tests-ray.lock"):
        yield


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What evobench remembers of its user is not that of whoever runs the tests, here and in processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """A test leaves the answers to signals as they were: what later tests start would inherit an ignored one."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    left = {number: signal.getsignal(number) for number in before}
    for number, handler in before.items():
        signal.signal(number, handler)
    assert before == left


@pytest.fixture(scope="module", autouse=True)
def same_settings() -> Iterator[None]:
    """The tests of a module leave the settings and seeds of torch, numpy and Python as they were."""
    with undoing("tests of a module", {}):
        yield


@pytest.fixture(scope="module", autouse=True)
def same_declarations() -> Iterator[None]:
    """What the tests of a module declare, and the folders of their catalogues on the path, are gone afterwards."""
    made: list[tuple[Registry[Any], str]] = []
    add = Registry.add

    def noted(registry: Registry[Any], name: str, item: Any, place: str) -> None:
        add(registry, name, item, place)
        made.append((registry, name))

    loaded, path = set(discovery._loaded), list(sys.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "add", noted)
        yield
    for registry, name in made:
        if name in registry and _is_of_tests(registry.place(name)):
            del registry._items[name], registry._places[name]
    ARCHITECTURES._derived.clear()
    discovery._loaded.difference_update(name for name in discovery._loaded - loaded if name.endswith(".py"))
    beside = {folder for folder in sys.path if folder not in path}
    discovery.BESIDE.difference_update(beside)
    sys.path[:] = path
    for name, module in list(sys.modules.items()) if beside else ():
        if os.path.dirname(getattr(module, "__file__", None) or "") in beside:  # noqa: PTH120 - of thousands
            del sys.modules[name]


def _is_of_tests(place: str) -> bool:
    """Whether a file of the tests, or one that they made, declares it: each other is imported but once."""
    path = Path(place.rpartition(":")[0])
    return path.suffix == ".py" and not any(
        path.is_relative_to(ROOT / name) for name in ("bench", "reports", "suites")
    )


@pytest.fixture
def cell() -> Cell:
    """Some cell of cost."""
    return Cell("resnet18", "latency", Cost(mode="infer", resolution=224))


@pytest.fixture
def cuda() -> Iterator[StandIn]:
    """A GPU that is made up."""
    from tests.standin.cuda import stand_in

    with stand_in() as made:
        yield made


@pytest.fixture
def kept_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs that are done in this process find it with one thread, and leave its threads and its malloc alone."""
    import torch

    from bench.execute.work import measuring, worker

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for module in (worker, measuring):
        monkeypatch.setattr(module, "pin_threads", lambda threads: None)
    monkeypatch.setattr(measuring, "keep_freed_memory", lambda: False)
    yield
    torch.set_num_threads(threads)
