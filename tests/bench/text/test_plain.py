"""Text that a terminal shows and does not obey."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import cast

import pytest
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bench.cli.layout import FittedTable, TextColumn
from bench.cli.verb import Terminal
from bench.text.plain import MOST, harmless, in_brief, made_harmless

HOSTILE = {
    "title": "\x1b]0;PWN\x07",
    "clipboard": "\x1b]52;c;ZWNobw==\x07",
    "colour": "\x1b[31m",
    "C1": "\x9b31m",
    "backspace": "a\b\b",
    "carriage return": "fine\rREGRESSION",
    "delete": "\x7f",
    "turned round": "\u202egnp.exe\u202c",
    "isolated": "\u2066x\u2069",
    "hidden": "a\u200bb\ufeff\u00ad",
    "line separator": "a\u2028b",
    "half a character": "\udc1b",
}


def obeyed(text: str) -> set[str]:
    """Characters of it that a terminal would obey or not show."""
    return {
        letter for letter in text if letter not in "\n\t" and not (letter.isprintable() or letter.isspace())
    } | {letter for letter in text if letter in "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_terminal_obeys_becomes_visible(name: str) -> None:
    told = harmless(HOSTILE[name])
    assert (set(), True) == (obeyed(told), "\\" in told)


@pytest.mark.parametrize("text", ["größe", "猫", "🐈", "a\tb\nc", "±3 µs × 2", "0\u00a0ms", ""])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert text == harmless(text)


def test_a_long_text_loses_its_middle() -> None:
    told = in_brief("begin " + "x" * 10_000_000 + " end")
    assert (MOST, True, True) == (len(told), told.startswith("begin x"), told.endswith("x end"))


def test_a_short_text_is_told_whole_on_one_line() -> None:
    assert r"a b\x1b" == in_brief("a\n\n b\x1b")


def test_a_stream_writes_nothing_that_is_obeyed() -> None:
    out = io.StringIO()
    stream = made_harmless(out)
    stream.write("".join(HOSTILE.values()))
    stream.writelines(HOSTILE.values())
    assert set() == obeyed(out.getvalue())


def test_whoever_closes_the_commands_stream_is_not_the_last_to_write_to_it() -> None:
    out = io.StringIO()
    stream = made_harmless(out)
    stream.close()
    stream.write("told")
    assert "told" == out.getvalue()


def test_a_stream_is_made_harmless_once() -> None:
    stream = made_harmless(io.StringIO())
    assert stream is made_harmless(stream)


def shown(*renderables: object, tty: bool = True) -> str:
    """What a terminal of 100 columns gets of them, where the streams are as the command line has them."""
    out = io.StringIO()
    with redirect_stdout(made_harmless(out)):
        Terminal(force_terminal=tty, width=100, color_system="truecolor" if tty else None, highlight=False).print(
            *renderables
        )
    return out.getvalue()


def table(text: str) -> FittedTable:
    return FittedTable((TextColumn("name", (text, "b")), TextColumn("other", ("1", "2"), number=True)), title=text)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", [str, Text, table], ids=["text", "styled", "table"])
def test_a_console_without_colours_writes_nothing_that_is_obeyed(name: str, form: type) -> None:
    assert set() == obeyed(shown(form(HOSTILE[name]), tty=False))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_console_with_colours_writes_no_others(name: str) -> None:
    grid = Table(HOSTILE[name])
    grid.add_row(HOSTILE[name])
    told = shown(Text(HOSTILE[name], style="bold"), Text("link", style="link https://evil.example"), grid)
    for own in ("\x1b[1m", "\x1b[0m"):
        told = told.replace(own, "")
    assert set() == obeyed(told)


def test_its_own_colours_are_obeyed() -> None:
    assert "\x1b[1mbold\x1b[0m\n" == shown(Text("bold", style="bold"))


def test_a_table_has_room_for_what_is_written() -> None:
    first, *_ = shown(table("\x1b]0;x"), tty=False).splitlines()[2:]
    assert r"\x1b]0;x      1" == first


def test_what_is_written_beside_a_moving_display_is_not_obeyed() -> None:
    out = io.StringIO()
    with redirect_stderr(made_harmless(out)):
        console = Terminal(stderr=True, force_terminal=True, width=80)
        with Live(Text("moving"), console=console, auto_refresh=False):
            cast("io.StringIO", sys.stderr).write(
                "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\\x1b]0;x\x07\n"
            )
        told = out.getvalue()
    assert (True, False, False) == ("here" in told, "\x1b]" in told, "\x07" in told)
