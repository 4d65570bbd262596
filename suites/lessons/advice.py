"""What the slides advise: when and how to fine-tune, a lesson for each of the four situations.

The large source of the slides is ImageNet. What is like it and large is the user's to give; a small network that was
pretrained on digits stands for the same situation at small scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from evobench import Arm, Hypothesis, Missing, Quoted, Setting
from evobench import lesson as declare
from suites.lessons.arms import pairs
from suites.lessons.cases import LARGE, SMALL, learned, like_imagenet, not_here
from suites.quadrants import DIGITS, IMAGENET, Case
from suites.transfer_rows import HEADS

ALL, SCRATCH = "finetune:all", "scratch"
lesson = partial(
    declare,
    slide="Transfer learning [when and how to fine-tune]",
    limits=(
        "Networks are fine-tuned for 40 to 150 steps, all with the same recipe: longer or more careful tuning may "
        "change which way wins. Digits stand for what is like the source unless other images are given."
    ),
)


def _similar(setting: Setting) -> Iterator[tuple[str, Case | None]]:
    yield "Of digits, after other digits", DIGITS
    yield "Of images like ImageNet's", like_imagenet(setting)


@lesson(title="Small and similar: a linear classifier", words="The best idea might be to train a linear classifier on the CNN")
def advice_small_similar(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """A linear classifier on fixed features against fine-tuning the whole network, from 3 images of a class."""
    for which, case in _similar(setting):
        statement = f"{which}, few are told apart better by a linear classifier than by a network that is fine-tuned"
        if case is None:
            yield not_here(statement)
            continue
        tuned = learned(case, ALL, SMALL, setting)
        heads = (learned(case, mode, SMALL, setting) for mode in HEADS)
        yield Hypothesis(statement=statement, arms=tuple(pairs(*((tuned, head) for head in heads))))


@lesson(
    title="Large and similar: fine-tune through the full network",
    words="More confidence that wont be overfit. Try to fine-tune through the full network.",
)
def advice_large_similar(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """Fine-tuning the whole network against linear classifiers, from 200 images of a class; and its over-fitting."""
    for which, case in _similar(setting):
        statement = f"{which}, many are told apart better by a network that is fine-tuned than by a linear classifier"
        if case is None:
            yield not_here(statement)
            continue
        tuned = learned(case, ALL, LARGE, setting)
        heads = (learned(case, mode, LARGE, setting) for mode in HEADS)
        yield Hypothesis(statement=statement, arms=tuple(pairs(*((head, tuned) for head in heads))))
        yield Hypothesis(
            statement=f"{which}, a network that is fine-tuned over-fits many less than few",
            arms=tuple(learned(case, ALL, shots, setting, "gap") for shots in (SMALL, LARGE)),
            expected="less",
        )


@lesson(
    title="Small and different: an SVM on earlier activations",
    words=(
        "best to only train a linear classifier. ... work better to train the SVM classifier from activations "
        "somewhere earlier in the network."
    ),
)
def advice_small_different(setting: Setting) -> Iterator[Hypothesis]:
    """From 3 images of a class, digits after ImageNet: an SVM on earlier activations, on the last, and fine-tuning."""
    earlier = learned(IMAGENET, IMAGENET.earlier, SMALL, setting)
    yield Hypothesis(
        statement="Few that are unlike the source's are told apart better by an SVM on earlier activations than on the last",
        arms=(learned(IMAGENET, HEADS[1], SMALL, setting), earlier),
    )
    yield Hypothesis(
        statement="They are told apart better by such an SVM than by a network that is fine-tuned",
        arms=(learned(IMAGENET, ALL, SMALL, setting), earlier),
    )


@lesson(
    title="Large and different: fine-tune all, initialised",
    words="To train a ConvNet from scratch. ... Still beneficial to initialize with weights from a pretrained model",
)
def advice_large_different(setting: Setting) -> Iterator[Hypothesis]:
    """From 200 images of a class, digits after ImageNet: the whole network, initialised with weights or at random."""
    yield Hypothesis(
        statement="Many that are unlike the source's are told apart better by a network that begins with its weights",
        arms=tuple(learned(IMAGENET, mode, LARGE, setting) for mode in (SCRATCH, ALL)),
    )
