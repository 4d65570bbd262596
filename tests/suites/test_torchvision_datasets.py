"""Data sets through torchvision's classes, on small files in the layout that those expect."""

import hashlib
import pickle
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from bench.data.place import DataPlace, settle
from bench.declare.artifact import Shelf
from bench.declare.catalog import DATASETS
from bench.declare.loading.discovery import load_catalogs
from bench.errors import Unsupported
from bench.lazy import load
from bench.learning.artifacts import dataset_of
from bench.learning.data.images import Stored, make_dataset, read_dataset
from bench.learning.data.splits import SPLITS
from tests.bench.picturing import save

datasets = load("torchvision.datasets")
NAMES = (
    "mnist",
    "fashion-mnist",
    "cifar10",
    "cifar100",
    "svhn",
    "stl10",
    "flowers102",
    "oxford-iiit-pet",
    "imagenette",
    "imagenet",
)
RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder, and no network."""

    def offline(*_: object) -> None:
        raise OSError("no network in a test")

    monkeypatch.setattr(socket.socket, "connect", offline)
    load_catalogs()
    settle(DataPlace(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    yield tmp_path / "data"
    settle(None)


def stored(name: str, folder: Path) -> Stored:
    artifact, shelf = dataset_of(name, 28), Shelf(folder.parent / "shelf")
    make_dataset(artifact, shelf)
    return read_dataset(artifact, shelf)


def counts(data: Stored) -> tuple[int, int]:
    """Images that are learned from, training and validation together, and that are tested on."""
    return len(data.indices("train")) + len(data.indices("val")), len(data.indices("test"))


def noise(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, shape, np.uint8)


def idx(path: Path, values: np.ndarray) -> None:
    """A file in MNIST's format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(head + values.astype(np.uint8).tobytes())


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def write_idx(folder: Path, kind: str) -> None:
    for part, count in (("train", 40), ("t10k", 10)):
        idx(folder / kind / "raw" / f"{part}-images-idx3-ubyte", noise(count, 28, 28))
        idx(folder / kind / "raw" / f"{part}-labels-idx1-ubyte", np.arange(count) % 10)


def write_pickles(folder: Path, cls: Any, patch: pytest.MonkeyPatch) -> None:
    """CIFAR's files; the class is told their digests."""
    base = folder / cls.base_folder
    base.mkdir()
    key = "labels" if cls.base_folder == "cifar-10-batches-py" else "fine_labels"
    for attribute in ("train_list", "test_list"):
        digests = []
        for file, _ in getattr(cls, attribute):
            entry = {"data": noise(10, 3072), key: list(range(10))}
            (base / file).write_bytes(pickle.dumps(entry))
            digests.append([file, md5(base / file)])
        patch.setattr(cls, attribute, digests)
    names = [f"class {i}" for i in range(10)]
    (base / cls.meta["filename"]).write_bytes(pickle.dumps({cls.meta["key"]: names}))
    patch.setattr(cls, "meta", {**cls.meta, "md5": md5(base / cls.meta["filename"])})


