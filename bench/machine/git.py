"""The one way to git: it reads the user's repository, and runs nothing that the repository names."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

READING = 60.0
"""Seconds that git may take to read."""
WRITING = 900.0
"""Seconds that git may take to write a checkout of evobench's own, whose files it may have to fetch."""
_OF_OTHERS = (
    *("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"),
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
    "GIT_CONFIG",
)
"""Variables that a hook, or the editor around it, has for its own git: another repository, other patterns."""
_NOTHING = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
}
"""Settings by which git would run a program when it only reads."""
_EVERYTHING = {"diff.ignoreSubmodules": "none", "status.showUntrackedFiles": "normal"}
"""Settings by which git would pass over changes."""
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_AS_NAMED = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
"""A commit is what its id says, not what the repository puts in its place."""
_OFFLINE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
"""Where objects are missing, as in a partial clone, git would call the repository's own program to fetch them."""
_OF_FILTER = ("clean", "smudge", "process")
_SUBMODULE = "160000 "
"""Mode of a submodule in the index."""
_SKIPPED = "S"
"""Mark of a file that git takes for unchanged, or for left out of a sparse checkout where it is not there."""


class GitFailed(Exception):
    """Git refused, or took too long; the text has its words."""


class GitMissing(GitFailed):
    """Git is not installed."""


class _Entry(NamedTuple):
    """An entry of the index."""

    mark: str
    """What git does with the file; in small letters where it is taken for unchanged."""
    stage: str
    """Mode, id and stage."""
    name: str


def read(folder: Path, *arguments: str, seconds: float = READING) -> str:
    """Answer of git in a folder; no program runs that the configuration of its repository names.

    Args:
        folder: where git looks.
        arguments: a command that reads no files of the working tree.
        seconds: time that it may take.

    Raises:
        GitFailed: git refuses, or takes longer.
        GitMissing: git is not installed.
    """
    return _answer(folder, arguments, _environment(_NOTHING) | _OFFLINE, seconds)


def compare(folder: Path, *arguments: str, seconds: float = READING) -> str:
    """The same of a command that reads files of the working tree, such as `status`: without their filters.

    A file that a filter would change, and that was touched since git looked at it, counts as changed.

    Raises:
        GitFailed: git refuses, or takes longer.
        GitMissing: git is not installed.
    """
    settings = dict(_NOTHING) | _EVERYTHING
    for place, root, _ in _trees(folder, seconds):
        for name in _declared(place, seconds, r"^filter\."):
            settings |= {f"filter.{name}.{part}": "" for part in _OF_FILTER} | {f"filter.{name}.required": "false"}
        for source in ((), ("--file", str(root / ".gitmodules"))):
            for name in _declared(place, seconds, r"^submodule\..*\.ignore$", *source):
                settings[f"submodule.{name}.ignore"] = "none"
    return _answer(folder, arguments, _environment(settings) | _OFFLINE, seconds)


def passed_over(folder: Path, seconds: float = READING) -> list[Path]:
    """Files whose changes git does not look for, as it was told (`git update-index --assume-unchanged`).

    Raises:
        GitMissing: git is not installed.
    """
    return [
        root / name
        for _, root, entries in _trees(folder, seconds)
        for mark, _, name in entries
        if mark.islower() or (mark == _SKIPPED and os.path.lexists(root / name))
    ]


def write(folder: Path, *arguments: str, seconds: float = WRITING) -> str:
    """The same of a command that writes a checkout of evobench's own: filters run and may fetch, hooks do not.

    Raises:
        GitFailed: git refuses, or takes longer.
        GitMissing: git is not installed.
    """
    return _answer(folder, arguments, _environment(_NOTHING), seconds)


def head_of(folder: Path, seconds: float = READING) -> str | None:
    """The commit of a folder's repository, with `+` where its tree is or may be changed; None without any."""
    try:
        found = compare(folder, "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*", seconds=seconds)
        return found if found.endswith("+") or not passed_over(folder, seconds) else f"{found}+"
    except GitFailed:  # not a repository, or one that cannot be read in time
        return None


def _trees(folder: Path, seconds: float) -> Iterator[tuple[Path, Path, list[_Entry]]]:
    """The working tree around a folder and those of its submodules: where it was asked for, its root, its index.

    Git asks each submodule that is there for its changes, by the settings of its own.
    """
    seen: set[tuple[Path, Path]] = set()
    waiting = [folder]
    while waiting:
        try:
            place = waiting.pop()
            root = Path(read(place, "rev-parse", "--show-toplevel", seconds=seconds))
            if (place, root) in seen:
                continue
            seen.add((place, root))
            listed = read(place, "ls-files", "-v", "--stage", "-z", "--full-name", ":/", seconds=seconds)
        except GitMissing:
            raise
        except GitFailed:  # no working tree
            continue
        entries = [_Entry(line[0], *line[2:].split("\t", 1)) for line in listed.split("\0") if line]
        # asked where git is to look: the repository may name a tree elsewhere, in which git would find another one
        yield place, root, entries
        places = (root / entry.name for entry in entries if entry.stage.startswith(_SUBMODULE))
        waiting += [place for place in places if (place / ".git").exists()]


def _declared(folder: Path, seconds: float, pattern: str, *source: str) -> set[str]:
    """Middle parts of the settings whose names have a pattern: of `filter.NAME.clean` NAME."""
    try:
        listed = read(folder, "config", *source, "--null", "--name-only", "--get-regexp", pattern, seconds=seconds)
    except GitMissing:
        raise
    except GitFailed:  # there are none
        return set()
    keys = (key.partition(".")[2] for key in listed.split("\0"))
    return {key.rpartition(".")[0] for key in keys if "." in key}


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's variables but those of a hook, and settings that win over those of files."""
    clean = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
    given = clean.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    for i, (name, value) in enumerate(settings.items(), first):
        clean |= {f"GIT_CONFIG_KEY_{i}": name, f"GIT_CONFIG_VALUE_{i}": value}
    return clean | _QUIET | _AS_NAMED | {"GIT_CONFIG_COUNT": str(first + len(settings))}


def _answer(folder: Path, arguments: tuple[str, ...], environment: dict[str, str], seconds: float) -> str:
    try:
        process = subprocess.Popen(
            ["git", "--no-pager", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",  # names come back as the bytes that they are
            env=environment,
            start_new_session=True,  # so that what git started ends with it
        )
    except FileNotFoundError:
        raise GitMissing("git is not installed") from None
    except OSError as error:
        raise GitFailed(f"git cannot be run: {error.strerror}") from error
    with process:
        try:
            said, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise GitFailed(f"git {arguments[0]} took longer than {seconds:g} s in '{folder}'") from None
        except BaseException:
            _end(process)
            raise
    if process.returncode:
        raise GitFailed(" ".join(complaint.split()) or f"git {arguments[0]} failed")
    return said.rstrip("\n")


def _end(process: subprocess.Popen[str]) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
