"""Markdown in which text is text, as a reader of GitHub's dialect renders it."""

from __future__ import annotations

import re

import pytest

from bench.text.markdown import coded, escaped, markdown

HOSTILE = [
    "<b>bold</b>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "[x][y]",
    "[x]: https://evil.example",
    "https://evil.example",
    "http://evil.example",
    "www.evil.example",
    "*emphasis* and __strong__",
    "_emphasis_",
    "`code`",
    "~~struck~~",
    "&lt;script&gt; &#60;",
    "a|b",
    "a\nb\r\n\n# heading",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "> quoted",
    "$x$",
    "back\\slash",
    "\x1b]0;title\x07",
    "{: .class}",
    "<!-- hidden -->",
]
_MARKUP = re.compile(
    r"<|>|(?<!\\)[`*|{}$~]|(?<!\\)\](?=[(\[:])|://|(?i:www)\.|&(?!#\d+;)"
    r"|(?<!\\)(?:\b_|_\b)|^(?:#|[-+] |\d+\. )|[\n\x1b]"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_part_of_a_text_is_markup(text: str) -> None:
    assert None is _MARKUP.search(escaped(text).replace("\\\\", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_read_is_the_text(text: str) -> None:
    written = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped(text).replace("\\\\", "\0"))
    read = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), written).replace("\0", "\\")
    assert " ".join(text.split()).replace("\x1b", r"\x1b").replace("\x07", r"\x07") == read


@pytest.mark.parametrize(
    "text",
    ["resnet18 (frozen)", "vit_simple:heads=6,patch_size=32", "0.912 [0.88, 0.93]", "-1.25 %", "R&D", "3 × 2"],
)
def test_what_is_no_markup_stays_readable(text: str) -> None:
    assert text == escaped(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_keeps_its_shape(text: str) -> None:
    heads, rule, row = markdown((text, "b"), [(text, 1.5)]).splitlines()
    assert [3, 3, 3] == [len(re.findall(r"(?<!\\)\|", line)) for line in (heads, rule, row)]


@pytest.mark.parametrize(("text", "written"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```")])
def test_code_ends_where_the_text_does(text: str, written: str) -> None:
    assert written == coded(text)
