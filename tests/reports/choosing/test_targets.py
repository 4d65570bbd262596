"""The words in which a target is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.errors import NotComparable, UnknownName, UsageError
from reports.candidates.accuracies import trained
from reports.candidates.figures import Kind
from reports.choosing.targets import kinds_on
from tests.reports.trainings import learned


def _kind(whole: str, target: str = "", words: tuple[str, ...] = ("5 shots", "own test split")) -> Kind:
    return Kind(target or whole, "", target=target or whole, whole=whole, words=words)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The user's own images, and one of the folders above them as the working directory."""
    (tmp_path / "mine" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    return _kind(f"folder:{tmp_path.resolve()}/mine/photos", "folder:photos")


@pytest.mark.parametrize(
    "text",
    [
        "folder:photos",
        "folder:photos/",
        "folder:./photos",
        "folder:../mine/photos",
        "folder:~/mine/photos",
        "folder:photos, 5 shots",
        "folder:photos, own test split",
        "folder:photos, 5 shots, own test split",
        "folder:~/mine/photos/, 5 shots",
    ],
)
def test_a_folder_is_spelled_as_for_a_run_with_or_without_its_task(photos: Kind, text: str) -> None:
    assert [photos] == kinds_on([photos, _kind("digits8")], text)


@pytest.mark.parametrize("text", ["folder:photos", "folder:mine/photos/"])
def test_from_elsewhere_the_end_of_a_path_is_enough(
    photos: Kind, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert [photos] == kinds_on([photos], text)


def test_another_folder_of_the_same_name_is_another_target(
    photos: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(NotComparable, match=f"on 'folder:.*/elsewhere/photos'; it has '{photos.whole}'"):
        kinds_on([photos], "folder:photos")


def test_an_end_that_several_targets_have_is_refused_with_their_names(photos: Kind) -> None:
    others = [_kind("folder:/a/set", "folder:a/set"), _kind("folder:/b/set", "folder:b/set")]
    with pytest.raises(UsageError, match="end in 'folder:set': name 'folder:a/set' or 'folder:b/set'"):
        kinds_on([photos, *others], "folder:set")


def test_all_tasks_of_a_target_are_found_by_its_name_and_one_by_its_words() -> None:
    few, many = (_kind("digits8", words=(word, "own test split")) for word in ("5 shots", "20 shots"))
    assert [few, many] == kinds_on([few, many], "digits8")
    assert [many] == kinds_on([few, many], "digits8, 20 shots")


@pytest.mark.parametrize(
    ("text", "near"), [("folder:phtos", "photos"), ("photos", "photos"), ("digts8", "digits8")]
)
def test_a_misspelt_target_is_wrong_use_and_the_nearest_is_offered(photos: Kind, text: str, near: str) -> None:
    with pytest.raises(UnknownName, match=f"did you mean '.*{near}'"):
        kinds_on([photos, _kind("digits8")], text)


@pytest.mark.parametrize("text", ["cifar100", "folder:photo", "textures"])
def test_data_that_are_there_and_were_not_learned_are_not_misspelt(photos: Kind, text: str) -> None:
    Path("photo").mkdir()
    with pytest.raises(NotComparable, match="it has "):
        kinds_on([photos, _kind("cifar10")], text)


def test_a_path_that_is_missing_is_wrong_use(photos: Kind) -> None:
    with pytest.raises(UsageError, match="write folder:PATH"):
        kinds_on([photos], "folder:")


@pytest.mark.parametrize("sort", ["folder", "csv", "list"])
def test_a_run_keeps_the_whole_path_beside_the_short_name(tmp_path: Path, sort: str) -> None:
    frames = learned(tmp_path / "s.sqlite", [{"target": f"{sort}:/some{os.sep}where/photos", "right": 50}])
    (found,) = trained(frames)
    assert (f"{sort}:photos", f"{sort}:/some/where/photos") == (found.kind.target, found.kind.whole)
