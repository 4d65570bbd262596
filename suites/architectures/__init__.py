"""One file a family. Those of the lecture are declared in its order, which tables and charts then follow."""

from importlib import import_module

from bench.declare.discovery import import_all

LINEAGE = (
    "lecture_cnn",
    "lenet",
    "alexnet",
    "zfnet",
    "googlenet",
    "inception_blocks",
    "vgg",
    "prelu_net",
    "plain",
    "resnet",
    "resnet_shortcuts",
    "resnext",
    "wide_resnet",
    "residual_blocks",
    "efficientnet",
    "efficientnet_scaled",
    "vit",
    "vit_simple",
    "dpt",
    "swin",
    "attention_blocks",
)
"""The lecture's families. A file that is not named here is found all the same, and comes after them."""

for _family in LINEAGE:
    import_module(f"{__name__}.{_family}")
import_all(__name__)
