"""The command `evobench`: finds the verbs that are installed, runs one, turns faults into one line and a code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from typing import Any, TextIO

from bench.cli.options.study_file import with_study
from bench.cli.parser import Help, Parser, told_by_example
from bench.cli.verb import Verb, require_environment
from bench.declare.loading.guard import owned
from bench.errors import EvobenchError, Exit, UnknownName, UsageError
from bench.execute.interruption import heeded
from bench.files import unwritten
from bench.machine.memory_limit import require_memory
from bench.text.plain import MOST, in_brief, made_harmless
from bench.text.stdout import data_out, kept_for_data

_NAME = "evobench: "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    _steady_streams()
    with heeded() as interruptions, owned(), kept_for_data():
        try:
            require_memory()
            require_environment()
            verb, parsed = _parse(sys.argv[1:] if arguments is None else arguments)
            code = verb.run(parsed)
            data_out().flush()
            return code
        except SystemExit:  # of --help and the like
            raise
        except BaseException as error:  # noqa: BLE001 - raised again, unless it has a line of its own
            if not interruptions.came and not isinstance(error, KeyboardInterrupt):
                return _told(error)
            _say("interrupted")  # whatever became of it, such as an error of a terminal that was closed
            _drop(data_out())
            return Exit.INTERRUPTED


def _told(error: BaseException) -> int:
    """Say in one line what was wrong; returns the exit code. What nobody foresaw is raised again."""
    match error:
        case EvobenchError():
            _say(str(error))
            return error.exit_code
        case BrokenPipeError():  # the policy of all verbs: whoever read our output, such as head, has had enough
            _drop(data_out())
            _drop(sys.stderr)
            return Exit.OK
        case OSError():  # the machine's fault, such as a full disk behind stdout
            _drop(data_out())
            where = f": '{error.filename}'" if error.filename else ""
            more = "" if unwritten(error) is None else ": free some, then try again"
            _say(f"{error.strerror or error}{where}{more}")
            return Exit.USAGE
    raise error


def _steady_streams() -> None:
    """Make stdout and stderr fit for writing: there, and able to take every character in some form."""
    null = os.open(os.devnull, os.O_RDWR)
    while null <= 2:  # a stream that the caller closed: its number must not fall to a file of ours
        null = os.open(os.devnull, os.O_RDWR)
    os.close(null)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = made_harmless(sys.stdout), made_harmless(sys.stderr)


def _say(line: str) -> None:
    """Print one line on stderr, whatever text it was made from."""
    try:
        sys.stderr.write(f"{_NAME}{in_brief(line, MOST - len(_NAME))}\n")
        sys.stderr.flush()
    except OSError:  # nobody can be told; the exit code still tells
        _drop(sys.stderr)


def _drop(stream: TextIO) -> None:
    """Let go what the stream holds back, where it cannot be written: flushing it at the end would fail again."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parse(arguments: Sequence[str]) -> tuple[Verb, argparse.Namespace]:
    """The verb that is asked for and its options. Only that verb's code is loaded, unless help needs all."""
    points = {point.name: point for point in sorted(entry_points(group="evobench.verbs"))}
    if not points:
        raise UsageError("no verbs are installed: install evobench first (pip install -e .)")
    if not arguments:
        raise UsageError("name a verb, such as run or show (see evobench --help)")
    about, more = "Measures the architectures of image classification.", "evobench VERB --help ends with examples."
    parser = Parser(prog="evobench", description=about, epilog=more)
    parser.add_argument("--version", action="version", version=f"evobench {version('evobench')}")
    choices = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked = arguments[0] if arguments and not arguments[0].startswith("-") else None
    if asked is not None and asked not in points:
        raise UnknownName("verb", asked, points)
    loaded: dict[str, Verb] = {name: points[name].load() for name in ([asked] if asked else points)}
    parsers = {name: choices.add_parser(name, help=verb.about, **_help_of(verb)) for name, verb in loaded.items()}
    for name, verb in loaded.items():
        verb.configure(parsers[name])
        if verb.common:
            parsers[name].shorten(verb.common)
    parsed = parser.parse_args(arguments)
    return loaded[parsed.verb], with_study(parsers[parsed.verb], arguments[1:], parsed)


def _help_of(verb: Verb) -> dict[str, Any]:
    """Beginning and end of the parser's help."""
    return {
        "description": f"{verb.about[0].upper()}{verb.about[1:]}.",
        "epilog": told_by_example(verb.examples),
        "formatter_class": Help,
    }


if __name__ == "__main__":
    sys.exit(main())
