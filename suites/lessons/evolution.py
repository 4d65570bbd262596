"""Lesson on the evolution of networks: AlexNet is quick to train, newer ones are better."""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.declarations import Profile
from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.lessons.arms import pairs, timed, trained

MOST_STEPS = 100_000
"""More than any training here has time for."""
SEEDS = 5
"""Seeds of a training for a given time, which uses the whole machine."""
LENET, ALEXNET, GOOGLENET, RESNET = "LeNet-5 (1998)", "AlexNet (2012)", "GoogLeNet (2014)", "ResNet-18 (2015)"
EFFICIENTNET, SWIN = "EfficientNet-B0 (2019)", "reduced Swin (2021)"
NETWORKS = {
    LENET: ("lenet5", 32, 1e-3),
    ALEXNET: ("alexnet", 64, 3e-4),
    GOOGLENET: ("googlenet", 32, 1e-3),
    RESNET: ("resnet18", 32, 1e-3),
    EFFICIENTNET: ("efficientnet_b0", 32, 1e-3),
    SWIN: ("swin_reduced", 32, 1e-3),
}
"""Networks in the order of their years, with pixels (AlexNet takes 63 or more) and learning rate (it has no
normalisation)."""
_LINEAGE: dict[Profile, tuple[str, ...]] = {
    "smoke": (LENET, SWIN),
    "default": (LENET, ALEXNET, RESNET, SWIN),
    "full": tuple(NETWORKS),
}
_BESIDE: dict[Profile, tuple[str, ...]] = {
    "smoke": ("googlenet",),
    "default": ("googlenet", "resnet34"),
    "full": ("googlenet", "vgg16", "resnet34", "resnext50_32x4d", "efficientnet_b0", "vit_b_16", "swin_t"),
}


@lesson(
    title="AlexNet is quick to train",
    words="Quick to train!",
    slide="Evolution of deep learning: AlexNet (2012)",
    limits=(
        "What AlexNet is quicker than is not said: here, than networks of later slides, on this machine. Of "
        "pictures of 64 pixels most of its time goes into updating 57 million weights. Seconds to an accuracy "
        "stand in the table of times to accuracy."
    ),
)
def alexnet_quick(setting: Setting) -> Iterator[Hypothesis]:
    """Seconds of a training step at 224 pixels beside other networks, and accuracy after equal seconds."""
    quick = timed("alexnet", "alexnet", "train_step", setting, batch=4)
    yield Hypothesis(
        statement="A training step of AlexNet takes less time than those of the networks beside it, on average",
        arms=tuple(
            pairs(
                *((timed(name, name, "train_step", setting, batch=4), quick) for name in _BESIDE[setting.profile])
            )
        ),
        statistic="ratio",
        expected="less",
        margin=0.05,
        unit="",
    )
    if setting.profile != "smoke":
        seconds = _durations(setting)[0]
        alexnet, *later = (_in_time(label, seconds, setting) for label in _LINEAGE[setting.profile][1:-1])
        yield Hypothesis(
            statement=f"After {seconds:g} s of training AlexNet is more accurate than later networks, on average",
            arms=tuple(pairs(*((other, alexnet) for other in later))),
            seeds=SEEDS,
        )


@lesson(
    title="Newer networks are better",
    words="learn the evolution of deep learning",
    slide="Objectives",
    limits=(
        "Published errors are of days of training on a million pictures. In seconds on one thread and of few "
        "digits, the number of steps that there is time for decides."
    ),
    published=(
        Quoted(
            "top-5 error in ImageNet's challenge, of ensembles: AlexNet (2012) 15.3 %, GoogLeNet (2014) 6.67 %, "
            "ResNet (2015) 3.57 %",
            "Krizhevsky et al. 2012; arXiv:1409.4842, Table 2; arXiv:1512.03385, Table 5",
        ),
        Quoted(
            "top-1 error on ImageNet, single crop: AlexNet (2012) 43.5 %, GoogLeNet (2014) 30.2 %, VGG-16 (2014) "
            "28.4 %, ResNet-50 (2015) 23.9 %, ResNeXt-50 (2017) 22.4 %, EfficientNet-B0 (2019) 22.3 %, ViT-B/16 "
            "(2021) 18.9 %, Swin-T (2021) 18.5 %",
            "torchvision's metadata of its first weights",
        ),
    ),
)
def evolution(setting: Setting) -> Iterator[Hypothesis]:
    """Test accuracy of networks of several years after equal seconds of training, each alone on the machine."""
    # pilots of three seeds, of as many steps as 5 s are enough for: LeNet-5 94 %, Swin 57 %
    for seconds in _durations(setting):
        yield Hypothesis(
            statement=f"After {seconds:g} s of training the newest network is more accurate than the oldest",
            arms=(_in_time(LENET, seconds, setting), _in_time(SWIN, seconds, setting)),
            seeds=SEEDS,
        )
    # of four networks no rank correlation but -1 or 1 would be sure in the default's five seeds
    for seconds in _durations(setting)[:2] if setting.profile == "full" else ():
        yield Hypothesis(
            statement=f"After {seconds:g} s of training accuracy rises with the year of the network",
            arms=tuple(_in_time(label, seconds, setting) for label in _LINEAGE[setting.profile]),
            statistic="rank",
            margin=0.2,
            unit="",
            seeds=SEEDS,
        )


def _durations(setting: Setting) -> tuple[float, ...]:
    """Seconds of training, in which networks are compared."""
    match setting.profile:
        case "smoke":
            return (0.2,)
        case "full":
            return 5.0, 15.0, 45.0, 120.0
    return (5.0,)


def _in_time(label: str, seconds: float, setting: Setting) -> Arm:
    name, side, lr = NETWORKS[label]
    return trained(
        label,
        name,
        setting,
        target="uci-digits",
        shots=30,
        steps=MOST_STEPS,
        lr=lr,
        resolution=side,
        measure="top1_in_time",
        duration=seconds,
    )
