"""`evobench predict`: classify pictures with a network that was taken away."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from bench.cli.verb import Verb, require_writable
from bench.errors import Exit, UsageError
from bench.execute.local.process import BY_THE_DOOR, environment_of_server
from bench.files import replace
from bench.learning.winner import running
from bench.learning.winner.script import SCRIPT
from bench.text.stdout import data_out, led_to_data


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `predict`."""
    parser.add_argument("pictures", type=Path, metavar="FOLDER", help="of the pictures, in it and beneath it")
    parser.add_argument(
        "model", type=Path, metavar="DIR", help="what evobench save-model wrote; its program is run"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="where to write (default: stdout)")


def run(arguments: argparse.Namespace) -> int:
    """Write path, label and confidence of each picture; 3 where one could not be read, 2 where there is none.

    Raises:
        BrokenPipeError: whoever read them has had enough.
    """
    if not arguments.pictures.exists():
        raise UsageError(f"there is no folder '{arguments.pictures}'")
    if not (arguments.model / SCRIPT).is_file():
        raise UsageError(f"'{arguments.model}' has no {SCRIPT}: evobench save-model RUN DIR writes such a folder")
    if arguments.out is not None:
        require_writable(arguments.out)
    data_out().flush()
    program = (*BY_THE_DOOR, running.__file__, str(arguments.model / SCRIPT), str(arguments.pictures))
    # as many pictures as there are, and Ctrl-C reaches the program itself: it has no limit
    done = subprocess.run(
        [sys.executable, *program],
        stdout=subprocess.PIPE if arguments.out else data_out(),
        env=environment_of_server(sys.path, forks=False),
        check=False,
    )
    if sys.platform != "win32" and done.returncode == -signal.SIGPIPE:
        raise BrokenPipeError  # the program wrote to the very pipe that this verb was given
    if done.returncode not in (Exit.OK, Exit.INCOMPLETE, Exit.USAGE):
        raise UsageError(f"'{arguments.model / SCRIPT}' failed: what it said stands above")
    if arguments.out is not None and done.returncode != Exit.USAGE:
        replace(led_to_data(arguments.out), done.stdout)
    return done.returncode


VERB = Verb(
    "predict",
    "classify the pictures of a folder with a saved network, as CSV",
    configure,
    run,
    ("predict photos DIR", "predict photos DIR --out answers.csv"),
)
