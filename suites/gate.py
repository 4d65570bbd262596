"""What continuous integration watches: a few cells that are measured again and again, step by step.

    evobench regress --base main                             # minutes on 2 cores; what a change can have moved
    evobench regress --base main --arch my_net --catalog models.py
    evobench run --suite gate                                # the same cells once: a minute or less on 2 cores

Steps are short, since many pairs of processes take them in turn. Numbers to expect: on the same code every ratio
is 1.00, and every training equal to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Profile
from evobench import Cell, Cost, Learning, Planned, Setting, suite
from suites.memory import fitting, untuned

SMALL = ("lecture_cnn", "resnet18")
SIDE = 112
"""Pixels at most: a step of a large picture takes longer than it tells more."""
SEEDS: dict[Profile, int] = {"smoke": 2, "default": 6, "full": 12}
"""Trainings of each: from 5 on one can say how much one differs from the next."""
STEPS = 60
SAMPLING = 1.0
"""Seconds that a timing that is run for a baseline may sample for."""
PROCESSES = 3
"""Processes of a timing that is run for a baseline: its interval comes from their medians."""
TRAINED_ON_CUDA = 128
"""Images of a training step there: with two, it waits for the launch of its kernels."""
COUNTED = ("parameters", "macs")


@suite(title="What CI watches")
def gate(setting: Setting) -> Iterator[Planned]:
    """Counts, latency, training step, memory and accuracy of two small networks, or of what `--arch` names."""
    for name in setting.chosen or SMALL[: 1 if setting.profile == "smoke" else None]:
        yield from _cost(name, setting)
        yield from _accuracy(name, setting)


def _cost(name: str, setting: Setting) -> Iterator[Planned]:
    item = ARCHITECTURES.get(name)
    side = item.resolution if item.min_resolution > SIDE else min(item.resolution, SIDE)
    for measure in COUNTED:
        yield Planned(Cell(name, measure, Cost(mode="infer", resolution=item.resolution)))
    infer = setting.cost("infer", side)
    train = fitting(item, setting.cost("train", side, TRAINED_ON_CUDA if setting.on_cuda else 2), setting)
    yield Planned(Cell(name, "latency", infer), SAMPLING, PROCESSES)
    yield Planned(Cell(name, "train_step", train), SAMPLING, PROCESSES)
    yield Planned(Cell(name, "peak_memory", untuned(train)))


def _accuracy(name: str, setting: Setting) -> Iterator[Planned]:
    """Trained from scratch on digits: what a change of the model or of its training can lose.

    `--seeds`, `--shots`, `--steps` and `--lr` say otherwise, where a network needs it to leave chance.
    """
    item, asked = ARCHITECTURES.get(name), setting.learning
    side = max(item.min_resolution, min(item.resolution, 32))
    steps = asked.steps or STEPS
    seeds = asked.numbers(asked.seeds or SEEDS[setting.profile])
    for seed, shots, lr in product(seeds, asked.shots or (10,), asked.lr or (3e-3,)):
        scenario = Learning(
            weights="random",
            target="uci-digits",
            mode="scratch",
            augmentation="none",
            resolution=side,
            shots=shots or None,
            steps=steps,
            batch=16,
            lr=lr,
            seed=seed,
            device=setting.device,
            threads=setting.learning_threads,
        )
        yield Planned(Cell(name, "top1", scenario))
