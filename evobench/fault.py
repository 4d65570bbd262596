"""A fault of evobench's own: one line for the user, and a file with the details for whoever mends it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

FAULT = 70
"""Exit code (EX_SOFTWARE of sysexits.h): Python's 1 would be a verdict."""
_MOST = 120
"""Characters of the error's own words that the line has room for."""


def tell(error: BaseException) -> int:
    """Say on stderr, in one line, that this is a fault of evobench and where its details are.

    Returns:
        The exit code of such a fault.
    """
    with suppress(OSError):  # nobody can be told; the exit code still tells
        sys.stderr.write(f"evobench: this is a fault of evobench: {_words(error)} ({_kept(error)})\n")
        sys.stderr.flush()
    return FAULT


def _words(error: BaseException) -> str:
    try:
        said = " ".join(str(error).split())
    except BaseException as further:  # noqa: BLE001 - the words of a foreign error are code of its own
        said = f"its words cannot be had: {type(further).__name__}"
    plain = "".join(letter if letter.isprintable() else "?" for letter in said)
    told = f"{type(error).__name__}: {plain}" if plain else type(error).__name__
    return told if len(told) <= _MOST else f"{told[: _MOST - 3]}..."


def _kept(error: BaseException) -> str:
    """Where the details are: a file of the user's own, under a name that nobody can foresee."""
    try:
        handle, name = tempfile.mkstemp(prefix="evobench-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_details(error))
    except (OSError, MemoryError, RecursionError) as further:
        return f"its details could not be written: {type(further).__name__}"
    return f"details in {name}: please report it with them"


def _details(error: BaseException) -> str:
    try:
        told = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001 - as above
        told = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + "\n"
    try:
        release = version("evobench")
    except PackageNotFoundError:
        release = "unknown"
    python = f"Python {platform.python_version()} on {platform.platform()}"
    return f"evobench {release}, {python}\ncommand: {sys.argv}\n\n{told}"
