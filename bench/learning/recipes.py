"""Recipes for optimising weights. Each is declared once, here, and a scenario names it. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bench.cell import USUAL_RECIPE
from bench.declare.registry import Registry
from bench.learning.tuning.ranges import ADAMW, SGD, Kind, Ranges
from bench.validity import ABOVE_0, FILLED, FROM_0, FROM_1, FieldRule, rules

_SHARE = FieldRule("from 0 to below 1", lambda number, _: 0 <= number < 1)
CANDIDATES = (10.0, 1.0, 0.1, 0.01)
"""Weight decays of a head from which validation chooses, the strongest first: it wins a tie."""


@dataclass(frozen=True)
class Values:
    """Values that control a training's step sizes, chosen by a recipe, a user or tuning."""

    lr: float = field(metadata=rules(ABOVE_0))
    """Peak of the learning rate."""
    weight_decay: float = field(metadata=rules(FROM_0))
    layer_decay: float = field(default=1.0, metadata=rules(ABOVE_0))
    """Factor of the learning rate from a layer to the one below it; 1: all layers have the same rate."""


@dataclass(frozen=True)
class Objective:
    """Training objective: blends of pictures, smoothing of their classes, and weights of the images."""

    smoothing: float = field(default=0.0, metadata=rules(FROM_0))
    """Share of the target probability that is spread over all classes (label smoothing, Szegedy et al. 2016)."""
    mixup: float = field(default=0.0, metadata=rules(FROM_0))
    """Both parameters of the Beta distribution of a blend's share (Zhang et al. 2018, arXiv:1710.09412); 0: no
    blends."""
    cutmix: float = field(default=0.0, metadata=rules(FROM_0))
    """Both parameters of the Beta distribution of the share of a box pasted from another picture (Yun et al. 2019,
    arXiv:1905.04899); where mixup is on, too, each batch draws which one is used."""
    balanced: bool = False
    """Whether an image is weighted by its class: n / (classes x n of the class) of the training images, as in
    scikit-learn's `balanced` (King and Zeng 2001)."""

    @property
    def mixes(self) -> bool:
        """Whether pictures are blended."""
        return self.mixup > 0 or self.cutmix > 0


PLAIN = Objective()
"""Cross-entropy without blends, smoothing or weights."""


@dataclass(frozen=True)
class Usual:
    """Usual length and speed of a recipe, where neither the user nor a table states them."""

    lr: float = field(metadata=rules(ABOVE_0))
    batch: int = field(metadata=rules(FROM_1))
    epochs: int = field(metadata=rules(FROM_1))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Recipe for optimising weights, for any number of steps and any learning rate."""

    name: str = field(metadata=rules(FILLED))
    about: str = field(metadata=rules(FILLED))
    optimizer: str = field(metadata=rules(FILLED))
    """Name of a class of `torch.optim`."""
    settings: Mapping[str, Any]
    """Arguments of the optimizer beside the learning rate and the weight decay."""
    weight_decay: float = field(metadata=rules(FROM_0))
    schedule: Callable[[int, int, float], float]
    """Share of the learning rate, from the step (from 0), the number of steps, and the epoch at which the step
    begins."""
    clip: float | None
    """Largest norm of the gradient of all parameters."""
    head_decays: tuple[float, ...]
    """Weight decays from which validation chooses where a head is trained on fixed features."""
    standardised: bool
    """Whether such a head is trained on features with mean 0 and standard deviation 1."""
    usual: Usual | None = None
    """Usual length and speed; None: the tables of the suites state them for each architecture."""
    source: str = ""
    """Source of the recipe."""
    layer_decay: float = field(default=1.0, metadata=rules(ABOVE_0))
    """Factor of the learning rate from a layer to the one below it, as in `Values`."""
    spares_vectors: bool = False
    """Whether biases and the scales of normalisation are excluded from weight decay."""
    averaging: float = field(default=0.0, metadata=rules(_SHARE))
    """Decay of the exponential moving average of the weights, which replaces them at the end; 0: none is kept."""
    objective: Objective = PLAIN
    ranges: Mapping[Kind, Ranges] = field(default_factory=lambda: ADAMW)
    """Ranges of tuning by kind of training: the same for every network."""

    def values(self, lr: float) -> Values:
        """The recipe's values at a learning rate."""
        return Values(lr, self.weight_decay, self.layer_decay)

    @property
    def beyond_heads(self) -> str:
        """Parts of the recipe for networks alone, in words; empty where a head on fixed features can be trained by
        it."""
        parts = {
            "mixes pictures": self.objective.mixes,
            "averages weights": self.averaging > 0,
            "has layers learn at rates of their own": self.layer_decay != 1,
        }
        return ", ".join(words for words, has in parts.items() if has)


