"""Examples of the documentation: what a page has its reader write and run, and what it shows as the answer.

A block of Python with `title="mine.py"` is a file that the reader writes; the text of a second block of that name
stands below that of the first. In a block of the language `console` each line that begins with `$ ` is a command,
and the lines below it are its answer: `...` stands for any text. Figures that depend on the machine and the
moment are compared by their unit alone.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.rooms import ROOT

DOCS = ROOT / "docs"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
VARIES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}"), "RUN"),
    (re.compile(r" \(noisy\)"), ""),
    (re.compile(r"(?:under )?\b\d[\d.:]*( min \d+)? (?:ns|µs|ms|s|min|h)\b"), "TIME"),
    (re.compile(r"(?:under )?\b\d[\d.,]*(?= ?(?:kB|MB|GB|%|points?)(?!\w))"), "N"),
    (re.compile(r"[+−-]\d[\d.]*\b"), "N"),
    (re.compile(r"\[-?\d[\d.]*, -?\d[\d.]*\]"), "[N, N]"),
    (re.compile(r"^(?:this machine is busy: .*|warning: .*)\n", re.MULTILINE), ""),
    (re.compile(r"^There is no ONNX file: ONNX needs .*\n", re.MULTILINE), ""),
)
"""What is told otherwise on another machine or at another time, and what is compared in its place."""
_SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class File:
    """A file that a page has its reader write."""

    name: str
    text: str

    def write(self, folder: Path) -> None:
        """Write it, or below what it has already."""
        with (folder / self.name).open("a", encoding="utf-8") as file:
            file.write(self.text)


@dataclass(frozen=True)
class Command:
    """A command line of a page, and the answer that the page shows."""

    line: str
    shown: str


def steps(page: str) -> Iterator[File | Command]:
    """Yield what a page has its reader do, in its order."""
    for language, title, text in BLOCK.findall(page):
        if title:
            yield File(title, text)
        elif language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                found = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.DOTALL)
                assert found
                yield Command(found[1].replace("\\\n", " "), found[2])


def codes(page: str) -> list[str]:
    """The blocks of Python of a page."""
    return [text for language, _, text in BLOCK.findall(page) if language == "python"]


def commands(page: str) -> list[str]:
    """Command lines of evobench in the blocks of a page, whether they are run by tests or not."""
    page = page.replace("\\\n", " ")
    fenced = [text for language, _, text in BLOCK.findall(page) if language in ("sh", "bash", "console")]
    lines = [line.removeprefix("$ ") for text in fenced for line in text.splitlines()]
    lines += re.findall(r"^    (.*)", BLOCK.sub("", page), re.MULTILINE)
    return [line for line in lines if line.startswith("evobench ")]


def follow(page: Path, folder: Path) -> Iterator[tuple[Command, str]]:
    """Do in a folder what a page says; yields each command with what it printed."""
    environment = with_commands(folder.with_name(f"{folder.name}-programs"))
    for step in steps(page.read_text(encoding="utf-8")):
        if isinstance(step, File):
            step.write(folder)
        else:
            done = subprocess.run(
                ["bash", "-c", step.line],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
            )
            assert 0 == done.returncode, f"$ {step.line}\n{done.stdout}"
            yield step, done.stdout


def with_commands(folder: Path) -> dict[str, str]:
    """Environment in which `evobench` and `python` are those of these tests, and the terminal has 80 columns."""
    folder.mkdir()
    for name, module in (("evobench", "-m evobench"), ("python", "")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        program.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return os.environ | {"PATH": path, "COLUMNS": "80", "PYTHONUNBUFFERED": "1"}


def shows(shown: str, printed: str) -> bool:
    """Whether what a page shows is what a command printed, but for what varies."""
    return doctest.OutputChecker().check_output(compared(shown), compared(printed), _SAME)


def compared(text: str) -> str:
    """A text without what varies."""
    for pattern, instead in VARIES:
        text = pattern.sub(instead, text)
    return text
