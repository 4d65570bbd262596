"""The data sets that torchvision knows: they lie in the data folder, and are downloaded only when asked for.

`evobench run --data DIR` says which folder, `--download` has torchvision fetch what is missing, with its own
checks of integrity. The published splits are kept: training images stay training images, the published test
images are tested on. Where none are published for validation, a fifth of the training images is, drawn by content;
where there is no test split with known labels (Imagenette, ImageNet), the validation images are tested on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data.place import data_place
from bench.lazy import lazy
from evobench import ImageFiles, Images, Unsupported, dataset

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

published = lazy("torchvision.datasets")
_ADVICE = ". You can use download=True to download it"

IMAGENETTE_SIZE = "320px"
"""Image size of Imagenette: the smallest of the three published ones from which 224 pixels can be cut."""
IMAGENET = "imagenet"
"""Folder of ImageNet within the data folder: its archives lie there, or what torchvision unpacks from them."""


def _opened(name: str, kind: str, *, inside: str = "", **arguments: Any) -> Any:
    """torchvision's object of this class on the data folder, or on the folder `inside` it.

    Raises:
        Unsupported: the files are not what torchvision takes for the data set, or cannot be fetched.
    """
    root = data_place().folder / inside
    try:
        return getattr(published, kind)(str(root), **arguments)
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, AssertionError) as error:
        said = " ".join(str(error).split()).removesuffix(".").removesuffix(_ADVICE) or type(error).__name__
        raise Unsupported(f"data set '{name}' cannot be had from '{root}': {said}") from error


def _fetcher(name: str, kind: str, *wanted: dict[str, Any]) -> Callable[[], None]:
    """A function that opens torchvision's class with each of these arguments, which has it download or unpack."""

    def fetch() -> None:
        for arguments in wanted:
            _opened(name, kind, **arguments)

    return fetch


def _in_memory(parts: dict[str, tuple[Any, Any]], names: Sequence[str] = ()) -> Images:
    """Data set from pixels (N x H x W [x C]) and labels of each split."""
    pixels = [np.asarray(some) for some, _ in parts.values()]
    return Images(
        np.concatenate([some if some.ndim == 4 else some[..., None] for some in pixels]),
        np.concatenate([np.asarray(labels, np.int64) for _, labels in parts.values()]),
        np.concatenate([np.full(len(labels), split) for split, (_, labels) in parts.items()]),
        tuple(names),
    )


def _in_files(root: Path, parts: Mapping[str, Iterable[tuple[Any, int]]], names: Sequence[str]) -> ImageFiles:
    """Data set from paths and labels of each split."""
    rows = [(Path(path), int(label), split) for split, some in parts.items() for path, label in some]
    return ImageFiles(
        root,
        tuple(path for path, _, _ in rows),
        tuple(label for _, label, _ in rows),
        tuple(names),
        tuple(split for _, _, split in rows),
    )


def _halves(name: str, kind: str) -> Images:
    """A data set whose class takes `train` and holds N x H x W [x C]."""
    found = {split: _opened(name, kind, train=split == "train") for split in ("train", "test")}
    return _in_memory({split: (d.data, d.targets) for split, d in found.items()}, found["train"].classes)


def _channels_first(name: str, kind: str) -> Images:
    """A data set whose class takes `split` and holds N x C x H x W."""
    found = {split: _opened(name, kind, split=split) for split in ("train", "test")}
    parts = {split: (np.transpose(d.data, (0, 2, 3, 1)), d.labels) for split, d in found.items()}
    return _in_memory(parts, getattr(found["train"], "classes", ()))


def _listed(found: Any) -> Iterator[tuple[Any, int]]:
    """Paths and labels of an object whose loader gives the path: images are decoded later, and in threads."""
    return (found[i] for i in range(len(found)))


def _path(path: Any) -> Any:
    return path


def _idx_files(kind: str) -> tuple[str, ...]:
    parts = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(f"{kind}/raw/{part}-ubyte" for part in parts)


@dataset(
    name="mnist",
    classes=10,
    channels=1,
    resolution=28,
    licence="CC BY-SA 3.0 (Y. LeCun, C. Cortes, C. J. C. Burges)",
    source="torchvision.datasets.MNIST: 60 000 training images, and 10 000 test images by other writers",
    oriented=True,
    files=_idx_files("MNIST"),
    fetch=_fetcher("mnist", "MNIST", {"download": True}),
)
def mnist() -> Images:
    """70 000 handwritten digits, 28 x 28."""
    return _halves("mnist", "MNIST")


@dataset(
    name="fashion-mnist",
    classes=10,
    channels=1,
    resolution=28,
    licence="MIT (Zalando SE)",
    source="torchvision.datasets.FashionMNIST: 60 000 training and 10 000 test images",
    files=_idx_files("FashionMNIST"),
    fetch=_fetcher("fashion-mnist", "FashionMNIST", {"download": True}),
)
def fashion_mnist() -> Images:
    """70 000 pieces of clothing in gray, 28 x 28."""
    return _halves("fashion-mnist", "FashionMNIST")


@dataset(
    name="cifar10",
    classes=10,
    channels=3,
    resolution=32,
    licence="none stated (A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images)",
    source=(
        "torchvision.datasets.CIFAR10: 50 000 training and 10 000 test images, of which 3.3 % are, as "
        "duplicates, among the training images (B. Barz, J. Denzler 2020, Do We Train on Test Data?)"
    ),
    files=[
        f"cifar-10-batches-py/{part}"
        for part in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta")
    ],
    fetch=_fetcher("cifar10", "CIFAR10", {"download": True}),
)
def cifar10() -> Images:
    """60 000 photographs of vehicles and animals, 32 x 32."""
    return _halves("cifar10", "CIFAR10")


