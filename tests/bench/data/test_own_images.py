"""The user's own images by name: known at planning, and another artifact when the files change."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.data import digests as file_digests
from bench.data.images import ImageFiles
from bench.data.place import DataPlace, settle
from bench.data.reading import Reading
from bench.declare.beyond.datasets import Datasets, spelled
from bench.declare.catalog import DATASETS
from bench.errors import UsageError
from bench.learning.artifacts import dataset_of
from tests.bench.picturing import photos, save


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(file_digests, "_known", {})
    monkeypatch.setattr(file_digests, "_used", set())
    DATASETS.forget()
    yield
    DATASETS.forget()
    settle(None)


def key(root: Path) -> str:
    """Of the artifact, looked at afresh."""
    DATASETS.forget()
    return dataset_of(f"folder:{root}", 32).key


def test_a_folder_is_known_by_name_with_its_classes(tmp_path: Path) -> None:
    item = DATASETS.get(f"folder:{photos(tmp_path, 'dog', 'cat')}")
    assert (2, ("cat", "dog"), 3, None, False) == (
        item.classes,
        item.class_names,
        item.channels,
        item.resolution,
        item.oriented,
    )


def test_a_table_is_known_by_name(tmp_path: Path) -> None:
    photos(tmp_path, "x", count=2)
    (tmp_path / "labels.csv").write_text("path,label\nx/0.png,cat\nx/1.png,dog\n")
    assert ("cat", "dog") == DATASETS.get(f"csv:{tmp_path / 'labels.csv'}").class_names


def test_a_path_has_one_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos(tmp_path, "cat", "dog"))
    assert f"folder:{tmp_path.resolve()}" == DATASETS.get("folder:.").name


def test_a_declared_name_is_spelled_as_it_is() -> None:
    assert "mnist5k" == spelled("mnist5k")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("foldr:photos", "unknown data set 'foldr:photos'; did you mean 'folder:photos'"),
        ("folder:", "a path is missing: write folder:PATH"),
    ],
)
def test_a_name_that_is_no_data_set_gets_the_nearest_one(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Datasets().get(name)


def test_a_folder_that_is_named_alone_is_told_its_form(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"are folder:{tmp_path}"):
        Datasets().get(str(tmp_path))


def test_another_process_need_not_look_at_the_files(tmp_path: Path) -> None:
    name = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}"
    state = DATASETS.get(name).state()
    handed = DATASETS.handed()
    shutil.rmtree(tmp_path / "photos")
    other = Datasets()
    other.receive(handed)
    assert (("cat", "dog"), state) == (other.get(name).class_names, other.get(name).state())


def test_another_process_reads_the_files_as_this_one_does(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    save(root / "cat" / "1.jpg")
    save(root / "dog" / "1.jpg")
    settle(DataPlace(tmp_path, reading=Reading(types=(".jpg",))))
    DATASETS.get(f"folder:{root}")
    handed = json.loads(json.dumps(DATASETS.handed()))
    settle(None)
    other = Datasets()
    other.receive(handed)
    found = other.get(f"folder:{root}").load()
    assert isinstance(found, ImageFiles)
    assert ["1.jpg", "1.jpg"] == [path.name for path in found.paths]


def test_images_of_chosen_types_are_another_data_set(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    for name in ("cat", "dog"):
        save(root / name / "1.jpg")
    whole = key(root)
    settle(DataPlace(tmp_path, reading=Reading(types=(".jpg",))))
    assert whole != key(root)


def test_what_is_not_used_makes_no_other_data_set(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    before = key(root)
    (root / "cat" / "notes.txt").write_text("")
    assert before == key(root)


def test_a_link_that_is_followed_is_known_by_the_content_of_its_target(tmp_path: Path) -> None:
    pool = photos(tmp_path / "pool", "cat", "dog")
    root = tmp_path / "photos"
    root.mkdir()
    for name in ("cat", "dog"):
        (root / name).symlink_to(pool / name)
    settle(DataPlace(tmp_path, reading=Reading(follow_links=True)))
    before = key(root)
    save(pool / "cat" / "0.png", seed=99)
    assert before != key(root)


def test_the_same_files_have_the_same_key(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog")
    assert key(root) == key(root)


def test_a_file_with_other_content_of_the_same_size_makes_another_key(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog")
    before = key(root)
    content = (root / "cat" / "0.png").read_bytes()
    (root / "cat" / "0.png").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert before != key(root)


@pytest.mark.parametrize("change", ["added", "removed", "moved"])
def test_a_file_that_comes_goes_or_moves_makes_another_key(tmp_path: Path, change: str) -> None:
    root = photos(tmp_path, "cat", "dog")
    before = key(root)
    if change == "added":
        save(root / "cat" / "9.png", seed=9)
    elif change == "removed":
        (root / "cat" / "0.png").unlink()
    else:
        (root / "cat" / "0.png").rename(root / "dog" / "9.png")
    assert before != key(root)


def test_a_file_that_has_not_changed_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = photos(tmp_path, "cat", "dog")
    for path in root.rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(file_digests, "_SETTLED_NS", -(10**12))  # the entries are new, whatever the files say
    before = key(root)
    monkeypatch.setattr("bench.data.digests.sha256_of", lambda *_: pytest.fail("it was read again"))
    assert before == key(root)


def test_what_was_read_is_known_to_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    monkeypatch.setattr(file_digests, "_SETTLED_NS", -(10**12))
    before = key(root)
    file_digests.remember(tmp_path / "digests.json")
    file_digests._known.clear()
    file_digests.recall(tmp_path / "digests.json")
    monkeypatch.setattr("bench.data.digests.sha256_of", lambda *_: pytest.fail("it was read again"))
    assert before == key(root)


def test_of_too_many_files_those_that_this_process_asked_for_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "_SETTLED_NS", -(10**12))
    monkeypatch.setattr(file_digests, "_MOST", 7)
    asked = photos(tmp_path / "asked", "cat", "dog")
    (tmp_path / "digests.json").write_text(
        json.dumps({f"/gone/{i}.png": [[1, 2, 3, 4], "1 abc"] for i in range(9)})
    )
    file_digests.recall(tmp_path / "digests.json")
    key(asked)
    file_digests.remember(tmp_path / "digests.json")
    expected = sorted(map(str, asked.rglob("*.png")))
    assert expected == sorted(json.loads((tmp_path / "digests.json").read_text()))


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": [[1], "x"]}'])
def test_a_damaged_memory_of_digests_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "digests.json").write_text(content)
    file_digests.recall(tmp_path / "digests.json")
    assert {} == file_digests._known


def test_leaving_bad_images_out_and_failing_over_them_make_different_artifacts(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    lenient = key(root)
    settle(DataPlace(tmp_path, "fail"))
    assert lenient != key(root)
