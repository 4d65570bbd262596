"""A job goes to its process as JSON, and comes there as it was."""

import json
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Learning
from bench.declare.artifact import Artifact
from bench.execute.jobs import (
    KINDS,
    Check,
    Count,
    Describe,
    Fetch,
    Given,
    Inspect,
    Job,
    Make,
    Measure,
    Plan,
    Probe,
    Profile,
    Rate,
    Step,
    read_job,
)

CELL = Cell("net", "latency", Cost(mode="infer", resolution=8))
GIVEN = Given(
    Path("shelf"),
    10**9,
    {"place": {"folder": "data"}, "own": {}},
    {"w.pt": "c0de"},
    {"net file:w.pt": {"resize": 8}},
)
NEEDED = Artifact("checkpoint", (("epochs", 3),))
JOBS: list[Job] = [
    Measure(CELL, 2.5, GIVEN, makes=True),
    Make(Artifact("features", (("size", 8),), (NEEDED,), "c0de"), 2, GIVEN),
    Probe(),
    Rate(4, "cuda:0"),
    Inspect((("net", "file:w.pt"), ("net", "imagenet")), GIVEN, (("net", "imagenet", "folder:val", ""),)),
    Fetch("dataset", "svhn", GIVEN),
    Check(({"id": "a-1", "printed": 3.5},), 2, "imagenet"),
    Step(CELL, (0, 3), GIVEN),
    Profile(CELL, "time", (1,), GIVEN),
    Plan({"suites": ["gate"]}, GIVEN),
    Count(CELL, 5, "callgrind", "folder", GIVEN),
    Describe({CELL.key: CELL.to_dict()}, GIVEN),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_is_read_as_it_was_written(job: Job) -> None:
    assert job == read_job(json.loads(json.dumps(job.to_dict())))


def test_every_kind_of_job_is_tried() -> None:
    assert set(KINDS.values()) == {type(job) for job in JOBS}


def test_what_belongs_to_the_line_is_not_of_the_job() -> None:
    assert Probe() == read_job({**Probe().to_dict(), "number": 7})


def learning(mode: str) -> Cell:
    scenario = Learning(
        weights="random",
        target="digits",
        mode=mode,
        augmentation="none",
        resolution=8,
        shots=None,
        steps=1,
        batch=1,
        lr=0.1,
    )
    return Cell("net", "top1", scenario)


@pytest.mark.parametrize(
    ("mode", "imports"),
    [
        ("features+svm", ["sklearn.svm"]),
        ("features@layer3+logistic", ["sklearn.linear_model"]),
        ("features+softmax", []),
        ("features+knn", []),
        ("scratch", []),
    ],
)
def test_only_a_head_that_scikit_learn_trains_asks_for_its_library(mode: str, imports: list[str]) -> None:
    assert imports == json.loads(json.dumps(Measure(learning(mode), 1.0).to_dict()))["imports"]
