"""What a network consists of, from the records of its count."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import torch

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs
from bench.network.building import build_untouched
from bench.network.subject import classes_of
from bench.shapes import side_and_channels
from bench.store.database import CellRow, RecordRow
from reports.tidy.networks import NetworkStructure, networks, stages
from tests.reports.blocks import LAYERS, NETWORK, RESIDUAL, layer


def record(details: dict[str, object], status: str = "ok") -> dict[str, NetworkStructure]:
    cell = Cell("resnet18", "macs", Cost(mode="infer", resolution=224))
    values = dict.fromkeys(RecordRow.__dataclass_fields__) | {"details": details, "status": status}
    return networks([CellRow(cell, ("counts",), 1.0, 1)], {cell.key: [RecordRow(**values)]}, {})  # type: ignore[arg-type]


def counted(name: str) -> NetworkStructure:
    """What the store gives back of a real count."""
    item = ARCHITECTURES.get(name)
    images = torch.empty(1, item.channels, item.resolution, item.resolution)
    count = count_macs(build_untouched(item.build, classes_of(item)), images)
    return record(json.loads(json.dumps(asdict(count))))["resnet18"]


def test_a_count_brings_the_layers_and_the_block() -> None:
    found = record({"layers": list(LAYERS), "block": RESIDUAL, "widths": {"56": 64}})["resnet18"]
    assert (224, LAYERS, RESIDUAL, {"56": 64}) == (found.resolution, found.layers, found.block, found.widths)


def test_a_count_of_an_older_version_has_no_block() -> None:
    assert record({"layers": list(LAYERS)})["resnet18"].block is None


def test_a_count_that_failed_or_tells_no_layers_gives_no_network() -> None:
    assert [{}, {}] == [record({"layers": list(LAYERS)}, "failed"), record({})]


def test_stages_are_parts_of_equal_resolution_and_add_up_to_the_whole() -> None:
    found = stages(NETWORK)
    assert ["112 × 112 × 64", "56 × 56 × 64", "28 × 28 × 128", "1,000"] == [stage.label for stage in found]
    assert sum(row["parameters"] for row in LAYERS) == sum(stage.parameters for stage in found)


def test_what_averages_pixels_between_maps_belongs_to_the_maps_that_follow() -> None:
    assert [9_408, 36_864, 73_828, 513_000] == [stage.parameters for stage in stages(NETWORK)]


def test_a_layer_that_did_not_run_is_no_stage() -> None:
    idle = replace(NETWORK, layers=(*LAYERS, {**layer("aux", (), 7), "call": 0}))
    assert stages(NETWORK) == stages(idle)


def test_resolution_and_channels_are_read_from_every_kind_of_shape() -> None:
    shapes = [(1, 64, 56, 56), (1, 56, 56, 96), (1, 197, 768), (1, 196, 768), (1, 1000), (1, 30, 8)]
    expected = [(56, 64), (56, 96), (14, 768), (14, 768), (0, 1000), (0, 8)]
    assert expected == [side_and_channels(shape) for shape in shapes]


def test_the_stages_of_a_real_residual_network_are_those_of_its_paper() -> None:
    # arXiv:1512.03385, table 1
    expected = ["112 × 112 × 64", "56 × 56 × 64", "28 × 28 × 128", "14 × 14 × 256", "7 × 7 × 512", "1,000"]
    assert expected == [stage.label for stage in stages(counted("resnet18"))]


def test_the_stages_of_lenet_have_all_of_its_parameters() -> None:
    assert 61_706 == sum(stage.parameters for stage in stages(counted("lenet5")))
