"""Looking inside: pictures of filters, feature maps, attention, positions, patches, augmentations and confusions.

    evobench run --suite looking                     # about a minute on 2 cores
    evobench run --suite looking --profile smoke     # about 10 seconds
    evobench run --suite looking --profile full      # with ImageNet weights, where they have been downloaded
    evobench run --suite looking --arch vgg11        # all that can be looked at in one architecture

The pictures are in the report, and as PNG files among what `evobench export --csv DIR` writes. The feature maps of
one stage alone are those of a scenario with the mode `features@STAGE+softmax`, such as `features@layer2+softmax`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Profile
from bench.learning.scenario import PRETRAINING, Pretraining
from evobench import Cell, Learning, Planned, Setting, suite
from suites.transfer import LITE, MNIST

CONVOLUTIONAL = ("filters", "feature_maps")
TRANSFORMER = ("filters", "attention", "position_similarity", "feature_maps")
ALL = (*CONVOLUTIONAL, "attention", "position_similarity", "patches")


@dataclass(frozen=True, kw_only=True)
class LookingView:
    """What is looked at in one architecture with one source of weights."""

    architecture: str
    measures: tuple[str, ...]
    weights: str = MNIST
    target: str = "mnist5k"
    resolution: int

    def scenario(self, setting: Setting) -> Learning:
        """The weights as they come."""
        return Learning(
            weights=self.weights,
            target=self.target,
            mode="features+softmax",
            augmentation="none",
            resolution=self.resolution,
            shots=None,
            steps=0,
            batch=16,
            lr=0.0,
            device=setting.device,
            threads=setting.learning_threads,
        )

    def planned(self, setting: Setting) -> Iterator[Planned]:
        """One cell for each measure."""
        for measure in self.measures:
            yield Planned(Cell(self.architecture, measure, self.scenario(setting)))


_LECTURE = LookingView(architecture="lecture_cnn", measures=CONVOLUTIONAL, resolution=28)
_DIGITS = LookingView(architecture="lecture_cnn", measures=(), target="uci-digits", resolution=28)
_LITE0 = LookingView(
    architecture="efficientnet_lite0",
    measures=CONVOLUTIONAL,
    weights=LITE,
    target="textures",
    resolution=192,
)
_RESNET = LookingView(architecture="resnet18", measures=CONVOLUTIONAL, resolution=32)
_VIT = LookingView(architecture="vit_reduced", measures=TRANSFORMER, resolution=32)
_DPT = LookingView(architecture="dpt_tiny:image_size=64", measures=("patches",), resolution=64)
# enough for its patches to begin to move
PRETRAINING.add(_DPT.architecture, Pretraining(lr=5e-4, epochs=1, shots=100), __name__)


def _published(architecture: str, measures: tuple[str, ...]) -> LookingView:
    return LookingView(
        architecture=architecture,
        measures=measures,
        weights="imagenet",
        target="textures",
        resolution=224,
    )


VIEWS: dict[Profile, tuple[LookingView, ...]] = {
    "smoke": (_LECTURE,),
    "default": (_LECTURE, _LITE0, _RESNET, _VIT, _DPT),
    "full": (
        _LECTURE,
        _LITE0,
        _RESNET,
        _VIT,
        _DPT,
        _published("resnet18", CONVOLUTIONAL),
        _published("resnet50", CONVOLUTIONAL),
        _published("vit_b_16", TRANSFORMER),
        _published("swin_t", ("filters", "attention", "feature_maps")),
    ),
}
GALLERIES: dict[Profile, tuple[tuple[LookingView, str], ...]] = {
    "smoke": ((_LECTURE, "digits"),),
    "default": ((_LECTURE, "digits"), (_LECTURE, "lecture"), (_LITE0, "lecture")),
    "full": ((_LECTURE, "digits"), (_LECTURE, "lecture"), (_LITE0, "lecture")),
}
"""Augmentations, each on the pictures of a view."""


@suite(title="Looking inside")
def looking(setting: Setting) -> Iterator[Planned]:
    """Pictures of what networks have inside: filters, feature maps, attention, augmentations, confusions."""
    views = VIEWS[setting.profile]
    for view in views:
        yield from view.planned(setting)
    for view, augmentation in GALLERIES[setting.profile]:
        yield _gallery(view, augmentation, setting)
    if setting.profile != "smoke":
        yield _confusions(setting)
    listed = {view.architecture for view in views}
    for name in setting.chosen:
        if name not in listed:
            yield from _unlisted(name).planned(setting)


def a_look(setting: Setting) -> Iterator[Planned]:
    """One network of each kind within seconds: the lecture's, a transformer's attention and positions, patches."""
    yield from _LECTURE.planned(setting)
    yield _gallery(_LECTURE, "digits", setting)
    if setting.profile != "smoke":
        yield _confusions(setting)
        yield from replace(_VIT, measures=("attention", "position_similarity")).planned(setting)
        yield from _DPT.planned(setting)


def _gallery(view: LookingView, augmentation: str, setting: Setting) -> Planned:
    drawn = replace(view.scenario(setting), augmentation=augmentation)
    return Planned(Cell(view.architecture, "augmentation_gallery", drawn))


def _confusions(setting: Setting) -> Planned:
    trained = replace(_DIGITS.scenario(setting), mode="finetune:all", shots=5, steps=200, lr=1e-3)
    return Planned(Cell(_DIGITS.architecture, "confusions", trained))


def _unlisted(name: str) -> LookingView:
    """View of an architecture that the user names and no table has: pretrained here, on small images."""
    item = ARCHITECTURES.get(name)
    side = max(item.min_resolution, min(item.resolution, 32))
    return LookingView(architecture=name, measures=ALL, resolution=side)
