"""Figures of well-known architectures, for synthetic runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineage:
    """What the builder needs to know of an architecture."""

    name: str
    family: str
    year: int | None
    parameters: float
    macs: float
    resolution: int
    top1: float | None = None
    top5: float | None = None
    protocol: str = "single crop"
    venue_year: int | None = None
    auxiliary: int = 0
    """Parameters of its auxiliary heads, which are among its `parameters`."""


LINEAGES = (
    Lineage("lecture_cnn", "Lecture CNN", None, 28_938, 2.82e6, 28),
    Lineage("lenet5", "LeNet", 1998, 61_706, 416_520, 32),
    Lineage("alexnet", "AlexNet", 2012, 61.1e6, 714e6, 224, 43.48, 20.93),
    Lineage(
        "googlenet",
        "GoogLeNet",
        2014,
        13_004_888,
        1.5e9,
        224,
        30.22,
        10.47,
        venue_year=2015,
        auxiliary=6_379_984,
    ),
    Lineage("vgg16", "VGG", 2014, 138.36e6, 15.47e9, 224, 28.07, 9.33, "10-crop"),
    Lineage("vgg19", "VGG", 2014, 143.67e6, 19.63e9, 224, 27.62, 9.12),
    Lineage("resnet18", "ResNet", 2015, 11.69e6, 1.81e9, 224, 30.24, 10.92),
    Lineage("resnet34", "ResNet", 2015, 21.8e6, 3.66e9, 224, 26.69, 8.58),
    Lineage("resnet50", "ResNet", 2015, 25.56e6, 4.09e9, 224, 23.87, 7.14),
    Lineage("resnet101", "ResNet", 2015, 44.55e6, 7.8e9, 224, 22.63, 6.45),
    Lineage("resnet152", "ResNet", 2015, 60.19e6, 11.51e9, 224, 21.69, 5.95),
    Lineage("resnext50_32x4d", "ResNeXt", 2016, 25.03e6, 4.23e9, 224, 22.38, 6.30),
    Lineage("efficientnet_lite0", "EfficientNet", 2020, 4.65e6, 386e6, 224, 24.9),
    Lineage("efficientnet_b0", "EfficientNet", 2019, 5.29e6, 386e6, 224, 22.31, 6.47),
    Lineage("efficientnet_b1", "EfficientNet", 2019, 7.79e6, 687e6, 240, 20.16, 5.55),
    Lineage("efficientnet_b2", "EfficientNet", 2019, 9.11e6, 1.09e9, 288, 19.39, 4.69),
    Lineage("efficientnet_b3", "EfficientNet", 2019, 12.23e6, 1.83e9, 300, 17.99, 3.95),
    Lineage("efficientnet_b4", "EfficientNet", 2019, 19.34e6, 4.39e9, 380, 16.62, 3.40),
    Lineage("efficientnet_b5", "EfficientNet", 2019, 30.39e6, 10.27e9, 456, 16.56, 3.37),
    Lineage("efficientnet_b6", "EfficientNet", 2019, 43.04e6, 19.07e9, 528, 15.99, 3.08),
    Lineage("efficientnet_b7", "EfficientNet", 2019, 66.35e6, 37.75e9, 600, 15.88, 3.09),
    Lineage("vit_b_16", "ViT", 2020, 86.57e6, 17.56e9, 224, 18.93, 4.68),
    Lineage("swin_t", "Swin", 2021, 28.29e6, 4.49e9, 224, 18.53, 4.22),
    Lineage("vgg11_reduced", "VGG", 2014, 0.6e6, 11e6, 32),
)
MEASURES = (
    ("parameters", "1", "lower", "cost", "All parameters, auxiliary heads included."),
    ("macs", "1", "lower", "cost", "Multiply-adds of one image."),
    ("latency", "s", "lower", "cost", "Time of one forward pass of one image."),
    ("throughput", "1/s", "higher", "cost", "Images per second at a fixed batch."),
    ("train_step", "s", "lower", "cost", "Time of one training step."),
    ("peak_memory", "B", "lower", "cost", "Peak resident memory above the idle process."),
    ("roofline", "1", "higher", "cost", "Share of the limit that binds it."),
    ("top1", "1", "higher", "learning", "Share of the test images that are classified right."),
    ("augmentation_rate", "1/s", "higher", "learning", "Images per second of an augmentation."),
)
MODES = (
    ("random", "scratch", 0.80),
    ("pretrain:mnist5k", "features+softmax", 0.84),
    ("pretrain:mnist5k", "features+svm", 0.86),
    ("pretrain:mnist5k", "finetune:all", 0.91),
    ("pretrain:mnist5k", "finetune:upper", 0.88),
    ("random", "features+softmax", 0.45),
)
