"""Ways of learning in few words."""

from __future__ import annotations

import pytest

from bench.transfer import MODES
from reports.drawing.ways import START_COLOURS, TRAINED_SYMBOLS
from reports.learning.telling.ways import (
    STARTS,
    TRAINED,
    source_word,
    start_from,
    strategy_word,
    trained_of,
    tuned_word,
)


@pytest.mark.parametrize(
    ("weights", "start"),
    [
        ("random", "random"),
        ("pretrain:mnist5k", "MNIST"),
        ("pretrain:mnist", "MNIST"),
        ("imagenet", "ImageNet"),
        ("imagenet-lite", "ImageNet"),
        ("pretrain:textures", "other"),
        ("pretrained", "other"),
        ("file:mnist.pt", "other"),
        ("pretrain:fashion-mnist", "other"),
        ("pretrain:imagenette", "other"),
    ],
)
def test_a_start_is_what_the_weights_have_surely_seen(weights: str, start: str) -> None:
    assert start == start_from(weights)


def test_a_source_that_is_none_of_the_known_keeps_its_name() -> None:
    assert ["MNIST", "textures", "file:a.pt"] == [
        source_word(name) for name in ("pretrain:mnist5k", "pretrain:textures", "file:a.pt")
    ]


@pytest.mark.parametrize(
    ("mode", "words", "part"),
    [
        ("scratch", "from scratch", "whole network"),
        ("finetune:all", "fine-tuned", "whole network"),
        ("finetune:upper", "upper layers fine-tuned", "upper layers"),
        ("finetune:layer3", "layer3 and above fine-tuned", "upper layers"),
        ("features+softmax", "softmax head", "head only"),
        ("features@layer3+svm", "SVM head on layer3", "head only"),
        ("features-bn+softmax", "softmax head, BatchNorm re-estimated", "head only"),
        ("as-is", "as they are", "nothing"),
    ],
)
def test_a_mode_is_told_in_words(mode: str, words: str, part: str) -> None:
    assert (words, part) == (strategy_word(mode), trained_of(mode))


def test_modes_that_differ_have_words_that_differ() -> None:
    assert len(MODES) == len({strategy_word(mode) for mode in MODES})


def test_fine_tuning_names_what_learns() -> None:
    assert ["whole network", "upper layers"] == [tuned_word(f"finetune:{part}") for part in ("all", "upper")]


def test_each_start_has_a_colour_and_each_trained_part_a_shape() -> None:
    assert (set(STARTS), set(TRAINED)) == (set(START_COLOURS), set(TRAINED_SYMBOLS))
    assert len(STARTS) == len(set(START_COLOURS.values()))
    assert len(TRAINED) == len(set(TRAINED_SYMBOLS.values()))
