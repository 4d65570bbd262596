"""Files from elsewhere: what has no end is refused at once, what is too large or too deep in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench import foreign
from tests.bench.hostile import each_without_end, pipe, sparse

DEEP = 5000
DIGITS = "9" * 5000


@each_without_end
def test_only_a_regular_file_is_opened(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(OSError, match="it is not a regular file") as raised:
        foreign.opened(make(tmp_path / "it"))
    assert str(tmp_path / "it") == raised.value.filename


def test_a_pipe_that_takes_the_place_of_a_file_between_two_looks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    seen = (tmp_path / "file").stat()
    monkeypatch.setattr("bench.foreign.os.stat", lambda _: seen)
    with pytest.raises(OSError, match="it is not a regular file"):
        foreign.opened(pipe(tmp_path / "it"))


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_what_cannot_be_a_name_is_not_a_file(name: str) -> None:
    with pytest.raises(OSError, match="no file can have this name"):
        foreign.opened(name)


def test_of_a_file_that_is_too_large_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it has more than 1,000 bytes, which none may have"):
        foreign.read_bytes(sparse(tmp_path / "it", 1 << 40), 1000)


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_a_file_of_the_largest_size_is_read_whole(tmp_path: Path, size: int) -> None:
    assert bytes(size) == foreign.read_bytes(sparse(tmp_path / "it", size), 1000)


def test_a_file_that_does_not_tell_its_size_is_read_whole() -> None:
    path = Path("/proc/self/mountinfo")
    if not path.is_file():
        pytest.skip("this system has no /proc")
    assert path.read_bytes() == foreign.read_bytes(path, foreign.TEXT)


def test_a_text_loses_the_mark_of_its_encoding_and_the_ends_of_lines_of_other_systems(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n")
    assert "a\nb\nc\n" == foreign.read_text(tmp_path / "it")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * DEEP, "nested more than 100 levels deep"),
        ("a = " + "[" * 101 + "]" * 101, "nested more than 100 levels deep"),
        (".".join("a" * 100_000) + " = 1", "nested more than 100 levels deep"),
        ("[" + ' . "a b" . '.join("a" * DEEP) + "]", "nested more than 100 levels deep"),
        (f"a = {DIGITS}", "a number of more digits than any"),
        (f"a = [[0x{'f' * 5000}]]", "a number of more digits than any"),
        ("a = '\0'", "invalid character"),
        ("a = 1\na = 2", "overwrite"),
    ],
)
def test_a_hostile_text_in_toml_is_a_value_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        foreign.from_toml(text)


def test_a_text_may_have_a_hundred_levels() -> None:
    assert ["a"] == list(foreign.from_toml("a = " + "[" * 98 + "]" * 98))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested more than 100 levels deep"),
        ('{"a":' * 101 + "1" + "}" * 101, "nested more than 100 levels deep"),
        (DIGITS, "a number of more digits than any"),
        ("", "Expecting value"),
    ],
)
def test_a_hostile_text_in_json_is_a_value_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        foreign.from_json(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("0012", 12), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_whole_number(text: str, number: int) -> None:
    assert number == foreign.whole_number(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1_000", "\uff11", "\u00b2", "9" * 19, DIGITS, " 1"])
def test_other_texts_and_too_many_digits_are_not_a_whole_number(text: str) -> None:
    assert foreign.whole_number(text) is None


def test_a_path_of_a_home_that_nobody_has_and_links_in_a_circle_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert tmp_path / "loop" == foreign.whole_path(tmp_path / "loop")
    assert Path("~nobody-has-this/x") == foreign.expanded("~nobody-has-this/x")
