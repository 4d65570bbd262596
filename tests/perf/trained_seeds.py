"""A catalogue for `nox -s seeds`: the trainings whose time is taken, the lecture's CNN from random weights."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Cell, Learning, Planned, Setting, suite

STEPS, BATCH = 200, 16


def scenario(seed: int) -> Learning:
    """Five digits a class, without augmentation."""
    return Learning(
        weights="random",
        target="uci-digits",
        mode="scratch",
        augmentation="none",
        resolution=28,
        shots=5,
        steps=STEPS,
        batch=BATCH,
        lr=3e-3,
        seed=seed,
    )


@suite(title="Seeds of one training")
def trained_seeds(setting: Setting) -> Iterator[Planned]:
    """As many seeds as the user says, with one thread each."""
    for seed in setting.learning.numbers(setting.learning.seeds or 1):
        yield Planned(Cell("lecture_cnn", "top1", scenario(seed)))
