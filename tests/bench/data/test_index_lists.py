"""Images with a class index a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bench.data.lists import scan_list
from bench.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (2, 2)).save(tmp_path / name)
    return tmp_path


def classes(folder: Path, text: str) -> dict[str, str]:
    (folder / "list.txt").write_text(text)
    found = scan_list(folder / "list.txt")
    return {path.name: found.names[label] for path, label in zip(found.paths, found.labels, strict=True)}


def test_each_line_has_a_name_and_an_index(folder: Path) -> None:
    assert {"c.png": "10", "a.png": "9"} == classes(folder, "c.png 10\na.png\t9\n")


def test_indices_alone_are_those_of_the_images_beside_the_list_in_their_order(folder: Path) -> None:
    assert {"a.png": "7", "b.png": "3", "c.png": "7"} == classes(folder, "7\n3\n7\n")


def test_more_indices_than_images_are_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="has 4 indices, and there are 3 images"):
        classes(folder, "7\n3\n7\n7\n")


def test_a_line_without_an_index_is_named(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"line 2, does not end with a class index: 'b\.png cat'"):
        classes(folder, "a.png 1\nb.png cat\n")


def test_an_image_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "list.txt").write_text("a.png 1\nb.png 2\ngone.png 2\n")
    assert ("list.txt, line 3: 'gone.png' is not a file",) == scan_list(folder / "list.txt").refused


def test_a_path_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "list.txt").write_text("../a.png 1\n../b.png 2\n../c.png 2\n")
    with pytest.raises(UsageError, match="leads out of the list's folder"):
        scan_list(folder / "in" / "list.txt")


@pytest.mark.parametrize(("content", "said"), [(b"", "lists no images"), (b"\xff\xfe\x00", "not a text")])
def test_what_is_no_list_is_refused(folder: Path, content: bytes, said: str) -> None:
    (folder / "list.txt").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        scan_list(folder / "list.txt")


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        scan_list(tmp_path / "gone.txt")
