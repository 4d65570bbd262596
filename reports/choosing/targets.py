"""The target that people ask for: in the words of `run --target`, or in those that this verb prints."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from bench.declare.beyond.datasets import SCANS, spelled
from bench.declare.catalog import DATASETS, load_catalogs
from bench.errors import EvobenchError, NotComparable, UnknownName, UsageError
from bench.foreign import expanded
from reports.candidates.figures import Kind

_ALIKE = 0.75
"""Share of common letters from which a name counts as misspelt (a ratio of `difflib`)."""


def kinds_on(kinds: Iterable[Kind], text: str) -> list[Kind]:
    """The kinds of accuracy on a target: one a task of it, or that of the task whose words stand behind it.

    A path is read as `run` reads it, from the working directory; where nothing lies there, the end of a path is
    enough, as tables print it.

    Args:
        kinds: kinds of accuracy of a run.
        text: a data set, `folder:PATH`, `csv:PATH` or `list:PATH`; behind it, with commas, words of the task.

    Raises:
        UsageError: the path is missing, or several targets of the run end so.
        UnknownName: a target of the run has nearly this name.
        NotComparable: the run has no accuracy on it; what it has is named.
    """
    measured = [kind for kind in kinds if not kind.published]
    found = [kind for kind in measured if spelled(_target(text, kind)) == kind.whole]
    found = found or [kind for kind in measured if _ends(kind.whole, _target(text, kind))]
    if not found:
        raise _refusal(text, measured)
    if len({kind.whole for kind in found}) > 1:
        names = " or ".join(f"'{name}'" for name in dict.fromkeys(kind.target for kind in found))
        raise UsageError(f"several targets of this run end in '{text}': name {names}")
    return found


def _target(text: str, kind: Kind) -> str:
    """The text without the words of the kind's task."""
    for word in reversed(kind.words):
        text = text.removesuffix(f", {word}")
    return text


def _ends(whole: str, text: str) -> bool:
    """Whether a path that names nothing here is the end of the target's."""
    (sort, _, path), (same, _, end) = whole.partition(":"), text.partition(":")
    if sort != same or sort not in SCANS or not end or expanded(end).exists():
        return False
    parts = PurePath(end).parts
    return PurePath(path).parts[-len(parts) :] == parts


def _refusal(text: str, measured: Sequence[Kind]) -> EvobenchError:
    names = list(dict.fromkeys(name for kind in measured for name in (kind.name, kind.target)))
    there = _is_there(text)
    if not there and any(_is_near(text, name) for name in names):
        return UnknownName("target of this run", text, names)
    # two folders may have one short name: beside one that is there, the whole paths are told
    whole = [kind.whole if there and ":" in text else kind.name for kind in measured]
    known = ", ".join(f"'{name}'" for name in dict.fromkeys(whole))
    has = f"it has {known}" if known else f"evobench run --suite transfer --target {text} does"
    return NotComparable(f"this run measured no accuracy on '{spelled(text)}'; {has}")


def _is_there(text: str) -> bool:
    """Whether it names data that exist, even if no run has learned from them: then it is not misspelt."""
    sort, colon, path = text.partition(":")
    if colon and sort in SCANS:
        return expanded(path).exists()
    load_catalogs(())
    return text in DATASETS


def _is_near(text: str, name: str) -> bool:
    """Whether a name is nearly this one; of paths, the ends must be alike."""
    ends = [PurePath(word.partition(":")[2] or word).name for word in (text, name)]
    return bool(difflib.get_close_matches(ends[0], ends[1:], n=1, cutoff=_ALIKE))
