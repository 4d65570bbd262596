"""Renaming of a file's tensors to the names of a model: prefixes, wrappers, old spellings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

Shape = tuple[int | None, ...]
"""Shape of a tensor; None is a side as long as there are classes."""
WRAPPERS = frozenset(
    ("module", "_orig_mod", "model", "_forward_module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
)
"""Parts of a name that programs insert which wrap a network or a part of it."""
_OLD = ((re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])(?=\.)"), r"\1\2"),)
"""Old names in published files and their present spelling, as torchvision's own builders read them."""


@dataclass(frozen=True)
class Renaming:
    """A rule that turns the names of a file into those of a model."""

    own: Mapping[str, str]
    """Names of the model by their simplified spelling."""
    simplify: Callable[[str], str]
    taken: str
    """Prefix that is removed from the simplified names of the file."""
    added: str
    """Prefix that is added to them."""
    fits: int
    """Number of tensors that the model has under the new names and in the same shape."""

    def __call__(self, name: str) -> str | None:
        """The model's name, or one that it does not have; None where the name has another prefix."""
        simple = self.simplify(name)
        if not simple.startswith(self.taken):
            return None
        found = self.added + simple.removeprefix(self.taken)
        return self.own.get(found, found)


def fits(shape: tuple[int, ...], own: Shape) -> bool:
    """Whether a shape is that of the model's tensor, for any number of classes."""
    return len(shape) == len(own) and all(side in (None, length) for length, side in zip(shape, own, strict=True))


def renamings(names: Mapping[str, tuple[int, ...]], own: Mapping[str, Shape]) -> list[Renaming]:
    """All renamings by which some tensor of a file fits the model, in the order of the file.

    Names are taken as they are where that fits as many as their simplified spelling does.

    Args:
        names: shapes by the names in the file.
        own: shapes by the names in the model.
    """
    plain = _renamings(names, own, str)
    simplified = _renamings(names, own, simple)
    most = max((item.fits for item in plain), default=0)
    return simplified if max((item.fits for item in simplified), default=0) > most else plain


def beside(
    chosen: Renaming, names: Mapping[str, tuple[int, ...]], own: Mapping[str, Shape]
) -> tuple[Renaming, ...]:
    """Renamings of the names that the chosen one leaves out, if all resulting names are new.

    A file may have its head under a prefix of its own. A second copy of the network has names that are taken.
    """
    covered = {new for name in names if (new := chosen(name)) in own}
    left = {name: shape for name, shape in names.items() if chosen(name) is None}
    free = {name: shape for name, shape in own.items() if name not in covered}
    found: list[Renaming] = []
    for item in sorted(_renamings(left, free, chosen.simplify), key=lambda item: -item.fits):
        whole = Renaming(chosen.own, item.simplify, item.taken, item.added, item.fits)
        leads = {new for name in left if (new := whole(name)) in own}
        if not leads & covered:
            found.append(whole)
            covered |= leads
    return tuple(found)


def simple(name: str) -> str:
    """A name without the parts of wrappers, in its present spelling."""
    plain = ".".join(part for part in name.split(".") if part not in WRAPPERS)
    for pattern, new in _OLD:
        plain = pattern.sub(new, plain)
    return plain


def _renamings(
    names: Mapping[str, tuple[int, ...]], own: Mapping[str, Shape], simplify: Callable[[str], str]
) -> list[Renaming]:
    mine, theirs = _unique(own, simplify), _unique(names, simplify)
    counts: Counter[tuple[str, str]] = Counter()
    for name, whole in theirs.items():
        for taken, rest in _splits(name):
            if rest in mine and fits(names[whole], own[mine[rest]]):
                counts[taken, ""] += 1
    for name, whole in mine.items():
        for added, rest in _splits(name):
            if added and rest in theirs and fits(names[theirs[rest]], own[whole]):
                counts["", added] += 1
    return [Renaming(mine, simplify, taken, added, number) for (taken, added), number in counts.items()]


def _unique(names: Collection[str], simplify: Callable[[str], str]) -> dict[str, str]:
    """Names by simplified spelling, without those that share one."""
    numbers = Counter(map(simplify, names))
    return {short: name for name in names if numbers[short := simplify(name)] == 1}


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """All splits of a name into a prefix, which may be empty, and the rest."""
    yield "", name
    for place, letter in enumerate(name):
        if letter == ".":
            yield name[: place + 1], name[place + 1 :]
