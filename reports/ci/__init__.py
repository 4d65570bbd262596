"""Results of a gate as CI systems read them: one decorated function per form, in any module of this package.

Importing it is light: pandas comes with the results.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.compare.judgement import Judgement
from bench.declare.loading.discovery import import_all
from bench.declare.registry import Registry, one_line, place_of

Build = Callable[[Judgement], str]


@dataclass(frozen=True)
class Form:
    """A declared form of output."""

    name: str
    about: str
    """One sentence, from the docstring."""
    build: Build
    """Returns the text of the file."""
    appends: bool = False
    """Whether it is added to the end of an existing file, instead of replacing it."""


FORMS: Registry[Form] = Registry("form")


def form(*, appends: bool = False) -> Callable[[Build], Build]:
    """Declare a form under its function's name, with hyphens for underscores."""

    def declare(build: Build) -> Build:
        name = build.__name__.replace("_", "-")
        FORMS.add(name, Form(name, one_line(build), build, appends), place_of(build))
        return build

    return declare


def load_forms() -> Registry[Form]:
    """Import every module of this package; returns what they declare."""
    import_all(__name__)
    return FORMS
