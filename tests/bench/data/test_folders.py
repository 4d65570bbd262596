"""The user's own images as folders."""

import os
import shutil
from pathlib import Path

import pytest

from bench.data.folders import scan_folder
from bench.errors import UsageError
from tests.bench.picturing import photos, save


def refusal(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        scan_folder(root)
    return str(caught.value)


def test_a_folder_of_images_is_a_class(tmp_path: Path) -> None:
    found = scan_folder(photos(tmp_path, "dog", "cat", count=2))
    assert (("cat", "dog"), (0, 0, 1, 1), ()) == (found.names, found.labels, found.split)


def test_images_are_found_in_folders_within_a_class(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    deep = save(tmp_path / "cat" / "2024" / "may.png")
    assert deep in scan_folder(tmp_path).paths


def test_hidden_files_and_those_that_are_no_images_are_passed_over(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    for name in (".DS_Store", "._0.png", "notes.txt"):
        (tmp_path / "cat" / name).write_text("")
    (tmp_path / ".thumbs").mkdir()
    assert ["0.png", "0.png"] == [path.name for path in scan_folder(tmp_path).paths]


def test_suffixes_in_capitals_are_images_too(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    shutil.copy(tmp_path / "cat" / "0.png", tmp_path / "cat" / "1.PNG")
    assert 3 == len(scan_folder(tmp_path).paths)


@pytest.mark.parametrize("val", ["val", "valid", "validation"])
def test_folders_of_splits_are_respected(tmp_path: Path, val: str) -> None:
    for split in ("train", val, "test"):
        photos(tmp_path / split, "cat", "dog", count=1)
    found = scan_folder(tmp_path)
    assert {"train": 2, "val": 2, "test": 2} == {s: found.split.count(s) for s in set(found.split)}


def test_a_class_may_be_called_as_a_split_is(tmp_path: Path) -> None:
    assert ("test", "train") == scan_folder(photos(tmp_path, "train", "test")).names


def test_a_class_that_only_one_split_has_is_named(tmp_path: Path) -> None:
    photos(tmp_path / "train", "cat", "dog")
    photos(tmp_path / "test", "cat", "cow")
    assert f"class 'cow' is in the test split of '{tmp_path}', but not in its train split" == refusal(tmp_path)


def test_a_folder_beside_the_splits_is_named(tmp_path: Path) -> None:
    for split in ("train", "test", "extra"):
        photos(tmp_path / split, "cat", "dog")
    assert "beside them 'extra'" in refusal(tmp_path)


def test_a_split_in_two_folders_is_refused(tmp_path: Path) -> None:
    for split in ("train", "val", "valid"):
        photos(tmp_path / split, "cat", "dog")
    assert "has its val split twice: val, valid" in refusal(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert f"there is no folder '{tmp_path / 'none'}'" == refusal(tmp_path / "none")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    assert "is no folder" in refusal(save(tmp_path / "a.png"))


def test_images_without_folders_of_classes_are_told_of(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    assert "holds images, but no folders of classes" in refusal(tmp_path)


def test_an_empty_class_folder_is_named(tmp_path: Path) -> None:
    (photos(tmp_path, "cat", "dog") / "cow").mkdir()
    assert f"the class folder '{tmp_path / 'cow'}' holds no images" in refusal(tmp_path)


def test_one_class_is_too_few(tmp_path: Path) -> None:
    assert "holds one class, 'cat'" in refusal(photos(tmp_path, "cat"))


def test_a_link_to_an_image_in_the_folder_is_an_image(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    (tmp_path / "cat" / "same.png").symlink_to(tmp_path / "cat" / "0.png")
    assert 3 == len(scan_folder(tmp_path).paths)


def test_a_link_that_leads_out_of_the_folder_is_a_bad_image(tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.png")
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "cat" / "1.png").symlink_to(outside)
    assert ("cat/1.png is a link that leads out of the folder",) == scan_folder(root).refused


def test_a_link_that_leads_nowhere_is_a_bad_image(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    (root / "cat" / "1.png").symlink_to(root / "gone.png")
    assert ("cat/1.png is a link that leads nowhere",) == scan_folder(root).refused


def test_a_link_to_a_folder_is_not_followed_in_circles(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    (root / "cat" / "again").symlink_to(root)
    assert ("cat/again is a link to a folder, which is not followed",) == scan_folder(root).refused


def test_a_class_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = photos(tmp_path / "outside", "cow")
    root = photos(tmp_path / "photos", "cat", "dog")
    (root / "cow").symlink_to(outside / "cow")
    assert f"'{root / 'cow'}' is a link that leads out of the folder" == refusal(root)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("bench.data.folders.os.scandir", forbidden)  # the permissions of files do not bind root
    assert f"the folder '{tmp_path}' cannot be read: Permission denied" == refusal(tmp_path)


def test_a_folder_whose_path_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"photos-\xf6")
    root.mkdir()
    with pytest.raises(UsageError, match="cannot be printed"):
        scan_folder(root)
