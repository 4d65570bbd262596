"""A fault of evobench's own is told in one line, with its details in a file, and never ends as a verdict."""

import asyncio
import re
import stat
from pathlib import Path

import pytest

from bench.errors import Exit
from evobench import __main__ as entry
from evobench import fault


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


class _Silent(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class _Leaving(Exception):
    def __str__(self) -> str:
        raise SystemExit(1)


class _Own(BaseException):
    """Neither an `Exception` nor an interruption."""


ERRORS = (
    ValueError("what nobody foresaw"),
    MemoryError(),
    RecursionError("too deep"),
    GeneratorExit(),
    asyncio.CancelledError(),
    _Own("a panic"),
    _Silent(),
    _Leaving(),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_ends_with_70_and_one_line(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> int:
        raise error

    monkeypatch.setattr("bench.cli.main.main", fails)
    assert Exit.FAULT == entry.main()
    said = capsys.readouterr()
    assert "" == said.out
    assert re.fullmatch(r"evobench: this is a fault of evobench: .+ \(details in .+: .+\)\n", said.err)


def test_the_code_is_that_of_the_table() -> None:
    assert Exit.FAULT == fault.FAULT


def test_the_file_that_is_named_has_the_traceback_and_is_readable_by_its_owner_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        raise ValueError("what nobody foresaw")
    except ValueError as error:
        fault.tell(error)
    found = re.search(r"details in (.+?): ", capsys.readouterr().err)
    assert found
    kept = Path(found[1])
    assert "ValueError: what nobody foresaw\n" in kept.read_text()
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)


def test_control_characters_and_length_of_an_errors_words_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fault.tell(ValueError("\x1b]0;title\x07" + "x" * 10_000))
    said = capsys.readouterr().err
    assert said.removesuffix("\n").isprintable()
    assert len(said) < 400


def test_where_no_file_can_be_written_the_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    assert 70 == fault.tell(ValueError("what nobody foresaw"))
    assert (
        "evobench: this is a fault of evobench: ValueError: what nobody foresaw"
        " (its details could not be written: FileNotFoundError)\n"
    ) == capsys.readouterr().err