@dataset(
    name="cifar100",
    classes=100,
    channels=3,
    resolution=32,
    licence="none stated (A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images)",
    source=(
        "torchvision.datasets.CIFAR100: 50 000 training and 10 000 test images, of which 10 % are, as "
        "duplicates, among the training images (B. Barz, J. Denzler 2020, Do We Train on Test Data?)"
    ),
    files=[f"cifar-100-python/{part}" for part in ("train", "test", "meta")],
    fetch=_fetcher("cifar100", "CIFAR100", {"download": True}),
)
def cifar100() -> Images:
    """60 000 photographs in 100 fine classes, 32 x 32."""
    return _halves("cifar100", "CIFAR100")


@dataset(
    name="svhn",
    classes=10,
    channels=3,
    resolution=32,
    licence="for non-commercial use only (Y. Netzer et al. 2011)",
    source="torchvision.datasets.SVHN: 73 257 training and 26 032 test images, without the extra ones",
    oriented=True,
    files=("train_32x32.mat", "test_32x32.mat"),
    fetch=_fetcher("svhn", "SVHN", *({"split": split, "download": True} for split in ("train", "test"))),
)
def svhn() -> Images:
    """99 289 digits of house numbers, 32 x 32."""
    return _channels_first("svhn", "SVHN")


@dataset(
    name="stl10",
    classes=10,
    channels=3,
    resolution=96,
    licence="none stated; images of ImageNet (A. Coates, H. Lee, A. Y. Ng 2011)",
    source="torchvision.datasets.STL10: 5000 training and 8000 test images, without those that have no labels",
    files=[f"stl10_binary/{part}" for part in ("train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin")],
    fetch=_fetcher("stl10", "STL10", {"download": True}),
)
def stl10() -> Images:
    """13 000 photographs of vehicles and animals, 96 x 96."""
    return _channels_first("stl10", "STL10")


@dataset(
    name="flowers102",
    classes=102,
    channels=3,
    resolution=None,
    licence="none stated (M.-E. Nilsback, A. Zisserman 2008)",
    source="torchvision.datasets.Flowers102: 1020 images for training, 1020 for validation, 6149 for testing",
    files=[f"flowers-102/{part}" for part in ("jpg", "imagelabels.mat", "setid.mat")],
    fetch=_fetcher("flowers102", "Flowers102", {"download": True}),
)
def flowers102() -> ImageFiles:
    """8189 photographs of 102 kinds of flowers."""
    found = {s: _opened("flowers102", "Flowers102", split=s, loader=_path) for s in ("train", "val", "test")}
    return _in_files(data_place().folder, {s: _listed(d) for s, d in found.items()}, found["train"].classes)


@dataset(
    name="oxford-iiit-pet",
    classes=37,
    channels=3,
    resolution=None,
    licence="CC BY-SA 4.0 (O. M. Parkhi, A. Vedaldi, A. Zisserman, C. V. Jawahar 2012)",
    source="torchvision.datasets.OxfordIIITPet: 3680 training and 3669 test images",
    files=[f"oxford-iiit-pet/{part}" for part in ("images", "annotations/trainval.txt", "annotations/test.txt")],
    fetch=_fetcher("oxford-iiit-pet", "OxfordIIITPet", {"download": True}),
)
def oxford_iiit_pet() -> ImageFiles:
    """7349 photographs of 37 breeds of cats and dogs."""
    splits = {"train": "trainval", "test": "test"}
    found = {s: _opened("oxford-iiit-pet", "OxfordIIITPet", split=p) for s, p in splits.items()}
    # unlike the others, it takes no loader that would give the path
    parts = {s: zip(d._images, d._labels, strict=True) for s, d in found.items()}
    return _in_files(data_place().folder, parts, found["train"].classes)


@dataset(
    name="imagenette",
    classes=10,
    channels=3,
    resolution=None,
    licence="Apache 2.0 (fast.ai's selection); the images under ImageNet's terms: non-commercial research",
    source="torchvision.datasets.Imagenette, 320 px: 9469 training images, and 3925 for validation to test on",
    files=[f"imagenette2-320/{part}" for part in ("train", "val")],
    fetch=_fetcher("imagenette", "Imagenette", {"size": IMAGENETTE_SIZE, "download": True}),
)
def imagenette() -> ImageFiles:
    """13 394 photographs of ten classes of ImageNet that are easily told apart."""
    how: dict[str, Any] = {"size": IMAGENETTE_SIZE, "loader": _path}
    found = {s: _opened("imagenette", "Imagenette", split=s, **how) for s in ("train", "val")}
    names = [words[0] for words in found["train"].classes]
    return _in_files(data_place().folder, {s: _listed(d) for s, d in found.items()}, names)


@dataset(
    name="imagenet",
    classes=1000,
    channels=3,
    resolution=None,
    licence="ImageNet's terms of access: non-commercial research and education",
    source=(
        "torchvision.datasets.ImageNet (ILSVRC 2012): 1 281 167 training images, and 50 000 for validation "
        "to test on"
    ),
    files=[f"{IMAGENET}/{part}" for part in ("meta.bin", "train", "val")],
    fetch=_fetcher("imagenet", "ImageNet", *({"split": s, "inside": IMAGENET} for s in ("train", "val"))),
)
def imagenet() -> ImageFiles:
    """The photographs of 1000 classes that most published weights were trained on.

    They can only be had from image-net.org; the archives belong into the folder `imagenet` of the data folder, and
    `--download` has torchvision check and unpack them.
    """
    found = {s: _opened("imagenet", "ImageNet", split=s, inside=IMAGENET) for s in ("train", "val")}
    names = [words[0] for words in found["train"].classes]
    return _in_files(data_place().folder / IMAGENET, {s: d.samples for s, d in found.items()}, names)
