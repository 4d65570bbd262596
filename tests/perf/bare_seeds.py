"""The other side of `nox -s seeds`: the same trainings in a bare PyTorch loop, asked for over stdin.

A line holds how many seeds to train, and the answer is the seconds that they took: building the network, its steps
and its answers on the test images. Images lie ready in memory, nothing is checked, kept or told.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from torch import nn

from bench.cell import USUAL_RECIPE
from bench.clock import Stopwatch
from bench.declare.artifact import PRODUCERS, Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.declare.preprocessing import whole
from bench.learning.artifacts import dataset_of
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import Stored, normalisation_of, read_dataset
from bench.learning.partition import Partition
from bench.learning.recipes import RECIPES
from tests.perf.trained_seeds import scenario

CHUNK = 64
"""Test images that are answered at once."""


def main(threads: int) -> None:
    """Answer each line with seconds."""
    torch.set_num_threads(threads)
    load_catalogs(["suites"])
    given = scenario(0)
    item = ARCHITECTURES.get("lecture_cnn")
    with tempfile.TemporaryDirectory() as folder:
        stored = _stored(Shelf(Path(folder)))
        pixels = fit_to(stored.pixels, item.channels, whole(given.resolution))
        images = normalisation_of(stored, item.channels).apply(pixels)
    train_seed(item, images, stored, 0)  # warms up what each process compiles once
    _say("ready")
    for line in sys.stdin:
        watch = Stopwatch()
        for seed in range(int(line)):
            train_seed(item, images, stored, seed)
        _say(str(watch.seconds))


def train_seed(item: Architecture, images: torch.Tensor, stored: Stored, seed: int) -> float:
    """Top-1 on the test images after the scenario's steps."""
    given, recipe = scenario(seed), RECIPES.get(USUAL_RECIPE)
    torch.manual_seed(seed)
    model = item.build(10)
    partition = Partition(stored, given.shots, 0, seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=given.lr, weight_decay=recipe.weight_decay, **recipe.settings
    )
    left = torch.empty(0, dtype=torch.int64)
    for step in range(given.steps):
        while len(left) < given.batch:
            left = torch.cat([left, partition.train[torch.randperm(len(partition.train))]])
        chosen, left = left[: given.batch], left[given.batch :]
        optimizer.param_groups[0]["lr"] = given.lr * recipe.schedule(step, given.steps, 0.0)
        loss = nn.functional.cross_entropy(model(images[chosen]), stored.labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip or 1.0)
        optimizer.step()
    test = partition.open_test()
    model.eval()
    with torch.inference_mode():
        named = torch.cat([model(images[some]).argmax(1) for some in test.split(CHUNK)])
    return float((named == stored.labels[test]).double().mean())


def _stored(shelf: Shelf) -> Stored:
    artifact = dataset_of(scenario(0).target)
    PRODUCERS.get("dataset")(artifact, shelf, lambda _: None)
    return read_dataset(artifact, shelf)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
