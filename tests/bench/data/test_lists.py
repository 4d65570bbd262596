"""The user's own images as a table."""

from pathlib import Path

import pytest

from bench.data.lists import scan_csv
from bench.data.reading import Reading
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
    assert (2, ("labels.csv, line 3: 'gone.png' is not a file",)) == (len(found.paths), found.refused)


def test_a_whole_path_may_lie_anywhere(folder: Path) -> None:
    outside = save(folder.parent / "outside.png")
    found = scan_csv(table(folder, "path,label", "a.png,cat", f"{outside},dog"))
    assert ((folder / "a.png", outside), ()) == (found.paths, found.refused)


@pytest.mark.parametrize("path", ["../outside.png", "link.png"])
def test_a_path_that_leads_out_of_the_folder_is_a_bad_image(folder: Path, path: str) -> None:
    (folder / "link.png").symlink_to(save(folder.parent / "outside.png"))
    found = scan_csv(table(folder, "path,label", "a.png,cat", f"{path},dog", "b.png,dog"))
    expected = f"labels.csv, line 3: '{path}' leads out of the table's folder (--follow-links follows it)"
    assert (expected,) == found.refused


@pytest.mark.parametrize("path", ["../outside.png", "link.png"])
def test_a_path_that_leads_out_of_the_folder_is_read_where_that_is_allowed(folder: Path, path: str) -> None:
    (folder / "link.png").symlink_to(save(folder.parent / "outside.png"))
    found = scan_csv(table(folder, "path,label", "a.png,cat", f"{path},dog"), Reading(follow_links=True))
    assert ((folder / "a.png", folder / path), ()) == (found.paths, found.refused)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("fail,label", "a.png,cat"), "has no column 'path' (or file, filename,"),
        (("fail,label", "a.png,cat"), "its first line is fail, label; commas, semicolons or tabs may"),
        (("path,kind", "a.png,cat"), "has no column 'label' (or class, class_name, category, target)"),
        (
            ("path,class,target", "a.png,cat,1"),
            "columns for the label (class, target): call one of them label",
        ),
        (("path,label", "a.png,cat,3"), "line 2, has 3 cells, and the first line 2: a path or label with"),
        (("path,label", "gone.png,cat", "a.png,dog"), "all images of label 'cat' are bad: labels.csv, line 2:"),
        (("path,label", "sub\\gone.png,cat", "a.png,dog"), "is not a file (write / between folders)"),
        (("path,label",), "lists no images"),
        (("path,label", "a.png,"), "line 2, has no label"),
        (("path,label", ",cat"), "line 2, has no path"),
        (("path,label", "a.png,cat", "b.png,cat"), "has one label, 'cat'"),
        (
            ("path,label,split", "a.png,cat,later"),
            "'later' is not a split (train, val, test): --splits train=WORD",
        ),
        (("path,label,split", "a.png,cat,train", "b.png,dog,"), "line 3, has no split"),
        (("path,label,split", "a.png,cat,test", "b.png,dog,test"), "has no row of the train split"),
        (
            ("path,label,split", "a.png,cat,train", "b.png,dog,train", "a.png,cat,test"),
            "but not in its test split: --allow-missing-classes goes on",
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
    assert "is not a text in UTF-8, UTF-16 or Windows-1252: save it as CSV UTF-8" in refusal(path)


def test_a_workbook_is_told_of(folder: Path) -> None:
    path = folder / "labels.csv"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 20)
    assert "is an archive or a workbook of a spreadsheet, not a table in text: save it as CSV UTF-8" in refusal(
        path
    )


