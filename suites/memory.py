"""Batches that a GPU's memory holds, by predicted peaks, and the conditions under which memory is measured.

The peaks were printed by

    evobench run --suite cost --profile full --measure predicted_memory --precision bf16 --batch 128,256

(8 and 16 for training) and are taken as linear in the batch. Where an architecture is not listed, or more is held
than predicted, the measure itself halves the batch and says so in its record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.declare.declarations import Architecture
from bench.machine.host import available_memory
from evobench import Cost, Setting

SHARE = 0.8
"""Share of a GPU's memory to fill; the rest is for its context, for kernel workspaces and for gaps between
tensors."""
WIDER = 2.0
"""Times as much that fp32 and tf32 hold for an image: their activations have twice the bits."""


@dataclass(frozen=True)
class Peak:
    """Predicted memory in 16 bits at the architecture's own input size, in GB."""

    fixed: float
    """Weights, in training with gradients and momentum."""
    image: float
    """Bytes for each image of the batch."""

    def of(self, where: Cost, side: int) -> float:
        """Bytes of a scenario, where the architecture's own input has `side` pixels a side."""
        wider = 1.0 if where.precision in ("bf16", "fp16") else WIDER
        images = where.batch * (where.resolution / side) ** 2
        return 1e9 * (self.fixed + self.image * wider * images)


PEAKS = {
    # architecture: inference, training
    "lecture_cnn": (Peak(0.00010, 0.00006), Peak(0.00030, 0.00010)),
    "lenet5": (Peak(0.00020, 0.00002), Peak(0.00070, 0.00003)),
    "alexnet": (Peak(0.244, 0.00146), Peak(0.804, 0.00279)),
    "googlenet": (Peak(0.0521, 0.00421), Peak(0.133, 0.0305)),
    "vgg16": (Peak(0.553, 0.015), Peak(1.84, 0.0433)),
    "vgg19": (Peak(0.575, 0.015), Peak(1.89, 0.046)),
    "resnet18": (Peak(0.0468, 0.00421), Peak(0.137, 0.0123)),
    "resnet34": (Peak(0.0873, 0.00421), Peak(0.248, 0.0171)),
    "resnet50": (Peak(0.102, 0.00582), Peak(0.293, 0.043)),
    "resnet101": (Peak(0.179, 0.00582), Peak(0.484, 0.0635)),
    "resnet152": (Peak(0.241, 0.00582), Peak(0.64, 0.0888)),
    "resnext50_32x4d": (Peak(0.1, 0.00582), Peak(0.282, 0.0563)),
    "efficientnet_b0": (Peak(0.0213, 0.00582), Peak(0.0568, 0.0449)),
    "efficientnet_b1": (Peak(0.0314, 0.00668), Peak(0.0816, 0.0724)),
    "efficientnet_b2": (Peak(0.0367, 0.00784), Peak(0.0946, 0.0921)),
    "efficientnet_b3": (Peak(0.0493, 0.0151), Peak(0.126, 0.158)),
    "efficientnet_b4": (Peak(0.0779, 0.0243), Peak(0.197, 0.33)),
    "efficientnet_b5": (Peak(0.122, 0.0349), Peak(0.309, 0.659)),
    "efficientnet_b6": (Peak(0.173, 0.0613), Peak(0.436, 1.11)),
    "efficientnet_b7": (Peak(0.267, 0.0792), Peak(0.67, 1.93)),
    "vit_b_16": (Peak(0.346, 0.00605), Peak(0.871, 0.0685)),
    "dpt_tiny": (Peak(0.0606, 0.0106), Peak(0.154, 0.044)),
    "swin_t": (Peak(0.114, 0.00939), Peak(0.297, 0.0626)),
}


def fitting(item: Architecture, where: Cost, setting: Setting) -> Cost:
    """The scenario with its batch halved until its predicted peak fits into the GPU's memory; never less than 1.

    As it is where nothing is known of the GPU, or of the architecture.
    """
    peaks = PEAKS.get(item.name)
    memory = setting.accelerator.memory if setting.accelerator else None
    if memory is None or peaks is None:
        return where
    peak = peaks[where.mode == "train"]
    while where.batch > 1 and peak.of(where, item.resolution) > SHARE * memory:
        where = replace(where, batch=where.batch // 2)
    return where


def fits(item: Architecture, where: Cost) -> bool:
    """Whether this machine holds the scenario by its predicted peak, where that is on a CPU and a peak is known.

    For a GPU, `fitting` has made sure of it.
    """
    peaks = PEAKS.get(item.name)
    if where.device != "cpu" or peaks is None:
        return True
    return peaks[where.mode == "train"].of(where, item.resolution) <= SHARE * available_memory()


def untuned(where: Cost) -> Cost:
    """The scenario as its memory is measured: what autotuning tries holds more than what it keeps."""
    return replace(where, autotune=False)