def cosine(step: int, steps: int, _: float, *, warmup: float) -> float:
    """Linear warm-up over a share of the steps, then half a cosine towards zero."""
    warm = max(1, round(warmup * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def stairs(_: int, __: int, epoch: float, *, every: int, factor: float) -> float:
    """Schedule that lowers the learning rate by a factor after each number of epochs (torch's `StepLR`)."""
    return float(factor ** (int(epoch) // every))


TUTORIAL = Usual(lr=1e-3, batch=4, epochs=25)
"""Values of PyTorch's tutorial on transfer learning, which the lecture quotes."""
RECIPES: Registry[Recipe] = Registry("recipe")

_HARNESS = Recipe(
    name=USUAL_RECIPE,
    about="AdamW, linear warm-up over a tenth of the steps, cosine, clipped gradients.",
    optimizer="AdamW",
    # fused: one pass over the memory of each parameter, which is half of a small step's time otherwise
    settings={"fused": True},
    weight_decay=0.01,
    schedule=partial(cosine, warmup=0.1),
    clip=1.0,
    head_decays=CANDIDATES,
    standardised=True,
    source="This harness.",
)
_LAYERED = replace(
    _HARNESS,
    name="layered",
    about="AdamW of which lower layers learn slower, by 0.75 a layer; warm-up, cosine; vectors without decay.",
    weight_decay=0.05,
    layer_decay=0.75,
    spares_vectors=True,
    source="Fine-tuning of BEiT (arXiv:2106.08254) and MAE (arXiv:2111.06377, table 9), without their mixing.",
)

for _recipe in (
    _HARNESS,
    Recipe(
        name="lecture",
        about="SGD with momentum 0.9; a tenth of the learning rate every 7 epochs, as the lecture prints it.",
        optimizer="SGD",
        settings={"momentum": 0.9, "fused": True},
        weight_decay=0.0,
        schedule=partial(stairs, every=7, factor=0.1),
        clip=None,
        head_decays=(0.0,),
        standardised=False,
        usual=TUTORIAL,
        source="The lecture's print, which is PyTorch's tutorial on transfer learning.",
        ranges=SGD,
    ),
    _LAYERED,
    replace(
        _LAYERED,
        name="modern",
        about="The recipe layered with label smoothing 0.1, mixup 0.8 or cutmix 1.0, and averaged weights.",
        averaging=0.99,
        objective=Objective(smoothing=0.1, mixup=0.8, cutmix=1.0),
        source="MAE's fine-tuning (arXiv:2111.06377, table 9), without drop path; averaged weights as ConvNeXt's"
        " (arXiv:2201.03545), with a decay for short trainings.",
    ),
    replace(
        _HARNESS,
        name="balanced",
        about="The harness's with class weights: images of rare classes count more, by inverse frequency.",
        objective=Objective(balanced=True),
        source="Weights n / (classes x n of the class): King and Zeng 2001, scikit-learn's `balanced`.",
    ),
):
    RECIPES.add(_recipe.name, _recipe, __name__)
