"""`evobench predict`: classify pictures with a network that was taken away."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.cli.verb import Verb, require_writable
from bench.errors import Exit, UsageError
from bench.files import replacing
from bench.learning.winner import running
from bench.learning.winner.script import SCRIPT


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `predict`."""
    parser.add_argument("pictures", type=Path, metavar="FOLDER", help="of the pictures, in it and beneath it")
    parser.add_argument(
        "model", type=Path, metavar="DIR", help="what evobench save-model wrote; its program is run"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="where to write (default: stdout)")


def run(arguments: argparse.Namespace) -> int:
    """Write path, label and confidence of each picture; 3 where one could not be read, 2 where there is none."""
    if not arguments.pictures.exists():
        raise UsageError(f"there is no folder '{arguments.pictures}'")
    if not (arguments.model / SCRIPT).is_file():
        raise UsageError(f"'{arguments.model}' has no {SCRIPT}: evobench save-model RUN DIR writes such a folder")
    if arguments.out is None:
        sys.stdout.flush()
        return _ended(_classify(arguments, None), arguments)
    require_writable(arguments.out)
    with replacing(arguments.out) as draft, draft.open("wb") as file:
        return _ended(_classify(arguments, file.fileno()), arguments)


def _classify(arguments: argparse.Namespace, out: int | None) -> int:
    """Run the folder's own program in a process of its own; returns its exit code."""
    command = [sys.executable, "-m", running.__name__, str(arguments.model / SCRIPT), str(arguments.pictures)]
    return subprocess.run(command, stdout=out, check=False).returncode


def _ended(code: int, arguments: argparse.Namespace) -> int:
    if code == Exit.USAGE:
        raise UsageError(f"there is no picture in or beneath '{arguments.pictures}'")
    if code not in (Exit.OK, Exit.INCOMPLETE):
        raise UsageError(f"'{arguments.model / SCRIPT}' failed: what it said stands above")
    return code


VERB = Verb("predict", "classify the pictures of a folder with a saved network, as CSV", configure, run)
