"""Beginning of the report on the lecture's lineage: the errors of ImageNet's challenge, and each decade."""

from __future__ import annotations

from bench.declare.lessons.milestones import MILESTONES, Milestone
from suites.references import references

_CHALLENGE = "the challenge's test set"


def _figure(work: str, name: str) -> float:
    return float(references()[work]["figures"][name])


def _add(item: Milestone) -> None:
    MILESTONES.add(item.name, item, __name__)


_SECOND = _figure("krizhevsky2012alexnet", "top-5 error, ILSVRC-2012 test set, second-best entry")
_ALEXNET = _figure("krizhevsky2012alexnet", "top-5 error, ILSVRC-2012 test set, ensemble")
_GOOGLENET = _figure("szegedy2014googlenet", "top-5 error, ILSVRC-2014 test set, ensemble (Table 2)")
_RESNET = _figure("he2015resnet", "top-5 error, ImageNet test set, ensemble (Table 5)")
_HUMAN = _figure("russakovsky2014ilsvrc", "top-5 error of the better of two human annotators")

_add(
    Milestone(
        name="checks",
        kind="decade",
        year=1990,
        words=(
            "LeNet-5 (1998) recognizes handwritten digits; a system of its authors reads several million bank "
            "checks a day."
        ),
        of=("lenet5",),
        source="LeCun et al., Proceedings of the IEEE 1998, abstract",
    )
)
_add(
    Milestone(
        name="second_2012",
        kind="entry",
        year=2012,
        words="second-best entry of 2012",
        of=("alexnet",),
        top5_error=_SECOND,
        protocol=_CHALLENGE,
        source="Krizhevsky et al., NeurIPS 2012",
    )
)
_add(
    Milestone(
        name="alexnet",
        kind="entry",
        year=2012,
        words="AlexNet",
        of=("alexnet",),
        top5_error=_ALEXNET,
        protocol=f"{_CHALLENGE}, 7 networks together, 2 of them trained on more data",
        source="Krizhevsky et al., NeurIPS 2012, Table 2",
    )
)
_add(
    Milestone(
        name="depth",
        kind="decade",
        year=2010,
        words=(
            f"AlexNet (2012) has a top-5 error of {_ALEXNET:g} % in ImageNet's challenge, the next entry "
            f"{_SECOND:g} %. GoogLeNet (2014) more than halves AlexNet's error, to {_GOOGLENET:g} %. "
            f"ResNet (2015) reaches {_RESNET:g} %, below a human annotator's {_HUMAN:g} %. Its shortcuts make "
            "depth pay: with them 34 layers err less than 18, without them more."
        ),
        of=("alexnet", "googlenet", "resnet152"),
        source=(
            "Krizhevsky et al. 2012; arXiv:1409.4842, Table 2; arXiv:1409.0575; arXiv:1512.03385, Tables 2 and 5"
        ),
    )
)
_add(
    Milestone(
        name="googlenet",
        kind="entry",
        year=2014,
        words="GoogLeNet",
        of=("googlenet",),
        top5_error=_GOOGLENET,
        protocol=f"{_CHALLENGE}, 7 networks together, 144 crops",
        source="arXiv:1409.4842, Table 2",
    )
)
_add(
    Milestone(
        name="human",
        kind="human",
        year=2014,
        words="human annotator",
        of=("alexnet",),
        top5_error=_HUMAN,
        protocol=f"{_CHALLENGE}, the better of two annotators",
        source="Russakovsky et al., arXiv:1409.0575",
    )
)
_add(
    Milestone(
        name="resnet",
        kind="entry",
        year=2015,
        words="ResNet",
        of=("resnet152",),
        top5_error=_RESNET,
        protocol=f"{_CHALLENGE}, 6 networks together",
        source="arXiv:1512.03385, Table 5",
    )
)
_add(
    Milestone(
        name="attention",
        kind="decade",
        year=2020,
        words=(
            "Attention takes the place of convolution: ViT (2020) reads a picture as a sequence of patches; Swin "
            "(2021) attends within windows, and DPT (2021) learns where its patches lie."
        ),
        of=("vit_b_16", "swin_t", "dpt_tiny"),
        source="arXiv:2010.11929; arXiv:2103.14030; arXiv:2107.14467",
    )
)
