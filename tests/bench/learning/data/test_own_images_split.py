"""How the user's own images are divided into splits when they are stored."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.data.place import DataPlace, settle
from bench.data.reading import Reading
from bench.learning.data.images import Stored
from bench.learning.data.splits import SPLITS
from tests.bench.learning.data.storing import nothing_known as nothing_known
from tests.bench.learning.data.storing import stored, told
from tests.bench.picturing import photos


def test_equal_files_fall_into_the_same_split(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=20)
    for i in range(20):
        shutil.copy(root / "cat" / f"{i}.png", root / "cat" / f"copy{i:02}.png")
    data = stored(f"folder:{root}", tmp_path)
    of_content = {(int(c), int(s)) for c, s in zip(data.content, data.split, strict=True)}
    assert (60, 40) == (len(data.labels), len(of_content))


def test_the_split_is_the_same_at_every_size(tmp_path: Path) -> None:
    name = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog', count=20)}"
    small, large = (stored(name, tmp_path, resolution) for resolution in (28, 56))
    assert small.split.tolist() == large.split.tolist()


def splits(data: Stored) -> dict[str, int]:
    return {name: len(data.indices(name)) for name in SPLITS}


def test_folders_of_splits_are_kept(tmp_path: Path) -> None:
    for i, (split, count) in enumerate({"train": 5, "valid": 3, "test": 2}.items()):
        photos(tmp_path / "photos" / split, "cat", "dog", count=count, first=100 * i)
    data = stored(f"folder:{tmp_path / 'photos'}", tmp_path)
    assert ({"train": 10, "val": 6, "test": 4}, True) == (splits(data), data.prescribed)


def test_without_a_folder_for_validation_training_images_are_drawn_for_it(tmp_path: Path) -> None:
    for i, (split, count) in enumerate({"train": 40, "test": 5}.items()):
        photos(tmp_path / "photos" / split, "cat", "dog", count=count, first=100 * i)
    found = splits(stored(f"folder:{tmp_path / 'photos'}", tmp_path))
    assert (10, 80, True) == (found["test"], found["train"] + found["val"], 5 <= found["val"] <= 30)


def test_without_a_folder_for_testing_that_for_validation_is_tested_on(tmp_path: Path) -> None:
    for i, (split, count) in enumerate({"train": 40, "val": 5}.items()):
        photos(tmp_path / "photos" / split, "cat", "dog", count=count, first=100 * i)
    assert 10 == splits(stored(f"folder:{tmp_path / 'photos'}", tmp_path))["test"]


def test_with_a_folder_for_training_alone_all_splits_are_drawn(tmp_path: Path) -> None:
    photos(tmp_path / "photos" / "train", "cat", "dog", count=40)
    data = stored(f"folder:{tmp_path / 'photos'}", tmp_path)
    assert (False, True) == (data.prescribed, min(splits(data).values()) > 0)


def test_how_the_images_were_divided_is_told(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=10)
    expected = {"train": 10, "val": 4, "test": 6, "straddling": 0}
    assert expected.items() <= told(f"folder:{root}", tmp_path).items()


def test_a_folder_of_training_images_alone_is_divided_as_the_same_without_it(tmp_path: Path) -> None:
    photos(tmp_path / "photos" / "train", "cat", "dog", count=10)
    expected = {"train": 10, "val": 4, "test": 6, "straddling": 0}
    assert expected.items() <= told(f"folder:{tmp_path / 'photos'}", tmp_path).items()


def test_a_class_that_the_test_split_lacks_is_no_fault_where_that_is_allowed(tmp_path: Path) -> None:
    for i, split in enumerate(("train", "val", "test")):
        photos(tmp_path / "photos" / split, "cat", "dog", first=100 * i)
    photos(tmp_path / "photos" / "train", "cow", first=900)
    settle(DataPlace(tmp_path, reading=Reading(missing_classes=True)))
    data = stored(f"folder:{tmp_path / 'photos'}", tmp_path)
    assert (("cat", "cow", "dog"), {0, 1, 2}, {0, 2}) == (
        data.names,
        *(set(data.labels[data.indices(split)].tolist()) for split in ("train", "test")),
    )
