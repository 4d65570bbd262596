"""Pictures of the user's own that have several labels are told with their paths."""

from pathlib import Path

from bench.data.digests import contents_of
from bench.data.folders import scan_folder
from bench.data.images import ImageFiles
from bench.data.lists import scan_csv
from bench.data.two_labels import two_labels
from tests.bench.picturing import photos


def told(files: ImageFiles) -> tuple[str, ...]:
    return two_labels(files, contents_of(files))


def table(tmp_path: Path, *rows: str) -> ImageFiles:
    photos(tmp_path / "pool", "x", count=4)
    (tmp_path / "list.csv").write_text("\n".join(["path,label", *rows]) + "\n")
    return scan_csv(tmp_path / "list.csv")


def copied(root: Path, source: str, target: str) -> None:
    (root / target).parent.mkdir(parents=True, exist_ok=True)
    (root / target).write_bytes((root / source).read_bytes())


def test_a_file_that_is_listed_under_two_labels_is_told(tmp_path: Path) -> None:
    files = table(tmp_path, "pool/x/0.png,cat", "pool/x/0.png,dog", "pool/x/1.png,cat", "pool/x/2.png,dog")
    assert ("pool/x/0.png is both cat and dog",) == told(files)


def test_a_file_that_is_listed_twice_under_one_label_is_not(tmp_path: Path) -> None:
    files = table(tmp_path, "pool/x/0.png,cat", "pool/x/0.png,cat", "pool/x/2.png,dog")
    assert () == told(files)


def test_equal_files_in_two_class_folders_are_told_with_both_paths(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog")
    copied(root, "cat/0.png", "dog/7.png")
    assert ("cat/0.png is both cat and dog (also dog/7.png)",) == told(scan_folder(root))


def test_a_picture_with_three_labels_is_one_line(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "cow", "dog")
    copied(root, "cat/0.png", "dog/7.png")
    copied(root, "cat/0.png", "cow/8.png")
    assert ("cat/0.png is cat, cow and dog (also cow/8.png, dog/7.png)",) == told(scan_folder(root))


def test_files_that_take_no_part_have_no_label_too_many(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    copied(root, "cat/0.png", "dog/7.png")
    assert () == two_labels(scan_folder(root), ["", "other", ""])


def test_files_that_cannot_be_read_are_not_taken_for_equal(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    files = scan_folder(root)
    for path in files.paths:
        path.unlink()
    assert () == told(files)
