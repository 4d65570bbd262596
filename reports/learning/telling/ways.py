"""Ways of learning in few words: where the weights start, what is trained, and what is unusual of it."""

from __future__ import annotations

from typing import Literal

from bench.transfer import ALL, AS_IS, UPPER, transfer_of
from reports.learning.scenarios import Row, joined

Start = Literal["random", "MNIST", "ImageNet", "other"]
"""Kinds of data that the weights of a network have seen before."""
Trained = Literal["whole network", "upper layers", "head only", "nothing"]
"""Part of a network that learns the target."""
STARTS: tuple[Start, ...] = ("random", "MNIST", "ImageNet", "other")
TRAINED: tuple[Trained, ...] = ("whole network", "upper layers", "head only", "nothing")
USUAL_PART: Trained = "whole network"
"""Part of a network that fine-tuning trains where nothing else is said."""
_HEADS = {
    "softmax": "softmax head",
    "svm": "SVM head",
    "logistic": "logistic regression",
    "knn": "nearest neighbours",
}


def start_from(weights: str) -> Start:
    """What a source of weights has seen; unknown for a file and for weights without a name."""
    if weights == "random":
        return "random"
    source = weights.removeprefix("pretrain:")
    if source != weights and (source == "mnist" or source.startswith("mnist5k")):
        return "MNIST"
    return "ImageNet" if source == "imagenet" or source.startswith("imagenet-") else "other"


def source_word(weights: str) -> str:
    """A source of weights as labels name it: by what it has seen where that is known, else by its own name."""
    start = start_from(weights)
    return weights.removeprefix("pretrain:") if start == "other" else start


def trained_of(mode: str) -> Trained:
    """Part of a network that learns in a mode of transfer."""
    if mode == AS_IS:
        return "nothing"
    transfer = transfer_of(mode)
    if transfer.frozen:
        return "head only"
    return "whole network" if transfer.stage in ("", ALL) else "upper layers"


def strategy_word(mode: str) -> str:
    """A mode of transfer as labels name it: `features@layer3+svm` is `SVM head on layer3`."""
    if mode == AS_IS:
        return "as they are"
    transfer = transfer_of(mode)
    if transfer.kind == "scratch":
        return "from scratch"
    if transfer.frozen:
        stage = f" on {transfer.stage}" if transfer.stage else ""
        return joined(_HEADS[transfer.head] + stage, "BatchNorm re-estimated" if transfer.reestimated else "")
    return "fine-tuned" if transfer.stage == ALL else f"{tuned_word(mode)} fine-tuned"


def tuned_word(mode: str) -> str:
    """Words for what learns in a mode of fine-tuning: `finetune:layer3` is `layer3 and above`."""
    stage = transfer_of(mode).stage
    return {ALL: USUAL_PART, UPPER: "upper layers"}.get(stage, f"{stage} and above")


def way_told(row: Row) -> str:
    """A training's way in words: `softmax head from ImageNet`, with what else is unusual of it."""
    mode = str(row["mode"])
    source = "" if mode == "scratch" else f" from {source_word(str(row['weights']))}"
    return joined(strategy_word(mode) + source, str(row["rare"]))
