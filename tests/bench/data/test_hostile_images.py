"""Tables, lists and folders of images that were made to hang or to break their reader: one line, at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.data.digests import contents_of
from bench.data.folders import scan_folder
from bench.data.images import ImageFiles
from bench.data.lists import scan_csv, scan_list
from bench.data.reading import Reading
from bench.errors import UsageError
from tests.bench.hostile import each_without_end, nested, pipe, sparse
from tests.bench.picturing import photos

DEEPER_THAN_CALLS = 1200
SCANS = pytest.mark.parametrize("scan", [scan_csv, scan_list])


@SCANS
@each_without_end
def test_a_list_must_be_a_regular_file(
    tmp_path: Path, make: Callable[[Path], Path], scan: Callable[[Path], ImageFiles]
) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: it is not a regular file$"):
        scan(make(tmp_path / "it.csv"))


@SCANS
def test_a_list_that_is_too_large_is_not_read(tmp_path: Path, scan: Callable[[Path], ImageFiles]) -> None:
    with pytest.raises(UsageError, match=r"it has more than 268,435,456 bytes, which none may have$"):
        scan(sparse(tmp_path / "it.csv", 1 << 40))


def table(root: Path, content: bytes) -> Path:
    photos(root, "cat", "dog", count=1)
    (root / "it.csv").write_bytes(content)
    return root / "it.csv"


def rows(first: str, second: str) -> bytes:
    return f"path,label\ncat/0.png,{first}\ndog/0.png,{second}\n".encode()


def test_a_label_of_more_digits_than_any_number_is_a_text(tmp_path: Path) -> None:
    found = scan_csv(table(tmp_path, rows("9" * 5000, "10")))
    assert ("10", "9" * 5000) == found.names


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (rows("a" * 200_000, "b"), r"cannot be read as a table \(field larger than field limit"),
        (b'path,label\n"cat/0.png,a\n' + b"x" * 200_000, "cannot be read as a table"),
        (rows("a\0", "b"), "is not a text in UTF-8"),
        (b"\xff\xfe" + rows("a", "b"), "is not a text in UTF-8"),
        (rows("a", "b").decode().encode("utf-16-le"), "is not a text in UTF-8"),
        (b"\xef\xbb\xbf", "has no column 'path'"),
        (b"path,label\n" + b"\0" * 100, "is not a text"),
        (b"path,label\n../../etc/passwd,a\n/dev/zero,b\n", "all images of label"),
        (b"path,label\n" + b"a/" * 3000 + b".png,a\ncat/0.png,b\n", "all images of label 'a' are bad"),
    ],
)
def test_a_hostile_table_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        scan_csv(table(tmp_path, content))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("index", ["9" * 5000, "\u0663", "1e5", "-1"])
def test_an_index_that_is_not_a_number_of_digits_is_refused(tmp_path: Path, index: str) -> None:
    photos(tmp_path, "cat", count=1)
    (tmp_path / "it.txt").write_text(f"cat/0.png 0\ncat/0.png {index}\n")
    with pytest.raises(UsageError, match="line 2, does not end with a class index"):
        scan_list(tmp_path / "it.txt")


def test_a_class_may_be_nested_deeper_than_calls(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    with nested(root / "cat", DEEPER_THAN_CALLS):
        assert ("cat", "dog") == scan_folder(root).names


def test_of_nested_folders_the_real_path_is_not_asked_for_at_each_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, resolve = photos(tmp_path / "photos", "cat", "dog", count=1), Path.resolve
    asked: list[Path] = []

    def noted(path: Path, strict: bool = False) -> Path:
        asked.append(path)  # each is a look at all levels above
        return resolve(path, strict)

    monkeypatch.setattr(Path, "resolve", noted)
    with nested(root / "cat", 50):
        assert ("cat", "dog") == scan_folder(root, Reading(follow_links=True)).names
    assert [] == [path for path in asked if len(path.parts) > len(root.parts) + 10]


def test_a_folder_that_is_left_out_may_be_nested_deeper_than_calls(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / ".hidden").mkdir()
    with nested(root / ".hidden", DEEPER_THAN_CALLS):
        assert ("cat", "dog") == scan_folder(root).names


def test_a_link_in_a_circle_is_named_and_left_out(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "self").symlink_to("self")
    (root / "cat" / "self.png").symlink_to("self.png")
    found = scan_folder(root)
    assert "self is a link that leads nowhere" in found.notes
    assert ("cat/self.png is a link that leads nowhere",) == found.refused


def test_a_pipe_that_took_the_place_of_an_image_is_not_waited_for(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    found = scan_folder(root)
    found.paths[0].unlink()
    pipe(found.paths[0])
    assert "unread: it is not a regular file" == contents_of(found)[0]