@pytest.mark.parametrize(("name", "kind"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_the_published_test_images_of_mnists_kind_are_tested_on(folder: Path, name: str, kind: str) -> None:
    write_idx(folder, kind)
    data = stored(name, folder)
    assert ((50, 1, 28, 28), (40, 10)) == (tuple(data.pixels.shape), counts(data))


def test_some_training_images_are_for_validation_where_none_are_published(folder: Path) -> None:
    write_idx(folder, "MNIST")
    assert 0 < len(stored("mnist", folder).indices("val")) < 20


@pytest.mark.parametrize(("name", "kind", "train"), [("cifar10", "CIFAR10", 50), ("cifar100", "CIFAR100", 10)])
def test_cifars_pixels_labels_and_names_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str, train: int
) -> None:
    write_pickles(folder, getattr(datasets, kind), monkeypatch)
    data = stored(name, folder)
    assert ((train, 10), (3, 32, 32), "class 3") == (counts(data), tuple(data.pixels.shape[1:]), data.names[3])


def test_svhns_ten_is_the_digit_zero(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = dict(datasets.SVHN.split_list)
    for split, count in (("train", 20), ("test", 10)):
        path = folder / f"{split}_32x32.mat"
        scipy.io.savemat(path, {"X": noise(32, 32, 3, count), "y": np.arange(count)[:, None] % 10 + 1})
        listed[split] = [listed[split][0], listed[split][1], md5(path)]
    monkeypatch.setattr(datasets.SVHN, "split_list", listed)
    data = stored("svhn", folder)
    assert ((20, 10), 1, 0) == (counts(data), int(data.labels[0]), int(data.labels[9]))


def test_stl10s_images_stand_upright(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = folder / "stl10_binary"
    base.mkdir()
    # the file holds the columns of each channel one after the other: here the left half is white
    halves = np.zeros((10, 3, 96, 96), np.uint8)
    halves[:, :, :48] = 255
    halves[:, :, 95, 95] = np.arange(10)[:, None]  # no image twice: one that is tested on would not be trained on
    tested = halves[:5].copy()
    tested[:, :, 95, 95] = 100 + np.arange(5)[:, None]
    files: dict[str, np.ndarray] = {
        "train_X.bin": halves,
        "train_y.bin": np.arange(10) + 1,
        "unlabeled_X.bin": noise(1, 3, 96, 96),
    }
    files |= {"test_X.bin": tested, "test_y.bin": np.arange(5) + 1}
    for name, content in files.items():
        (base / name).write_bytes(content.astype(np.uint8).tobytes())
    for attribute in ("train_list", "test_list"):
        known = [[name, md5(base / name)] for name, _ in getattr(datasets.STL10, attribute)]
        monkeypatch.setattr(datasets.STL10, attribute, known)
    data = stored("stl10", folder)
    assert ((10, 5), 255, 0) == (counts(data), int(data.pixels[0, 0, 90, 5]), int(data.pixels[0, 0, 5, 90]))


def test_flowers_keep_their_three_splits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = folder / "flowers-102"
    for i in range(1, 307):
        save(base / "jpg" / f"image_{i:05}.jpg", seed=i, size=(20, 16))
    ids = np.arange(1, 307)
    scipy.io.savemat(base / "imagelabels.mat", {"labels": (ids - 1) % 102 + 1})
    scipy.io.savemat(base / "setid.mat", {"trnid": ids[:102], "valid": ids[102:204], "tstid": ids[204:]})
    known = dict(datasets.Flowers102._file_dict)
    known |= {key: (known[key][0], md5(base / known[key][0])) for key in ("label", "setid")}
    monkeypatch.setattr(datasets.Flowers102, "_file_dict", known)
    data = stored("flowers102", folder)
    assert [102, 102, 102] == [len(data.indices(split)) for split in SPLITS]


def test_pets_are_stored_with_the_names_of_their_breeds(folder: Path) -> None:
    base = folder / "oxford-iiit-pet"
    breeds = [f"breed_{i:02}" for i in range(37)]
    for split, number in (("trainval", 1), ("test", 2)):
        rows = [f"{breed}_{number} {i + 1} 1 1" for i, breed in enumerate(breeds)]
        (base / "annotations").mkdir(parents=True, exist_ok=True)
        (base / "annotations" / f"{split}.txt").write_text("\n".join(rows) + "\n")
        for i, breed in enumerate(breeds):
            save(base / "images" / f"{breed}_{number}.jpg", seed=100 * number + i)
    data = stored("oxford-iiit-pet", folder)
    assert ((37, 37), "Breed 03") == (counts(data), data.names[3])


def test_imagenettes_validation_images_are_tested_on(folder: Path) -> None:
    for split, count in (("train", 8), ("val", 2)):
        for wnid in datasets.Imagenette._WNID_TO_CLASS:
            for i in range(count):
                save(folder / "imagenette2-320" / split / wnid / f"{i}.jpeg", seed=i + 10 * count)
    data = stored("imagenette", folder)
    assert ((80, 20), "tench") == (counts(data), data.names[0])


def test_imagenet_is_read_from_what_torchvision_unpacked(folder: Path) -> None:
    root = folder / "imagenet"
    wnids = [f"n{i:08}" for i in range(3)]
    for split, count in (("train", 6), ("val", 2)):
        for label, wnid in enumerate(wnids):
            for i in range(count):
                save(root / split / wnid / f"{i}.JPEG", seed=100 * label + i + count)
    torch = load("torch")
    torch.save(({wnid: (f"name {wnid}", "other") for wnid in wnids}, ["n00000000"] * 6), root / "meta.bin")
    data = stored("imagenet", folder)
    assert ((18, 6), "name n00000001") == (counts(data), data.names[1])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_here_is_unsupported_and_says_where_it_was_looked_for(folder: Path, name: str) -> None:
    with pytest.raises(Unsupported) as caught:
        stored(name, folder)
    said = str(caught.value)
    assert [] == [word for word in (f"'{name}'", f"'{folder}'", "--data DIR", "--download") if word not in said]


def test_damaged_files_are_unsupported_and_say_so(folder: Path) -> None:
    for name in DATASETS.get("cifar10").files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"damaged")
    with pytest.raises(Unsupported, match=r"'cifar10' cannot be had from .*: Dataset not found or corrupted$"):
        stored("cifar10", folder)


@pytest.mark.parametrize("name", NAMES)
def test_licence_and_source_are_declared(name: str) -> None:
    item = DATASETS.get(name)
    assert all((item.licence, item.source, item.about, item.files))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "imagenet"])
def test_a_download_goes_through_torchvisions_own_check_of_integrity(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[Any] = []

    def refuse(*arguments: Any, **options: Any) -> None:
        asked.extend(
            value for value in (*arguments, *options.values()) if re.fullmatch("[0-9a-f]{32}", str(value))
        )
        raise RuntimeError("as far as a test goes")

    for module in ("mnist", "cifar", "svhn", "stl10", "flowers102", "oxford_iiit_pet", "imagenette"):
        for function in ("download_and_extract_archive", "download_url"):
            monkeypatch.setattr(f"torchvision.datasets.{module}.{function}", refuse, raising=False)
    with pytest.raises(Unsupported, match="as far as a test goes"):
        DATASETS.get(name).fetch()
    assert 1 == len(set(asked))


def test_imagenet_is_unpacked_but_not_downloaded(folder: Path) -> None:
    with pytest.raises(Unsupported, match=r"ILSVRC2012_devkit_t12\.tar\.gz is not present"):
        DATASETS.get("imagenet").fetch()
