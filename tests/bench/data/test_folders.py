"""The user's own images as folders."""

import os
import shutil
from pathlib import Path

import pytest

from bench.data.folders import scan_folder
from bench.data.reading import PLAIN, Reading
from bench.errors import UsageError
from tests.bench.picturing import photos, save


def refusal(root: Path, reading: Reading = PLAIN) -> str:
    with pytest.raises(UsageError) as caught:
        scan_folder(root, reading)
    return str(caught.value)


def left_out(root: Path, reading: Reading = PLAIN) -> set[str]:
    return {str(part) for part in scan_folder(root, reading).left_out}


def test_a_folder_of_images_is_a_class(tmp_path: Path) -> None:
    found = scan_folder(photos(tmp_path, "dog", "cat", count=2))
    assert (("cat", "dog"), (0, 0, 1, 1), ()) == (found.names, found.labels, found.split)


def test_images_are_found_in_folders_within_a_class(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    deep = save(tmp_path / "cat" / "2024" / "may.png")
    assert deep in scan_folder(tmp_path).paths


def test_suffixes_in_capitals_are_images_too(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    shutil.copy(tmp_path / "cat" / "0.png", tmp_path / "cat" / "1.PNG")
    assert 3 == len(scan_folder(tmp_path).paths)


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("train", "val", "test"),
        ("Training", "Validation", "Testing"),
        ("TRAIN", "valid", "Test"),
        ("training_set", "dev", "eval"),
        ("train_images", "val-images", "test images"),
    ],
)
def test_folders_of_splits_are_respected(tmp_path: Path, train: str, val: str, test: str) -> None:
    for split in (train, val, test):
        photos(tmp_path / split, "cat", "dog", count=1)
    found = scan_folder(tmp_path)
    assert {"train": 2, "val": 2, "test": 2} == {s: found.split.count(s) for s in set(found.split)}


def test_it_is_said_what_folders_are_taken_for(tmp_path: Path) -> None:
    for split in ("Training", "Testing"):
        photos(tmp_path / split, "cat", "dog", count=1)
    expected = "Training/ is the train split, Testing/ is the test split (--splits says otherwise)"
    assert expected == scan_folder(tmp_path).notes[0]


def test_it_is_said_that_the_val_split_is_tested_on(tmp_path: Path) -> None:
    for split in ("train", "val"):
        photos(tmp_path / split, "cat", "dog", count=1)
    assert "there is no test split: the val split is tested on" in scan_folder(tmp_path).notes[1]


def test_a_test_folder_without_class_folders_is_to_be_predicted(tmp_path: Path) -> None:
    photos(tmp_path / "train", "cat", "dog", count=1)
    for i in range(3):
        save(tmp_path / "test" / f"{i}.png")
    found = scan_folder(tmp_path)
    assert ({"train"}, {"3 .png (in test/, which has no class folders)"}) == (set(found.split), left_out(tmp_path))
    assert "test/ holds images to predict, which are not used: it has no class folders" == found.notes[0]


def test_the_splits_can_be_said(tmp_path: Path) -> None:
    for split in ("train", "holdout", "test"):
        photos(tmp_path / split, "cat", "dog", count=1)
    reading = Reading(splits=(("train", "train"), ("test", "holdout")))
    found = scan_folder(tmp_path, reading)
    assert {tmp_path / "holdout"} == {
        path.parent.parent for path, split in zip(found.paths, found.split, strict=True) if split == "test"
    }
    assert {"2 .png (in test/, which --splits does not name)"} == left_out(tmp_path, reading)


