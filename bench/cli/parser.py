"""The parser of a verb: help that fits a terminal, short where there are many options, ended by examples."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import takewhile
from typing import Any, NoReturn

from bench.errors import UsageError
from bench.text.stdout import data_out

HELP_ALL = "--help-all"


class Help(argparse.HelpFormatter):
    """Help whose examples keep their lines."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        return "\n".join(line if line[:1] == " " else fill(line, width, indent) for line in text.split("\n"))


class Parser(argparse.ArgumentParser):
    """A parser whose faults are one line, and whose help may be short."""

    common: frozenset[str] = frozenset()
    """Options that `--help` shows, where there are too many; `--help-all` shows the others, too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.color = False  # which Python has from 3.14 on, and our streams would show as text

    def error(self, message: str) -> NoReturn:
        """Refuse a command line.

        Raises:
            UsageError: always; the message says what is wrong and where help is.
        """
        raise UsageError(f"{message} (see {self.prog} --help)")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse `--option=--`, of which argparse makes an empty list, and unknown options; parse the rest."""
        for word in args or ():
            option, _, value = word.partition("=")
            if option.startswith("-") and value == "--":
                self.error(f"argument {option}: '--' is not a value")
        own = takewhile(lambda word: word.startswith("-"), args or ()) if self._subparsers else args or ()
        self._require_known(own)  # what follows a verb is the verb's
        return super().parse_known_args(args, namespace)

    def _require_known(self, words: Iterable[str]) -> None:
        """Refuse an unknown option before anything is read: its value would be taken for another argument."""
        known = [option for option in self._option_string_actions if option.startswith("--")]
        for word in takewhile(lambda word: word != "--", words):
            option = word.partition("=")[0]
            # as argparse sees it: a word with a space is a value, and a beginning of an option is the option
            if option.startswith("--") and " " not in word and not any(one.startswith(option) for one in known):
                near = get_close_matches(option[2:], [one[2:] for one in known], n=1)
                hint = f"; did you mean '--{near[0]}'?" if near else ""
                self.error(f"unknown option '{option}'{hint}")

    def shorten(self, common: Collection[str]) -> None:
        """Have `--help` show these options alone, and `--help-all` all."""
        self.common = frozenset({"-h", HELP_ALL, *common})
        self.add_argument(HELP_ALL, action=_HelpAll, help="show all options, not only the common ones, and exit")

    def format_help(self) -> str:
        """The common options, where some are named, else all."""
        if not self.common:
            return super().format_help()
        rare = [item for item in self._actions if item.option_strings and not self.common & {*item.option_strings}]
        silent = [group for group in self._action_groups if all(item in rare for item in group._group_actions)]
        unseen: list[tuple[object, str, object]] = [(action, "help", argparse.SUPPRESS) for action in rare]
        unseen += [(group, name, None) for group in silent for name in ("title", "description")]
        with _changed(unseen):
            return super().format_help()

    def format_all(self) -> str:
        """Help text with all options."""
        return super().format_help()

    def _print_message(self, message: str, _: Any = None) -> None:
        """Print help and the version: they are data, and a fault of the stream is told of as any verb's."""
        data_out().write(message)
        data_out().flush()


class _HelpAll(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        # as of --help: no option of a verb, so that no study file may name it
        super().__init__(option_strings, "help", nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        assert isinstance(parser, Parser)
        parser._print_message(parser.format_all())
        parser.exit()


@contextmanager
def _changed(values: Sequence[tuple[object, str, object]]) -> Iterator[None]:
    """Other values of attributes, for a while."""
    known = [(owner, name, getattr(owner, name)) for owner, name, _ in values]
    try:
        for owner, name, value in values:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in known:
            setattr(owner, name, value)


def told_by_example(commands: Sequence[str]) -> str:
    """End of a verb's help: command lines as one types them; empty without any."""
    lines = (f"  evobench {command}" for command in commands)
    return "\n".join(["examples:" if len(commands) > 1 else "example:", *lines]) if commands else ""
