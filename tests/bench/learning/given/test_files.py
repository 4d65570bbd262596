"""What is made from files is done where the files are."""

import pytest

from bench.cell import Cell, Cost, Learning
from bench.declare.artifact import Artifact
from bench.declare.catalog import load_catalogs
from bench.learning.given.files import made_from_files, reads_files

load_catalogs()


def learning(mode: str = "finetune:all", weights: str = "random") -> Cell:
    how = {"augmentation": "none", "steps": 1, "batch": 8, "lr": 0.1, "shots": 5, "resolution": 28}
    return Cell("resnet18", "top1", Learning(mode=mode, weights=weights, target="uci-digits", **how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "reads"),
    [
        (Cell("resnet18", "latency", Cost(mode="infer", resolution=32)), False),
        (learning(), False),
        (learning(weights="pretrain:mnist5k"), False),
        (learning(weights="file:mine.pth"), True),
        (learning(weights="imagenet"), True),
        (learning(mode="as-is", weights="imagenet"), True),
    ],
)
def test_a_cell_reads_files_where_its_weights_or_pictures_are_given(cell: Cell, reads: bool) -> None:
    assert reads == reads_files(cell)


@pytest.mark.parametrize(
    ("kind", "spec", "reads"),
    [
        ("dataset", {"name": "uci-digits"}, True),
        ("checkpoint", {"architecture": "resnet18", "source": "mnist5k"}, False),
        ("features", {"architecture": "resnet18", "weights": "pretrain:mnist5k"}, False),
        ("features", {"architecture": "resnet18", "weights": "file:mine.pth"}, True),
        ("count", {"architecture": "resnet18"}, False),
    ],
)
def test_an_artifact_is_made_from_files_where_its_data_or_weights_are(
    kind: str, spec: dict[str, str], reads: bool
) -> None:
    assert reads == made_from_files(Artifact(kind, tuple(spec.items())))
