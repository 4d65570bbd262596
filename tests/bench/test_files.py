"""Files are written whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bench.files import (
    create,
    draft_of,
    is_abandoned,
    is_full,
    is_led_elsewhere,
    is_of_this_user,
    replacing,
    require_own_way,
    unwritten,
)
from tests.bench.small_disk import SmallDisk

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs permissions and owners")


def test_a_draft_takes_the_place_of_the_former_file(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("former")
    with replacing(file) as draft:
        draft.write_text("new")
        assert "former" == file.read_text()
    assert "new" == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_an_error_leaves_the_former_file_and_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("former")
    with pytest.raises(ZeroDivisionError), replacing(file) as draft:
        draft.write_text("half")
        1 / 0  # noqa: B018 - the error is the point
    assert "former" == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_a_file_whose_name_is_as_long_as_the_disk_allows_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 251 + ".csv")
    with replacing(file) as draft:
        draft.write_text("new")
    assert [file] == list(tmp_path.iterdir())


def test_a_file_and_its_seal_have_drafts_of_their_own_however_long_their_names_are(tmp_path: Path) -> None:
    name = "n" * 100
    with replacing(tmp_path / name) as draft, replacing(tmp_path / f"{name}.json") as seal:
        assert draft != seal
        draft.write_text("content")
        seal.write_text("seal")


def test_nobody_can_foresee_the_name_of_a_draft(tmp_path: Path) -> None:
    assert 100 == len({draft_of(tmp_path / "page.html") for _ in range(100)})


@pytest.mark.parametrize("there", [True, False])
def test_a_draft_follows_no_link_that_another_put_in_its_place(tmp_path: Path, there: bool) -> None:
    victim = tmp_path / "victim"
    if there:
        victim.write_text("mine")
    draft = tmp_path / "draft"
    draft.symlink_to(victim)
    with pytest.raises(FileExistsError):
        create(draft, like=tmp_path / "page.html")
    assert ("mine" if there else None) == (victim.read_text() if victim.exists() else None)


def test_a_draft_that_was_exchanged_for_a_link_does_not_become_the_file(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    with pytest.raises(OSError, match="symbolic links"), replacing(tmp_path / "page.html") as draft:
        draft.unlink()
        draft.symlink_to(tmp_path / "victim")
    assert [tmp_path / "victim"] == list(tmp_path.iterdir())


@posix
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_permissions_that_the_user_gives_to_files(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        with replacing(tmp_path / "page.html") as draft:
            draft.write_text("new")
    finally:
        os.umask(before)
    assert mode == stat.S_IMODE((tmp_path / "page.html").stat().st_mode)


@posix
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.touch()
    file.chmod(0o640)
    with replacing(file) as draft:
        draft.write_text("new")
    assert 0o640 == stat.S_IMODE(file.stat().st_mode)


@posix
def test_a_link_of_this_user_and_a_device_are_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "page.html")
    assert [False] * 3 == [is_led_elsewhere(path) for path in (tmp_path / "link", tmp_path, Path("/dev/stdout"))]


@posix
def test_a_link_of_another_user_is_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    (tmp_path / "theirs").symlink_to(tmp_path / "mine")
    if os.geteuid():
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    else:  # what the system put there may be followed
        os.lchown(tmp_path / "theirs", 4711, -1)
    assert is_led_elsewhere(tmp_path / "link")


@posix
def test_a_folder_that_is_a_link_of_another_user_is_not_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    require_own_way(tmp_path / "link" / "page.html")
    true = Path.lstat
    theirs = lambda path: os.stat_result((*true(path)[:4], 4711, *true(path)[5:]))  # noqa: E731
    monkeypatch.setattr(Path, "lstat", theirs)
    with pytest.raises(OSError, match="a folder on the way is a link of another user"):
        require_own_way(tmp_path / "link" / "page.html")


def test_what_has_just_been_removed_is_of_no_user(tmp_path: Path) -> None:
    assert not is_of_this_user(tmp_path / "removed")


def test_links_that_lead_in_a_circle_are_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    assert is_led_elsewhere(tmp_path / "one")


def test_the_draft_of_a_writer_that_has_ended_is_abandoned(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", ""])
    writer.wait()
    draft = draft_of(tmp_path / "page.html")
    assert is_abandoned(draft.with_suffix(f".{writer.pid}"))


@pytest.mark.parametrize("name", [".page.html.{own}", ".page.html", ".unfinished-heads-1", "page.1"])
def test_a_draft_that_is_written_now_is_not_abandoned_nor_is_another_file(name: str, tmp_path: Path) -> None:
    assert not is_abandoned(tmp_path / name.format(own=os.getpid()))


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
COMPILER = RuntimeError("fatal error: error writing to /tmp/ccX.s: No space left on device")


class TestAFullDisk:
    """No space left, by whatever name a library calls that."""

    @pytest.mark.parametrize(
        "error", [FULL, RuntimeError("unexpected pos 576 vs 534"), OSError("10 requested and 2 written")], ids=str
    )
    def test_is_told_with_the_file_that_could_not_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        monkeypatch.setattr("bench.files.is_full", lambda folder: any(folder.glob(".weights.*")))
        with pytest.raises(OSError, match="No space left") as told, replacing(tmp_path / "weights") as draft:
            draft.touch()
            raise error
        assert (errno.ENOSPC, str(tmp_path / "weights")) == (told.value.errno, told.value.filename)
        assert [] == list(tmp_path.iterdir())

    def test_is_not_told_of_where_there_is_room(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match=r"^shapes$"), replacing(tmp_path / "weights"):
            raise RuntimeError("shapes")

    def test_keeps_the_name_of_the_file_that_was_written(self, tmp_path: Path) -> None:
        with (
            pytest.raises(OSError, match="No space left") as told,
            replacing(tmp_path / "seal"),
            replacing(tmp_path / "weights"),
        ):
            raise FULL
        assert str(tmp_path / "weights") == told.value.filename

    def test_is_seen_from_within_other_errors(self) -> None:
        wrapped = ValueError("cannot save")
        wrapped.__cause__ = OSError(errno.EDQUOT, "Disk quota exceeded", "/data/weights")
        assert ("/data/weights", "", None) == (unwritten(wrapped), unwritten(COMPILER), unwritten(ValueError("x")))

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
    def test_is_found_out_by_writing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not is_full(tmp_path)
        monkeypatch.setattr("tempfile.TemporaryFile", lambda dir: open("/dev/full", "wb"))  # noqa: SIM115, PTH123
        assert is_full(tmp_path)

    def test_leaves_no_trace_of_looking(self, small_disk: SmallDisk) -> None:
        small_disk.fill(spare=100_000)
        before = list(small_disk.folder.iterdir())
        assert (True, before) == (is_full(small_disk.folder), list(small_disk.folder.iterdir()))

    def test_under_weights_of_torch_is_one(self, small_disk: SmallDisk) -> None:
        import torch

        small_disk.fill(spare=100_000)
        with pytest.raises(OSError, match="No space left"), replacing(small_disk.folder / "weights") as draft:
            torch.save(torch.zeros(1 << 20), draft)
