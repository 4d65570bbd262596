"""Lessons on transformers: positions, shifted windows, deformable patches."""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.declarations import Profile
from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.lessons.arms import counted, trained

STEPS: dict[Profile, int] = {"smoke": 4, "default": 400, "full": 800}
_SMALL = "Two blocks of attention learn digits of 16 patches: of deeper ones and of more patches nothing is said."


@lesson(
    title="Position embeddings matter",
    words="model knows where each patch would be placed",
    slide="Evolution of deep learning: Vision Transformer (2021) [positional embedding]",
    limits=_SMALL,
    published=(
        Quoted(
            "accuracy on ImageNet of a linear classifier on ViT-B/16, from 5 pictures a class: 61.4 % without "
            "position embeddings, 64.2 % with learned ones",
            "arXiv:2010.11929, Table 8",
        ),
    ),
)
def position_embeddings(setting: Setting) -> Iterator[Hypothesis]:
    """Test accuracy of a small vision transformer with learned, sinusoidal and no position embeddings."""
    # pilots of three seeds: 6.4 and 7.1 points more, spread 1.0
    none, learned, sinusoidal = (_vit(kind, kind, setting) for kind in ("none", "learned", "sinusoidal"))
    for kind, arm in (("learned", learned), ("sinusoidal", sinusoidal)):
        yield Hypothesis(
            statement=f"A vision transformer is more accurate with {kind} position embeddings than without",
            arms=(none, arm),
        )


@lesson(
    title="Relative positions are easy to learn",
    words="It would allow the model to easily learn to attend by relative positions",
    slide="Evolution of deep learning: Vision Transformer (2021) [positional embedding]",
    limits=_SMALL,
)
def relative_positions(setting: Setting) -> Iterator[Hypothesis]:
    """Share of attention that the offset of patches explains, beyond shuffled ones, before and after training."""
    # pilots of three seeds: by 0.06, 0.03 and 0.08; without position embeddings by 0.01, -0.05 and 0.03
    without, learned = (
        tuple(
            _vit(f"{when} training, {kind}", positions, setting, measure="relative_attention", figure=figure)
            for when, figure in (("before", "before"), ("after", ""))
        )
        for kind, positions in (("without positions", "none"), ("learned positions", "learned"))
    )
    yield Hypothesis(
        statement="By training, the offset of two patches comes to explain more of the attention between them",
        arms=learned,
    )
    yield Hypothesis(
        statement="What it explains grows by more with position embeddings than without",
        arms=(*without, *learned),
        statistic="interaction",
    )


@lesson(
    title="Swin's shift connects windows",
    words="the shifted windowing scheme brings greater efficiency by limiting self-attention computation to "
    "non-overlapping local windows while also allowing for cross-window connection",
    slide="Variants of ViTs [DPT and Swin]",
    limits="Which positions are connected is counted; what that is worth is not asked.",
    published=(
        Quoted(
            "top-1 accuracy on ImageNet of Swin-T without shifted windows 80.2 %, with them 81.3 %",
            "arXiv:2103.14030, Table 4",
        ),
    ),
)
def shifted_windows(setting: Setting) -> Iterator[Hypothesis]:
    """Positions that one position depends on after two layers of windowed attention, the second shifted or not."""
    yield Hypothesis(
        statement="After two layers a position sees more of the others where the second one's windows are shifted",
        arms=tuple(
            counted(label, f"attention_two_layers:shifted={word}", "receptive_field", setting)
            for label, word in (("not shifted", "false"), ("shifted", "true"))
        ),
        statistic="ratio",
        margin=0.02,
        unit="",
    )


@lesson(
    title="DPT's patches adapt",
    words="DPT learns to adaptively split the images into patches with different positions and scales",
    slide="Variants of ViTs [DPT and Swin]",
    limits="Pictures of 32 pixels have 4 x 4, 2 x 2 and one patches in the three stages that can deform them.",
)
def deformable_patches(setting: Setting) -> Iterator[Hypothesis]:
    """Distance of deformable patches from a regular grid, before and after training."""
    # a pilot: from 0 to 0.38 sides of a patch in 60 steps, to 0.20 in 4
    before, after = (
        trained(
            f"{when} training",
            "dpt_tiny:image_size=32",
            setting,
            target="uci-digits",
            shots=30,
            steps=4 if setting.profile == "smoke" else 30,
            lr=1e-3,
            resolution=32,
            measure="patch_offsets",
            figure=f"offset_{when}",
        )
        for when in ("before", "after")
    )
    yield Hypothesis(
        statement="Training moves the centres of patches, on average by more than a twentieth of a patch's side",
        arms=(before, after),
        margin=0.05,
        unit="sides of a patch",
    )


def _vit(label: str, positions: str, setting: Setting, measure: str = "top1", figure: str = "") -> Arm:
    return trained(
        label,
        f"vit_simple:depth=2,dim=64,heads=4,image_size=12,mlp_dim=128,patch_size=3,positions={positions}",
        setting,
        target="uci-digits",
        shots=2 if setting.profile == "smoke" else None,
        steps=STEPS[setting.profile],
        batch=32,
        lr=3e-3,
        resolution=12,
        measure=measure,
        figure=figure,
    )
