"""The command `evobench`: finds the verbs that are installed, runs one, turns faults into one line and a code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from typing import NoReturn

from bench.errors import EvobenchError, Exit, UnknownName, UsageError
from bench.verb import Verb


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        verb, parsed = _parse(sys.argv[1:] if arguments is None else arguments)
        code = verb.run(parsed)
        sys.stdout.flush()
        return code
    except EvobenchError as error:
        sys.stderr.write(f"evobench: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("evobench: interrupted\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read our output, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK


def _parse(arguments: Sequence[str]) -> tuple[Verb, argparse.Namespace]:
    """The verb that is asked for and its options. Only that verb's code is loaded, unless help needs all."""
    points = {point.name: point for point in sorted(entry_points(group="evobench.verbs"))}
    if not points:
        raise UsageError("no verbs are installed: install evobench first (pip install -e .)")
    parser = _Parser(prog="evobench", description="Measures the architectures of image classification.")
    parser.add_argument("--version", action="version", version=f"evobench {version('evobench')}")
    choices = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked = arguments[0] if arguments and not arguments[0].startswith("-") else None
    if asked is not None and asked not in points:
        raise UnknownName("verb", asked, points)
    loaded: dict[str, Verb] = {name: points[name].load() for name in ([asked] if asked else points)}
    for verb in loaded.values():
        verb.configure(choices.add_parser(verb.name, help=verb.about, description=verb.about))
    parsed = parser.parse_args(arguments)
    return loaded[parsed.verb], parsed


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
