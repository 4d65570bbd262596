"""Plausible figures of cells, for synthetic runs."""

from __future__ import annotations

import math
import random
from typing import Any

from bench.cell import Cell, Learning
from bench.statistics.answers.kept import Answers
from tests.reports.answering import answer, kept
from tests.reports.lineages import MODES, Lineage

CHANCE = 0.1
TEST_IMAGES = 360
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def values_of(
    cell: Cell, item: Lineage, slowdown: float, accuracy: float, generator: random.Random
) -> tuple[tuple[float, ...], dict[str, Any]]:
    noise = generator.lognormvariate(0.0, 0.02) * slowdown
    macs = item.macs * (cell.scenario.resolution / item.resolution) ** 2
    seconds = (2e-4 + macs / 4e10) * noise
    match cell.measure:
        case "parameters" | "macs" | "peak_memory":
            return _exact(cell, item, macs)
        case "roofline":
            return _roofline(item, seconds, generator)
        case "top1":
            return _trained(cell, accuracy, generator)
        case "augmentation_rate":
            rate = 1e5 if getattr(cell.scenario, "pipeline", "") == "tensor" else 1e4
            return tuple(rate * generator.lognormvariate(0, 0.03) for _ in range(12)), {}
        case "throughput":
            return tuple(1.4 / seconds / generator.lognormvariate(0, 0.03) for _ in range(12)), {}
    step = 24 * seconds if cell.measure == "train_step" else seconds
    return tuple(step * generator.lognormvariate(0, 0.03) for _ in range(20)), {}


def _exact(cell: Cell, item: Lineage, macs: float) -> tuple[tuple[float, ...], dict[str, Any]]:
    if cell.measure == "parameters":
        total = round(item.parameters)
        return (float(total),), {"without_auxiliary": total - item.auxiliary} if item.auxiliary else {}
    if cell.measure == "macs":
        return (float(round(macs)),), {}
    bytes_of = 16 * item.parameters if cell.scenario.mode == "train" else 4 * item.parameters
    return (float(round(bytes_of + 3e7)),), {}


def _roofline(item: Lineage, seconds: float, generator: random.Random) -> tuple[tuple[float, ...], dict[str, Any]]:
    rate, bandwidth = 1e11 * generator.lognormvariate(0, 0.02), 1e10
    traffic = 8 * item.parameters
    attainable = max(2 * item.macs / rate, traffic / bandwidth)
    details = {
        "macs": round(item.macs),
        "bytes": round(traffic),
        "intensity": 2 * item.macs / traffic,
        "ridge": rate / bandwidth,
        "limit": "compute" if 2 * item.macs / traffic >= rate / bandwidth else "memory",
        "attainable": attainable,
        "forward": seconds,
        "matmul_rate": rate,
        "copy_bandwidth": bandwidth,
    }
    return tuple(attainable / seconds / generator.lognormvariate(0, 0.03) for _ in range(9)), details


def _answered(scenario: Learning) -> Answers:
    """Three mistakes, one of them that of every training, and an unsure answer; an SVM gives margins."""
    svm = scenario.mode.endswith("svm")
    places = (7, 100 + scenario.seed, 200 + scenario.steps)
    wrong = [answer(place, None if svm else 0.9 - place / 1000) for place in places]
    return kept(*wrong, unsure=[answer(33, None if svm else 0.51, right=True)], names={"0": "zero", "1": "one"})


def _trained(cell: Cell, accuracy: float, generator: random.Random) -> tuple[tuple[float, ...], dict[str, Any]]:
    scenario = cell.scenario
    assert isinstance(scenario, Learning)
    level = next(level for weights, mode, level in MODES if (weights, mode) == (scenario.weights, scenario.mode))
    level += accuracy + generator.uniform(-0.015, 0.015) - 0.02 * (scenario.augmentation != "none")
    started = not (
        cell.architecture == "lenet5" and scenario.mode == "scratch" and scenario.augmentation == "digits"
    )
    level = min(1.0, level) if started else CHANCE
    right = [1.0] * round(level * TEST_IMAGES)
    values = right + [0.0] * (TEST_IMAGES - len(right))
    random.Random(cell.key).shuffle(values)
    details = {
        "chance": CHANCE,
        "started": started,
        "curve": [
            {
                "step": step,
                "epoch": step / 3,
                "loss": 2.3 * math.exp(-step / 25),
                "val": CHANCE + (level - CHANCE) * step / 60,
                "val_loss": 2.3 * math.exp(-step / 40),
                "seconds": step / 40,
                "images": 16 * step,
            }
            for step in range(0, 61, 10)
        ],
        "val_top1": level,
        "top5": 1 - (1 - level) / 4,
        "macro_f1": level - 0.01,
        "recalls": _recalls(level),
        "nll": None if scenario.mode.endswith("svm") else 0.3,
        "ece": None if scenario.mode.endswith("svm") else 0.04,
        "confusion": _confused(len(right)),
        "mistakes": _answered(scenario).to_dict(),
        "n_train": 50,
        "n_test": TEST_IMAGES,
        "trainable": 11_000,
        "train_seconds": 1.5,
        "warnings": [] if started else ["training stayed at chance"],
    }
    return tuple(values), details


def _recalls(level: float) -> list[list[str | int]]:
    """Of ten unequal classes, the smallest of which is recognised worst."""
    sizes = (60, *(36,) * 8, 12)
    return [
        [name, round(level * n) if n > 12 else round(level * n) // 2, n]
        for name, n in zip(NAMES, sizes, strict=True)
    ]


def _confused(right: int) -> dict[str, Any]:
    """Of ten classes two that are taken for each other."""
    diagonal = [[c, c, right // 10 + (c < right % 10)] for c in range(10)]
    wrong = TEST_IMAGES - right
    return {
        "classes": 10,
        "whole": True,
        "entries": [*diagonal, [4, 9, wrong - wrong // 3], [9, 4, wrong // 3]],
        "names": {str(c): name for c, name in enumerate(NAMES)},
    }
