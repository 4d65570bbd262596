"""Options of `run` for the conditions of learning: lists multiply the planned cells of transfer."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from bench.cli.options.values import at_least, joined, listed, one_of, points, positive, rate
from bench.declare.beyond.datasets import spelled
from bench.declare.learning_axes import ALL, LearningAxes
from bench.errors import UsageError
from bench.foreign import whole_path
from bench.learning.recipes import RECIPES
from bench.learning.scenario import MOST_TRIALS, PIPELINES
from bench.learning.weights.spelling import as_partial, weights_file
from bench.learning.words import absolute

ALL_WORD = "all"
_MOST = 1 << 24
_MOST_FOLDS = 1000


def add_learning_options(parser: argparse.ArgumentParser) -> None:
    """Add a group of options, none of which has a default: what is left out, the suite chooses."""
    group = parser.add_argument_group(
        "conditions of learning", "Several values multiply the cells. Without --suite they mean --suite transfer."
    )

    def several(name: str, read: Callable[[str], Any], values: str, help: str) -> None:
        group.add_argument(name, type=listed(read), action="append", metavar=values, help=help)

    def single(name: str, read: Callable[[str], Any], value: str, help: str) -> None:
        group.add_argument(name, type=read, metavar=value, help=help)

    several(
        "--weights",
        absolute,
        "SOURCE",
        "random, pretrained, imagenet, imagenet-lite, pretrain:DATASET or file:PATH[#STATE]",
    )
    group.add_argument(
        "--partial", action="store_true", help="begin with what fits of file:PATH, as file:PATH#partial does"
    )
    several("--mode", str, "MODE", "scratch, finetune:STAGE, features+softmax (svm, logistic, knn), ...")
    several("--augment", str, "NAME", "augmentations, such as none, lecture, digits")
    several("--target", spelled, "DATASET", "what is learned: a data set, folder:PATH, csv:PATH or list:PATH")
    several("--shots", _shots, f"N,{ALL_WORD}", "training images per class")
    recipes = f"how weights are optimised: {', '.join(RECIPES.names())}"
    several("--recipe", one_of("recipe", RECIPES.names()), "NAME", recipes)
    several("--pipeline", one_of("pipeline", PIPELINES), ",".join(PIPELINES), "what augmentations work on")
    single("--folds", at_least(2, "folds", _MOST_FOLDS), "K", "cross-validation: all K folds, for each seed")
    single("--seeds", positive("seeds", _MOST_FOLDS), "N", "so many seeds, from the first one on")
    single("--first-seed", at_least(0, "a seed", _MOST), "N", "the lowest seed of all that learns; without it 0")
    single("--patience", positive("epochs", _MOST), "N", "stop after N epochs without a better validation loss")
    group.add_argument(
        "--refit",
        action="store_true",
        help="heads on fixed features train once more, on training and validation images together",
    )
    single("--steps", positive("steps", _MOST), "N", "optimizer steps of what learns")
    single("--class-map", _file, "FILE", "of weights as they are: a table of class names and indices, or meta.mat")
    several("--lr", rate, "X", "peak of the learning rate (of the lecture's recipe: its first)")
    single(
        "--tune",
        positive("trials", MOST_TRIALS),
        "N",
        "of N trials validation images choose the learning rate and the decays: the same trials for every network",
    )


def add_margin(group: argparse._ArgumentGroup) -> None:
    """Add the difference in accuracy that does not matter, which changes verdicts and no figure."""
    group.add_argument(
        "--margin",
        type=points,
        metavar="POINTS",
        help="accuracies that differ by less make no difference (default: 1 percentage point)",
    )


def learning_wish(arguments: argparse.Namespace) -> LearningAxes:
    """Conditions of learning that a run keeps as its request.

    Raises:
        UsageError: no file of weights is given that could fit in part.
    """
    weights = joined(arguments.weights)
    if arguments.partial and not any(map(weights_file, weights)):
        raise UsageError("--partial is about weights of a file: give them with --weights file:PATH")
    return LearningAxes(
        weights=tuple(map(as_partial, weights)) if arguments.partial else weights,
        mode=joined(arguments.mode),
        augmentation=joined(arguments.augment),
        target=joined(arguments.target),
        shots=joined(arguments.shots),
        recipe=joined(arguments.recipe),
        pipeline=joined(arguments.pipeline),
        folds=arguments.folds or 0,
        seeds=arguments.seeds or 0,
        first_seed=arguments.first_seed or 0,
        patience=arguments.patience or 0,
        refit=arguments.refit,
        steps=arguments.steps or 0,
        lr=joined(arguments.lr),
        tune=arguments.tune or 0,
        class_map=arguments.class_map or "",
    )


def _file(text: str) -> str:
    return str(whole_path(text))


def _shots(text: str) -> int:
    return ALL if text == ALL_WORD else positive(f"training images (or '{ALL_WORD}')", _MOST)(text)