def test_a_split_that_is_said_and_not_there_is_named(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog")
    expected = f"--splits names 'Train', which '{tmp_path}' does not hold: it holds cat, dog"
    assert expected == refusal(tmp_path, Reading(splits=(("train", "Train"),)))


def test_folders_called_as_splits_can_be_classes(tmp_path: Path) -> None:
    for name in ("train", "tram"):
        photos(tmp_path / name, "2023", "2024", count=1)
    assert ("train", "tram") == scan_folder(tmp_path, Reading(as_classes=True)).names


def test_a_class_may_be_called_as_a_split_is(tmp_path: Path) -> None:
    found = scan_folder(photos(tmp_path, "train", "test"))
    expected = "'test' and 'train' are read as classes: no train split has class folders"
    assert (("test", "train"), (expected,)) == (found.names, found.notes)


def test_splits_without_a_train_split_are_refused(tmp_path: Path) -> None:
    for split in ("val", "test"):
        photos(tmp_path / split, "cat", "dog")
    assert "has splits ('test' and 'val'), but no classes in a train split: --splits says" in refusal(tmp_path)


def test_a_class_that_only_one_split_has_is_named(tmp_path: Path) -> None:
    photos(tmp_path / "train", "cat", "dog")
    photos(tmp_path / "test", "cat", "cow")
    said = refusal(tmp_path)
    assert said.startswith(f"class 'cow' is in the test split of '{tmp_path}', but not in its train split")
    assert said.endswith(": --allow-missing-classes goes on with the classes that are there")


def twenty(root: Path) -> Path:
    """Twenty classes, of which the val split lacks one."""
    names = [f"c{i:02}" for i in range(20)]
    photos(root / "train", *names, count=1)
    photos(root / "val", *(name for name in names if name != "c07"), count=1)
    return root


def test_a_class_that_a_split_lacks_can_be_allowed_and_is_said(tmp_path: Path) -> None:
    found = scan_folder(twenty(tmp_path), Reading(missing_classes=True))
    assert (20, 39) == (len(found.names), len(found.paths))
    assert "the val split lacks 'c07': its figures are over the other 19" in found.notes


def test_a_class_whose_folder_is_empty_in_a_split_can_be_allowed_and_is_said(tmp_path: Path) -> None:
    (twenty(tmp_path) / "val" / "c07").mkdir()
    found = scan_folder(tmp_path, Reading(missing_classes=True))
    assert (20, True) == (
        len(found.names),
        "the val split lacks 'c07': its figures are over the other 19" in found.notes,
    )


def test_images_of_a_class_that_is_not_trained_are_left_out_where_that_is_allowed(tmp_path: Path) -> None:
    photos(tmp_path / "train", "cat", "dog")
    photos(tmp_path / "test", "cat", "dog", "cow")
    reading = Reading(missing_classes=True)
    assert ("cat", "dog") == scan_folder(tmp_path, reading).names
    assert {"3 images (their class has no training images)"} == left_out(tmp_path, reading)


def test_composed_and_decomposed_accents_are_one_class(tmp_path: Path) -> None:
    photos(tmp_path / "train", "caf\u00e9", "tea", count=1)
    photos(tmp_path / "val", "cafe\u0301", "tea", count=1)
    found = scan_folder(tmp_path)
    assert (("caf\u00e9", "tea"), (0, 1, 0, 1)) == (found.names, found.labels)
    assert "class names: 'caf\u00e9' is written in 2 ways (U+00E9; U+0065 U+0301) and is one class" in found.notes


def test_folders_of_one_class_that_is_written_in_two_ways_are_merged(tmp_path: Path) -> None:
    photos(tmp_path, "caf\u00e9", "cafe\u0301", "tea", count=2)
    found = scan_folder(tmp_path)
    assert (("caf\u00e9", "tea"), 4) == (found.names, found.labels.count(0))


def test_a_folder_beside_the_splits_is_named(tmp_path: Path) -> None:
    for split in ("train", "test", "extra"):
        photos(tmp_path / split, "cat", "dog")
    assert "beside them 'extra': --splits says which is which" in refusal(tmp_path)


def test_a_split_in_two_folders_is_refused(tmp_path: Path) -> None:
    for split in ("train", "val", "valid"):
        photos(tmp_path / split, "cat", "dog")
    assert "has its val split twice: val, valid: --splits says which is which" in refusal(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert f"there is no folder '{tmp_path / 'none'}'" == refusal(tmp_path / "none")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    assert "is not a folder" in refusal(save(tmp_path / "a.png"))


def test_images_without_folders_of_classes_are_told_of(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    assert "holds images, but no folders of classes" in refusal(tmp_path)


def test_an_empty_class_folder_is_named(tmp_path: Path) -> None:
    (photos(tmp_path, "cat", "dog") / "cow").mkdir()
    assert f"the class folder '{tmp_path / 'cow'}' holds no images" in refusal(tmp_path)


def test_a_class_folder_of_other_files_says_what_they_are(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog")
    (tmp_path / "cow").mkdir()
    (tmp_path / "cow" / "1.eps").write_text("")
    assert "holds no images that are read, but 1 .eps (a format that is not read)" in refusal(tmp_path)


def test_one_class_is_too_few(tmp_path: Path) -> None:
    assert "has one class, 'cat'" in refusal(photos(tmp_path, "cat"))


def test_a_folder_whose_path_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"photos-\xf6")
    root.mkdir()
    with pytest.raises(UsageError, match="cannot be printed"):
        scan_folder(root)
