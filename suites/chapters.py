"""The evolution of deep learning in eight chapters, which the report puts figures into.

Each chapter says what stood in the way, what solved it, and which earlier network its figures are held against.
The figures are the run's own: counts, latencies, and the published errors of the declared architectures.
"""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Side, Step, chapter

ALEXNET = Side("alexnet", "AlexNet")
VGG = Side("vgg16", "VGG-16")
RESNET = Side("resnet50", "ResNet-50")
RESNEXT = Side("resnext50_32x4d", "ResNeXt-50")
BASELINE = Side("efficientnet_b0", "EfficientNet-B0")
VIT = Side("vit_b_16", "ViT-B/16")
LENET = Side("lenet5", "LeNet-5")


@chapter(
    title="LeNet",
    problem="Handwritten digits shift, lean and vary, and features that people design by hand do not follow them.",
    idea="Small filters are learned, and each slides over the whole picture, so that it finds its stroke wherever "
    "that lies. Pooling between the convolutions makes the maps smaller.",
    remark="Measured as commonly taught, with plain average pooling and a linear output.",
    command="evobench show-model lenet5",
    drawn=(Side("lenet5", "LeNet-5 from the picture to the answer"),),
)
def lenet() -> Iterator[Step]:
    """Convolution and pooling in turns."""
    yield Step(LENET)


@chapter(
    title="AlexNet",
    problem="ImageNet asks for a thousand kinds of objects in photographs, and a network as small as LeNet cannot "
    "tell them apart.",
    idea="The same recipe, deeper and wider: five convolutions and three linear layers, trained on GPUs. ReLU "
    "speeds up training; dropout and augmented pictures hold overfitting back.",
    command="evobench show-model alexnet",
    drawn=(Side("alexnet", "AlexNet from the picture to the answer"),),
)
def alexnet() -> Iterator[Step]:
    """A larger network on a million pictures."""
    yield Step(ALEXNET, before=LENET)


@chapter(
    title="VGG and GoogLeNet",
    problem="Deeper networks are more accurate, but large filters and many channels make depth expensive.",
    idea="VGG stacks 3 × 3 convolutions: two of them see as far as one of 5 × 5, with fewer weights. GoogLeNet "
    "runs filters of several sizes side by side, and 1 × 1 convolutions shrink what the larger ones read.",
    remark="torchvision's GoogLeNet, measured here, adds batch normalisation, and 3 × 3 filters replace 5 × 5.",
    command="evobench show-model googlenet",
    drawn=(
        Side("inception_reduced", "An inception module, as the paper has it"),
        Side("googlenet", "An inception module, as torchvision has it"),
        Side("vgg16", "A stage of VGG-16"),
    ),
)
def vgg_and_googlenet() -> Iterator[Step]:
    """Two ways to depth: uniform stacks, and parallel branches that are kept narrow."""
    yield Step(VGG, before=ALEXNET, figures=("parameters", "macs", "error"))
    yield Step(Side("googlenet", "GoogLeNet"), before=ALEXNET, figures=("parameters", "macs", "error"))
    yield Step(
        Side("inception_reduced", "one with 1 × 1 reductions"),
        before=Side("inception_naive", "a naive inception module"),
        figures=("parameters", "macs"),
    )


@chapter(
    title="ResNet",
    problem="Past some depth a plain stack of layers gets worse, even on the pictures that it is trained with: it "
    "becomes too hard to optimise.",
    idea="A shortcut carries the input of a block past its layers and is added to their output. The layers learn "
    "only the difference, the residual; a block with nothing to add lets its input through.",
    command="evobench show-model resnet50",
    drawn=(Side("resnet50", "A block of ResNet-50"), Side("resnet18", "A block of ResNet-18")),
)
def resnet() -> Iterator[Step]:
    """Shortcuts make depth pay."""
    yield Step(RESNET, before=VGG)
    yield Step(
        Side("plain34", "one of 34 layers"),
        before=Side("plain18", "a plain network of 18 layers"),
        figures=("error",),
        protocol="10-crop",
    )
    yield Step(
        Side("resnet34", "ResNet-34"),
        # ResNet-18 is published with shortcuts of option A alone, ResNet-34 of these with option B
        before=Side("plain34", "the plain network of 34 layers"),
        figures=("error",),
        protocol="10-crop",
    )


@chapter(
    title="ResNeXt",
    problem="More layers and more channels bring less and less for what they cost.",
    idea="The 3 × 3 convolution of each block is split into 32 parallel paths, as groups of channels. Their "
    "number, the cardinality, is a third way to grow, beside depth and width.",
    command="evobench show-model resnext50_32x4d",
    drawn=(Side("resnext50_32x4d", "A block of ResNeXt-50"),),
)
def resnext() -> Iterator[Step]:
    """Many narrow paths at the same cost."""
    yield Step(RESNEXT, before=RESNET)
    yield Step(
        Side("block_resnext:norm=false", "the block of ResNeXt-50"),
        before=Side("block_bottleneck:norm=false", "the block of ResNet-50"),
        figures=("parameters", "macs"),
    )


@chapter(
    title="EfficientNet",
    problem="Networks were enlarged in depth, width or resolution alone, by hand, and each of these soon stops "
    "paying.",
    idea="A small baseline, found by a search, is enlarged in depth, width and resolution together, by one "
    "coefficient. Its blocks widen, filter each channel by itself, weigh the channels, and narrow again.",
    command="evobench run --suite evolution --arch efficientnet_b0,efficientnet_b7",
    drawn=(Side("efficientnet_b0", "A block of EfficientNet-B0"),),
)
def efficientnet() -> Iterator[Step]:
    """Depth, width and resolution are scaled together."""
    yield Step(BASELINE, before=RESNEXT)
    yield Step(Side("efficientnet_b7", "EfficientNet-B7"), before=BASELINE)


@chapter(
    title="Vision transformer",
    problem="A convolution sees only its neighbourhood: what lies far apart in a picture meets many layers later.",
    idea="The picture is cut into patches of 16 × 16 pixels, which are read like the words of a sentence: in each "
    "block every patch attends to all others. Position embeddings tell where each patch lay.",
    command="evobench show-model vit_b_16",
    drawn=(Side("vit_b_16", "A block of ViT-B/16"),),
)
def vision_transformer() -> Iterator[Step]:
    """Patches are tokens, and all of them see each other."""
    yield Step(VIT, before=Side("resnet152", "ResNet-152"))


@chapter(
    title="Swin and DPT",
    problem="Attention among all patches grows with the square of their number, and a fixed grid of patches cuts "
    "objects apart.",
    idea="Swin attends within windows of 7 × 7 patches, which shift from one block to the next, and merges "
    "patches from stage to stage. DPT predicts from the picture where each patch lies and how large it is.",
    remark="The bilinear sampling of DPT's patches is not counted.",
    command="evobench show-model swin_t",
    drawn=(Side("swin_t", "A block of Swin-T"), Side("dpt_tiny", "A block of DPT-Tiny")),
)
def swin_and_dpt() -> Iterator[Step]:
    """Attention becomes local, and patches adapt."""
    yield Step(Side("swin_t", "Swin-T"), before=VIT)
    yield Step(Side("dpt_tiny", "DPT-Tiny"), before=VIT, figures=("parameters", "macs", "error"))
    yield Step(
        Side("attention_window", "attention within windows of 7 × 7"),
        before=Side("attention_global", "attention among all tokens"),
        figures=("macs",),
    )
