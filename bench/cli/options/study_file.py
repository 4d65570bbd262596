"""A study in a file: what is to be measured and how, in the words of the options of the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UnknownName, UsageError
from bench.foreign import expanded, from_toml, read_text


@dataclass(frozen=True)
class StudyFile:
    """A file of TOML with the words of options, without their dashes, and their values."""

    path: Path
    """The whole path."""
    text: str

    @property
    def words(self) -> Mapping[str, Any]:
        """Words of the study file by option.

        Raises:
            UsageError: the file is not TOML.
        """
        try:
            return from_toml(self.text)
        except ValueError as error:
            raise UsageError(f"it is not TOML: {error}") from error


def add_study_file(parser: argparse.ArgumentParser) -> None:
    """Add the file as an argument without a name."""
    parser.add_argument(
        "study",
        nargs="?",
        type=_read,
        metavar="STUDY.toml",
        help="a file that sets these options; options on the command line win over it",
    )


def with_study(
    parser: argparse.ArgumentParser, given: Sequence[str], parsed: argparse.Namespace
) -> argparse.Namespace:
    """Parsed options, with the study file's words for all that the command line leaves unsaid.

    The file is read by the very same options. Its paths are as seen from its own folder.

    Args:
        parser: the parser of the verb.
        given: the words of the command line behind the verb.
        parsed: the options as the parser has read them.

    Raises:
        UsageError: the file is not TOML, has a word that is not an option, or a value that its option does not
            take.
    """
    study: StudyFile | None = getattr(parsed, "study", None)
    if study is None:
        return parsed
    said = vars(_said(parser, given))
    try:
        with chdir(study.path.parent):
            read = _said(parser, list(options_of(parser, study.words)))
    except UsageError as error:
        raise UsageError(f"'{study.path.name}': {error}") from error
    for name in vars(read).keys() - said.keys():
        value = getattr(read, name)
        whole = study.path.parent / expanded(value) if isinstance(value, Path) else value
        setattr(parsed, name, whole)
    return parsed


def _read(text: str) -> StudyFile:
    path = expanded(text).absolute()
    try:
        return StudyFile(path, read_text(path))
    except FileNotFoundError:
        raise UsageError(f"there is no study '{text}': architectures are named by --arch") from None
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(f"the study '{text}' cannot be read: {why}") from error


def _said(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Options that the words set: those left to their defaults are missing."""
    defaults = {action: action.default for action in parser._actions if action.option_strings}
    try:
        for action in defaults:
            action.default = argparse.SUPPRESS
        return parser.parse_args(words)
    finally:
        for action, default in defaults.items():
            action.default = default


def options_of(parser: argparse.ArgumentParser, words: Mapping[str, Any]) -> Iterator[str]:
    """The words of a file, or of a notebook, as those of the command line.

    Args:
        parser: the parser of the verb.
        words: values by the names of options without their dashes.

    Raises:
        UsageError: a word is not an option, or has a value that its option does not take.
    """
    known = {
        option.removeprefix("--"): action
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and action.dest != "help"
    }
    for word, value in words.items():
        if word not in known:
            raise UnknownName("word", word, known)
        yield from _option(word, value, known[word])


def _option(word: str, value: Any, action: argparse.Action) -> list[str]:
    name = f"--{word}"
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise UsageError(f"'{word}' is true or false, not {_spelled(value)}")
        return [name] if value else []
    if value is True and action.nargs == "?":
        return [name]
    values = value if isinstance(value, list) else [value]
    wrong = [part for part in values if isinstance(part, bool) or not isinstance(part, str | int | float)]
    if wrong or not values:
        raise UsageError(
            f"'{word}' takes a text, a number, or a list of these, not {_spelled([*wrong, value][0])}"
        )
    texts = [str(part) for part in values]
    if any("\0" in text or any("\ud800" <= letter < "\udc80" for letter in text) for text in texts):
        raise UsageError(f"'{word}' has a character that no name and no number has: {_spelled(texts)}")
    repeated = isinstance(action, argparse._AppendAction)
    return [f"{name}={text}" for text in (texts if repeated else [",".join(texts)])]


def _spelled(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
