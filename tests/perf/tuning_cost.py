"""What tuning costs: `--tune 4` against the same training without it, by ratio.

    nox -s tuning-cost                  # some minutes on 2 cores
    nox -s tuning-cost -- --rounds 3

Each round takes both in turn, in this process, on what was made before (data, features), as cells find it on the
shelf. The seconds are those of the process's own CPU, with one thread: busy neighbours change them little.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch

from bench.cell import Cell, Learning
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import MEASURES, load_catalogs
from bench.network.subject import Subject

TRIALS = 4
USUAL = Learning(
    weights="imagenet-lite",
    target="textures",
    mode="features+softmax",
    augmentation="none",
    resolution=64,
    shots=20,
    steps=200,
    batch=16,
    lr=1e-2,
)
TUNED = replace(USUAL, steps=30, lr=3e-4)
WAYS = (
    USUAL,
    replace(USUAL, mode="features+svm"),
    replace(USUAL, mode="features+logistic"),
    replace(TUNED, mode="finetune:upper"),
    replace(TUNED, mode="finetune:all"),
)


def seconds(scenario: Learning, folder: Path) -> float:
    """Of CPU, for a cell and the heads that it is trained by, where all else is there."""
    cell, shelf, item = Cell("efficientnet_lite0", "top1", scenario), Shelf(folder), MEASURES.get("top1")
    needed = in_order(item.artifacts(cell))
    for artifact in needed:
        if artifact.kind != "heads" and not shelf.holds(artifact):
            PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
    since = time.process_time()
    for artifact in needed:
        if artifact.kind == "heads":
            PRODUCERS.get("heads")(artifact, shelf, lambda _: None)
    item.function(Subject(cell, shelf, lambda _: None), Clock(1))
    return time.process_time() - since


def main() -> None:
    """Print a line a way of learning."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    load_catalogs()
    _say(
        f"CPU seconds, medians of {rounds} rounds; the ratio is the median of the rounds', the largest in brackets"
    )
    with tempfile.TemporaryDirectory() as name:
        for way in WAYS:
            pairs = []
            for i in range(rounds + 1):
                pair = [seconds(replace(way, tune=tune), Path(name)) for tune in (None, TRIALS)]
                pairs += [pair] if i else []  # the first warms up what a process loads once
            plain, tuned = (median(pair[side] for pair in pairs) for side in (0, 1))
            ratios = [pair[1] / pair[0] for pair in pairs]
            told = f"{median(ratios):.2f} times ({max(ratios):.2f})"
            _say(f"{way.mode:20}{plain:8.2f} s{tuned:8.2f} s with --tune {TRIALS}: {told}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
