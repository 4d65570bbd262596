"""The user's own images as a table."""

from pathlib import Path

import pytest

from bench.data.lists import scan_csv
from bench.errors import UsageError
from tests.bench.picturing import save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "sub/c.png"):
        save(tmp_path / "photos" / name)
    return tmp_path / "photos"


def table(folder: Path, *lines: str) -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        scan_csv(path)
    return str(caught.value)


def test_each_row_is_an_image_beneath_the_tables_folder(folder: Path) -> None:
    found = scan_csv(table(folder, "path,label", "sub/c.png,dog", "a.png,cat"))
    assert ((folder / "sub/c.png", folder / "a.png"), (1, 0)) == (found.paths, found.labels)


def test_labels_that_are_numbers_stand_in_the_order_of_their_size(folder: Path) -> None:
    found = scan_csv(table(folder, "path,label", "a.png,10", "b.png,9", "sub/c.png,2"))
    assert ("2", "9", "10") == found.names


def test_a_spreadsheets_byte_order_mark_and_capitals_do_no_harm(folder: Path) -> None:
    assert 2 == len(scan_csv(table(folder, "\ufeffPath, Label", "a.png,cat", "b.png,dog")).paths)


def test_the_column_split_is_respected(folder: Path) -> None:
    rows = ("a.png,cat,train", "b.png,dog,train", "a.png,cat,Validation", "b.png,dog,valid")
    assert ("train", "train", "val", "val") == scan_csv(table(folder, "path,label,split", *rows)).split


def test_a_row_without_a_file_is_a_bad_image_with_its_line(folder: Path) -> None:
    found = scan_csv(table(folder, "path,label", "a.png,cat", "gone.png,dog", "b.png,dog"))
    assert (2, ("labels.csv, line 3: 'gone.png' is no file",)) == (len(found.paths), found.refused)


def test_a_whole_path_may_lie_anywhere(folder: Path) -> None:
    outside = save(folder.parent / "outside.png")
    found = scan_csv(table(folder, "path,label", "a.png,cat", f"{outside},dog"))
    assert ((folder / "a.png", outside), ()) == (found.paths, found.refused)


@pytest.mark.parametrize("path", ["../outside.png", "link.png"])
def test_a_path_that_leads_out_of_the_folder_is_a_bad_image(folder: Path, path: str) -> None:
    (folder / "link.png").symlink_to(save(folder.parent / "outside.png"))
    found = scan_csv(table(folder, "path,label", "a.png,cat", f"{path},dog", "b.png,dog"))
    assert (f"labels.csv, line 3: '{path}' leads out of the table's folder",) == found.refused


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("file,label", "a.png,cat"), "has no column 'path': its first line is file, label"),
        (("path,label",), "lists no images"),
        (("path,label", "a.png,"), "line 2, has no label"),
        (("path,label", ",cat"), "line 2, has no path"),
        (("path,label", "a.png,cat", "b.png,cat"), "has one label, 'cat'"),
        (("path,label,split", "a.png,cat,dev"), "'dev' is no split"),
        (("path,label,split", "a.png,cat,train", "b.png,dog,"), "line 3, has no split"),
        (("path,label,split", "a.png,cat,test", "b.png,dog,test"), "has no row of the train split"),
        (
            ("path,label,split", "a.png,cat,train", "b.png,dog,train", "a.png,cat,test"),
            "label 'dog' is in the train split",
        ),
    ],
)
def test_a_table_that_is_not_as_it_must_be_is_told_of(folder: Path, lines: tuple[str, ...], said: str) -> None:
    assert said in refusal(table(folder, *lines))


def test_a_missing_table_is_named(folder: Path) -> None:
    assert f"there is no file '{folder / 'none.csv'}'" == refusal(folder / "none.csv")


def test_a_table_that_is_no_text_is_told_of(folder: Path) -> None:
    path = folder / "labels.csv"
    path.write_bytes(b"path,label\n\xff\xfe\x00")
    assert "is no CSV file in UTF-8" in refusal(path)
