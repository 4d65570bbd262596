"""Places in code (`file:line`) of a declaration, and of an error in it."""

from __future__ import annotations

import inspect
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.errors import EvobenchError, UsageError, words_of

_ENGINE = Path(__file__).parents[1]
_WRONG_CALL = re.compile(r"\(\) (takes|missing|got) ")
"""Part of the message of an error that is raised by calling the function, not by a line in it."""


class Misdeclared(TypeError):
    """A declared function returned something of the wrong kind; the message says where it is declared."""


def plain_function(function: Callable[..., Any]) -> Any:
    """The function itself, without wrappers and bound arguments."""
    while (inner := function.func if isinstance(function, partial) else inspect.unwrap(function)) is not function:
        function = inner
    return function


def place_of(function: Callable[..., Any]) -> str:
    """`file:line` of a function, for messages."""
    code = plain_function(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def short_place(place: str) -> str:
    """Place as `file:line` without the folder, the form in reasons of records."""
    file, _, line = place.rpartition(":")
    return f"{Path(file).name}:{line}"


def whose(function: Callable[..., Any]) -> str:
    """A declared function with its place, as text for a message."""
    return f"`{plain_function(function).__name__}` ({short_place(place_of(function))})"


def place_in(error: BaseException, declared: str = "") -> str:
    """Place (`file:line`) at which an error is best looked for; empty where its message already says so.

    Args:
        error: error that was caught.
        declared: place of the declaration that was at work, if there was one.

    Returns:
        The deepest line of whoever wrote the declaration or of ours. Where a library raised the error and ours
        called it (as where all of a model is the library's), or where what is declared takes other arguments,
        the declaration.
    """
    if isinstance(error, Misdeclared):
        return ""
    frames = _frames(error)
    home = library_of(declared.rpartition(":")[0])
    ours = [f for f in frames if library_of(f.filename) in ("", home) or _is_engine(f.filename)]
    if not ours:
        return declared or (f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "")
    deepest = ours[-1]
    beneath = deepest is not frames[-1] or (isinstance(error, TypeError) and _WRONG_CALL.search(words_of(error)))
    if declared and beneath and _is_engine(deepest.filename):
        return declared
    return f"{deepest.filename}:{deepest.lineno}"


@contextmanager
def foreign(what: str, place: str) -> Iterator[None]:
    """Context for code of a user's declaration: whatever it raises becomes one line that names the declaration.

    Args:
        what: `suite 'mine'`, say.
        place: `file:line` of the declaration.

    Raises:
        UsageError: the code failed, or asked for the end of the process.
    """
    try:
        yield
    except (EvobenchError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise UsageError(f"{what} failed at {place_in(error, place)}: {words_of(error)}") from error


def place_of_import(error: BaseException) -> str:
    """Place (`file:line`) in a catalogue at which its import failed; empty where none was reached."""
    frames = [f for f in _frames(error) if "importlib" not in f.filename]
    theirs = [f for f in frames if not _is_engine(f.filename)]
    outside = [f for f in theirs if not library_of(f.filename)]  # of an installed catalogue the first line must do
    chosen = outside[-1:] or theirs[:1] or frames[-1:]
    return f"{chosen[0].filename}:{chosen[0].lineno}" if chosen else ""


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<")]


def _is_engine(file: str) -> bool:
    return _ENGINE in Path(file).parents


def library_of(file: str) -> str:
    """Part of the interpreter or of the installed packages that a file belongs to; empty where to neither."""
    for folder in _libraries():
        if file.startswith(folder):
            return folder + file[len(folder) :].partition("/")[0]
    return ""


@cache
def _libraries() -> tuple[str, ...]:
    found = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")}
    # a user's own, and those of the system that a virtual environment sees
    found |= {folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")}
    return tuple(sorted((f"{folder}/" for folder in found), key=len, reverse=True))  # the deepest first
