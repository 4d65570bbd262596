"""What tests of several modules share."""

import pytest

from bench.cell import Cell, Cost
from bench.declare.artifact import PRODUCERS
from bench.declare.catalog import ARCHITECTURES, CHECKS, COMPARISONS, DATASETS, MEASURES, SUITES, SWEEPS
from bench.declare.loading import discovery
from bench.declare.variants import SOURCES
from bench.run.quadrants import QUADRANTS


@pytest.fixture
def no_declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is declared or loaded during the test; afterwards all is as it was."""
    learning = (DATASETS, PRODUCERS, QUADRANTS)
    declared = (ARCHITECTURES, CHECKS, COMPARISONS, MEASURES, SOURCES, SUITES, SWEEPS, *learning)
    for registry in declared:
        monkeypatch.setattr(registry, "_items", {})
        monkeypatch.setattr(registry, "_places", {})
    monkeypatch.setattr(ARCHITECTURES, "_derived", {})
    monkeypatch.setattr(discovery, "_loaded", set())


@pytest.fixture
def cell() -> Cell:
    """Some cell of cost."""
    return Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
