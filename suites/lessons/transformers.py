"""What the slides say of transformers: positions, shifted windows, deformable patches."""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.declarations import Profile
from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.lessons.arms import counted, pairs, trained

STEPS: dict[Profile, int] = {"smoke": 4, "default": 400, "full": 800}
SHOTS: dict[Profile, int | None] = {"smoke": 2, "default": None, "full": None}
_SIDE = 12
"""Pixels of UCI's digits: 16 patches of 3 x 3."""
_VIT = f"vit_simple:depth=2,dim=64,heads=4,image_size={_SIDE},mlp_dim=128,patch_size=3"


@lesson(
    title="Position embeddings matter",
    words="Positional embedding – model knows where each patch would be placed",
    slide="Evolution of deep learning: Vision Transformer (2021) [positional embedding]",
    limits="Two blocks learn digits of 16 patches; whether the places of 196 patches matter as much is not asked.",
    published=(
        Quoted(
            "ViT-B/16 after pretraining, linear classifier on 5 pictures of each class of ImageNet: 61.4 % without "
            "position embeddings, 64.2 % with learned ones",
            "arXiv:2010.11929, Table 8",
        ),
    ),
)
def position_embeddings(setting: Setting) -> Iterator[Hypothesis]:
    """Test accuracy of a small vision transformer with learned, with sinusoidal and without positions."""
    # pilots ...
    none = _vit("without", "none", setting)
    learned, sinusoidal = _vit("learned", "learned", setting), _vit("sinusoidal", "sinusoidal", setting)
    yield Hypothesis(
        statement="A vision transformer is more accurate with learned positions than without",
        arms=(none, learned),
    )
    yield Hypothesis(
        statement="A vision transformer is more accurate with sinusoidal positions than without",
        arms=(none, sinusoidal),
    )
