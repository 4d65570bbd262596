"""What lies in a folder of images beside images, and where its links lead."""

from pathlib import Path

import pytest

from bench.data.folders import scan_folder
from bench.data.reading import PLAIN, Reading
from bench.errors import UsageError
from tests.bench.picturing import photos, save

FOLLOW = Reading(follow_links=True)


def refusal(root: Path, reading: Reading = PLAIN) -> str:
    with pytest.raises(UsageError) as caught:
        scan_folder(root, reading)
    return str(caught.value)


def left_out(root: Path, reading: Reading = PLAIN) -> set[str]:
    return {str(part) for part in scan_folder(root, reading).left_out}


def test_files_that_are_not_images_are_left_out_and_counted_by_suffix(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    for name in ("cat/notes.txt", "dog/notes.txt", "dog/README", "cat/drawing.svg"):
        (tmp_path / name).write_text("")
    told = "1 without suffix (images are told by their suffix)"
    expected = {"2 .txt (not an image)", told, "1 .svg (not an image)"}
    assert (2, expected) == (len(scan_folder(tmp_path).paths), left_out(tmp_path))


def test_files_beside_the_folders_of_classes_are_left_out_and_counted(tmp_path: Path) -> None:
    photos(tmp_path / "train", "cat", "dog", count=1)
    save(tmp_path / "loose.png")
    save(tmp_path / "train" / "loose.png")
    assert {"2 .png (beside the folders of classes)"} == left_out(tmp_path)


@pytest.mark.parametrize(
    "junk", ["__MACOSX", "@eaDir", "#recycle", "@Recycle", "$RECYCLE.BIN", "lost+found", ".ipynb_checkpoints"]
)
def test_folders_that_other_programs_leave_are_no_classes_at_any_depth(tmp_path: Path, junk: str) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    for where in (junk, f"cat/{junk}", f"dog/2024/{junk}/1.png"):
        save(tmp_path / where / "thumb.png")
    why = "hidden" if junk.startswith(".") else "left by other programs"
    assert (("cat", "dog"), 2) == (scan_folder(tmp_path).names, len(scan_folder(tmp_path).paths))
    assert {f"3 in {junk} ({why})"} == left_out(tmp_path)


def test_files_that_other_programs_leave_are_counted_by_name(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "cat/._0.png", "cat/._1.png", "dog/Thumbs.db"):
        (tmp_path / name).write_text("")
    expected = {
        "1 .DS_Store (left by other programs)",
        "1 desktop.ini (left by other programs)",
        "2 Thumbs.db (left by other programs)",
        "2 ._* (hidden)",
    }
    assert (2, expected) == (len(scan_folder(tmp_path).paths), left_out(tmp_path))


def test_thumbnails_of_a_network_drive_are_not_images_of_the_class(tmp_path: Path) -> None:
    for i in range(10):
        for name in ("cat", "dog"):
            save(tmp_path / name / f"{i}.png", seed=i)
            save(tmp_path / name / "@eaDir" / f"{i}.png" / "SYNOPHOTO_THUMB_M.png", seed=i)
    assert (20, {"20 in @eaDir (left by other programs)"}) == (
        len(scan_folder(tmp_path).paths),
        left_out(tmp_path),
    )


def test_what_chosen_types_exclude_is_left_out_and_counted(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    for name in ("cat/1.jpg", "dog/1.jpg"):
        save(tmp_path / name)
    found = scan_folder(tmp_path, Reading(types=(".jpg",)))
    assert (["1.jpg", "1.jpg"], ["2 .png (not among --image-types)"]) == (
        [path.name for path in found.paths],
        [str(part) for part in found.left_out],
    )


def test_a_link_to_an_image_in_the_folder_is_an_image(tmp_path: Path) -> None:
    photos(tmp_path, "cat", "dog", count=1)
    (tmp_path / "cat" / "same.png").symlink_to(tmp_path / "cat" / "0.png")
    assert 3 == len(scan_folder(tmp_path).paths)


def test_a_link_that_leads_out_of_the_folder_is_a_bad_image(tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.png")
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "cat" / "1.png").symlink_to(outside)
    expected = "cat/1.png is a link that leads out of the folder (--follow-links follows it)"
    assert (expected,) == scan_folder(root).refused


def test_a_class_whose_images_all_lead_out_of_the_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.png")
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "cow").mkdir()
    (root / "cow" / "1.png").symlink_to(outside)
    line = "cow/1.png is a link that leads out of the folder (--follow-links follows it)"
    assert f"all images of class 'cow' are bad: {line}" == refusal(root)


def test_links_to_images_and_classes_outside_are_followed_where_that_is_allowed(tmp_path: Path) -> None:
    pool = photos(tmp_path / "pool", "cow", "pig", count=2)
    root = photos(tmp_path / "photos", "cat", count=1)
    (root / "cow").symlink_to(pool / "cow")
    (root / "cat" / "pig.png").symlink_to(pool / "pig" / "0.png")
    found = scan_folder(root, FOLLOW)
    expected = [root / "cat/0.png", root / "cat/pig.png", root / "cow/0.png", root / "cow/1.png"]
    assert (expected, ()) == (list(found.paths), found.refused)


@pytest.mark.parametrize("target", [".", "..", "../..", "2024"])
def test_links_are_not_followed_in_circles_even_where_they_may_lead_out(tmp_path: Path, target: str) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    save(root / "cat" / "2024" / "may.png")
    (root / "cat" / "loop").symlink_to(root / "cat" / target)
    found = scan_folder(root, FOLLOW)
    assert (3, ("cat/loop is a folder that is read already",)) == (len(found.paths), found.refused)


def test_a_folder_that_two_links_lead_to_is_read_once(tmp_path: Path) -> None:
    pool = photos(tmp_path / "pool", "cow", count=2)
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    for name in ("first", "second"):
        (root / "cat" / name).symlink_to(pool / "cow")
    found = scan_folder(root, FOLLOW)
    assert (4, ("cat/second is a folder that is read already",)) == (len(found.paths), found.refused)


def test_a_class_that_is_a_link_to_nowhere_is_said(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog")
    (root / "cow").symlink_to(tmp_path / "gone")
    assert ("cow is a link that leads nowhere",) == scan_folder(root).notes


def test_a_link_that_leads_nowhere_is_a_bad_image(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    (root / "cat" / "1.png").symlink_to(root / "gone.png")
    assert ("cat/1.png is a link that leads nowhere",) == scan_folder(root).refused


def test_a_link_to_a_folder_is_not_followed_in_circles(tmp_path: Path) -> None:
    root = photos(tmp_path, "cat", "dog", count=1)
    (root / "cat" / "again").symlink_to(root)
    expected = "cat/again is a link to a folder, which is not followed (--follow-links follows it)"
    assert (expected,) == scan_folder(root).refused


def test_a_class_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = photos(tmp_path / "outside", "cow")
    root = photos(tmp_path / "photos", "cat", "dog")
    (root / "cow").symlink_to(outside / "cow")
    expected = f"'{root / 'cow'}' is a link that leads out of the folder (--follow-links follows it)"
    assert expected == refusal(root)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("bench.data.walk.os.scandir", forbidden)  # the permissions of files do not bind root
    assert f"the folder '{tmp_path}' cannot be read: Permission denied" == refusal(tmp_path)