@pytest.mark.parametrize(("between", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_semicolons_and_tabs_may_stand_between_the_cells(folder: Path, between: str, word: str) -> None:
    lines = (f"path{between}label", f"a.png{between}cat", f"b.png{between}dog, striped")
    found = scan_csv(table(folder, *lines))
    assert (("cat", "dog, striped"), (f"labels.csv has {word} between its cells",)) == (found.names, found.notes)


def test_a_spreadsheets_line_on_what_stands_between_the_cells_is_no_row(folder: Path) -> None:
    assert ("cat", "dog") == scan_csv(table(folder, "sep=;", "path;label", "a.png;cat", "b.png;dog")).names


@pytest.mark.parametrize("header", ["filename,class", "Image Path,Target", "file,category", "img,class-name"])
def test_columns_may_be_called_otherwise(folder: Path, header: str) -> None:
    assert ("cat", "dog") == scan_csv(table(folder, header, "a.png,cat", "b.png,dog")).names


def test_the_columns_own_names_outrank_others(folder: Path) -> None:
    assert ("1", "2") == scan_csv(table(folder, "file,path,class,label", "x,a.png,c,1", "y,b.png,d,2")).names


def test_a_table_without_names_of_columns_is_read_where_its_first_path_is_a_file(folder: Path) -> None:
    found = scan_csv(table(folder, "a.png,cat", "b.png,dog"))
    expected = "labels.csv has no line of names: its columns are read as path and label"
    assert ((0, 1), (expected,)) == (found.labels, found.notes)


@pytest.mark.parametrize(
    ("code", "notes"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ()),
        ("cp1252", ("labels.csv is read as Windows-1252, since it is not UTF-8",)),
    ],
)
def test_umlauts_are_read_from_every_text_that_a_spreadsheet_saves(
    folder: Path, code: str, notes: tuple[str, ...]
) -> None:
    save(folder / "K\u00e4fer.png")
    path = folder / "labels.csv"
    path.write_text("path,label\nK\u00e4fer.png,K\u00e4fer\na.png,cat\n", encoding=code)
    found = scan_csv(path)
    assert ((0, 1), ("K\u00e4fer", "cat"), notes) == (found.labels, found.names, found.notes)


def test_backslashes_are_read_as_slashes_where_the_file_is_there(folder: Path) -> None:
    found = scan_csv(table(folder, "path,label", "sub\\c.png,cat", "a.png,dog"))
    assert (folder / "sub" / "c.png", ("backslashes are read as / in 1 of 2 paths",)) == (
        found.paths[0],
        found.notes,
    )


def test_a_path_with_other_accents_than_the_disks_is_found(folder: Path) -> None:
    save(folder / "cafe\u0301.png")
    assert () == scan_csv(table(folder, "path,label", "caf\u00e9.png,cafe", "a.png,cat")).refused


def test_a_label_with_composed_and_decomposed_accents_is_one_class(folder: Path) -> None:
    rows = ("a.png,caf\u00e9", "b.png,cafe\u0301", "sub/c.png,tea")
    found = scan_csv(table(folder, "path,label", *rows))
    assert ((0, 0, 1), ("caf\u00e9", "tea")) == (found.labels, found.names)
    assert (
        "label names: 'caf\u00e9' is written in 2 ways (U+00E9; U+0065 U+0301) and is one class",
    ) == found.notes


def test_a_word_for_a_split_can_be_said_and_other_rows_are_left_out(folder: Path) -> None:
    rows = ("a.png,cat,1", "b.png,dog,1", "a.png,cat,2", "b.png,dog,2", "sub/c.png,dog,3")
    reading = Reading(splits=(("train", "1"), ("test", "2")))
    found = scan_csv(table(folder, "path,label,split", *rows), reading)
    assert ("train", "train", "test", "test") == found.split
    assert ["1 .png (of '3', which --splits does not name)"] == [str(part) for part in found.left_out]


def test_the_column_of_splits_can_be_passed_over(folder: Path) -> None:
    lines = ("path,label,split", "a.png,cat,x", "b.png,dog,y")
    found = scan_csv(table(folder, *lines), Reading(as_classes=True))
    assert ((), ("the column of splits is passed over (--splits none)",)) == (found.split, found.notes)


def test_rows_of_types_that_are_not_chosen_are_left_out(folder: Path) -> None:
    save(folder / "d.jpg")
    lines = ("path,label", "a.png,cat", "b.png,dog", "d.jpg,dog")
    found = scan_csv(table(folder, *lines), Reading(types=(".png",)))
    assert ["1 .jpg (not among --image-types)"] == [str(part) for part in found.left_out]
