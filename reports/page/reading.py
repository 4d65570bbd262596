"""Help for reading the page: terms that captions explain when asked, and notes on methods that they link."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

_SOURCE = Path(__file__).with_name("reading.toml")
_APART = re.compile(r"(<(?:a|code|button)\b.*?</(?:a|code|button)>|<[^>]*>)", re.DOTALL)
"""Parts that are not text of a caption, or already stand there for something else."""
_CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Term:
    """A word that the page explains."""

    name: str
    meaning: str
    forms: tuple[str, ...]
    """Forms of the term in captions."""

    @property
    def key(self) -> str:
        """The end of the ids of what explains it."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def told(self) -> Markup:
        """Meaning as HTML."""
        return with_code(self.meaning)


@dataclass(frozen=True)
class Note:
    """A method, told once."""

    key: str
    title: str
    text: str
    of: frozenset[str]
    """The charts and tables whose captions link it."""

    @property
    def told(self) -> Markup:
        """Text as HTML."""
        return with_code(self.text)


@cache
def templates() -> Environment:
    """The templates of the page; everything that is put into them is escaped."""
    loader = FileSystemLoader(Path(__file__).parent)
    found = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["terms"] = explained
    found.globals["notes_of"] = notes_of
    return found


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in alphabetical order."""
    found = (
        Term(item["name"], item["meaning"], tuple(item.get("forms", [item["name"]]))) for item in _read()["term"]
    )
    return tuple(sorted(found, key=lambda term: term.name.lower()))


@cache
def notes() -> tuple[Note, ...]:
    """All notes, in their order."""
    return tuple(Note(item["key"], item["title"], item["text"], frozenset(item["of"])) for item in _read()["note"])


def notes_of(name: str) -> list[Note]:
    """The notes that the caption of a chart or a table links."""
    return [note for note in notes() if name in note.of]


@pass_context
def explained(context: Context, text: str) -> Markup:
    """The filter `terms` of templates: a caption whose terms that its section has not had yet are marked."""
    seen: set[str] = context["page"].explained
    return marked(text, seen)


def marked(text: str, seen: set[str]) -> Markup:
    """A caption in which terms are buttons that open their meaning.

    Args:
        text: a plain text, or HTML (`Markup`) whose links and code are left as they are.
        seen: keys of terms that are marked already; those that are marked now are added.
    """
    parts = _APART.split(str(escape(text)))
    # every second part is markup
    return Markup("".join(part if i % 2 else _marked(part, seen) for i, part in enumerate(parts)))


def _marked(text: str, seen: set[str]) -> str:
    def button(found: re.Match[str]) -> str:
        key = _keys()[found["word"].lower()]
        if key in seen:
            return found[0]
        seen.add(key)
        made = f'<button type="button" class="term" popovertarget="term-{key}">{found["word"]}</button>'
        around = found["before"] + made + found["after"]
        return f'<span class="held">{around}</span>' if found["before"] or found["after"] else made

    return _pattern().sub(button, text)


@cache
def _keys() -> dict[str, str]:
    return {form.lower(): term.key for term in terms() for form in term.forms}


@cache
def _pattern() -> re.Pattern[str]:
    """Pattern of all forms as whole words, the longest first, with the marks that belong on their line."""
    forms = sorted(_keys(), key=len, reverse=True)
    words = "|".join(map(re.escape, forms))
    return re.compile(rf"(?P<before>\(?)(?<![\w&#-])(?P<word>{words})(?![\w-])(?P<after>[).,;:]*)", re.IGNORECASE)


def with_code(text: str) -> Markup:
    """A plain text whose `words` are code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


@cache
def _read() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_SOURCE.read_text(encoding="utf-8"))
