"""Matching of the layers of base and head. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class ProfiledLayer:
    """A module of a network, or a part of its work that is none."""

    path: str
    """Dotted; empty for the network itself."""
    type: str
    """Name of its class; empty for what is not a module."""
    about: str = ""
    """Distinction from other layers of the class, such as the number of channels."""


Pair = tuple[ProfiledLayer | None, ProfiledLayer | None]
"""The same layer of base and of head; None where one side lacks it."""


def aligned(base: Sequence[ProfiledLayer], head: Sequence[ProfiledLayer]) -> list[Pair]:
    """Pair the layers of two networks, each in the order in which they ran.

    First what is alike in path, class and description. Of the rest what is alike but for its path, in order: it
    was renamed, or has another place behind a new layer. Then what has the same path: it was changed, or replaced.
    """
    left, right = list(dict.fromkeys(base)), list(dict.fromkeys(head))
    known = set(left)
    pairs: list[Pair] = [(layer, layer) for layer in right if layer in known]
    _take(pairs, left, right)
    pairs += _in_order([layer for layer in left if layer.type], [layer for layer in right if layer.type])
    _take(pairs, left, right)
    pairs += _by(lambda layer: (layer.path, layer.type), left, right)
    _take(pairs, left, right)
    pairs += _by(lambda layer: layer.path, left, right)
    _take(pairs, left, right)
    return [*pairs, *((layer, None) for layer in left), *((None, layer) for layer in right)]


def _take(pairs: Sequence[Pair], left: list[ProfiledLayer], right: list[ProfiledLayer]) -> None:
    """Leave out what has found its counterpart."""
    done = [{pair[side] for pair in pairs} for side in (0, 1)]
    left[:] = [layer for layer in left if layer not in done[0]]
    right[:] = [layer for layer in right if layer not in done[1]]


def _in_order(left: Sequence[ProfiledLayer], right: Sequence[ProfiledLayer]) -> list[Pair]:
    before, after = ([(layer.type, layer.about) for layer in side] for side in (left, right))
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [(left[block.a + i], right[block.b + i]) for block in blocks for i in range(block.size)]


def _by(
    key: Callable[[ProfiledLayer], Hashable], left: Sequence[ProfiledLayer], right: Sequence[ProfiledLayer]
) -> list[Pair]:
    known = {key(layer): layer for layer in left}
    return [(known[key(layer)], layer) for layer in right if key(layer) in known]
