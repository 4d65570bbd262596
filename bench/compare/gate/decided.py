"""Decisions of a gate, kept in the run of its head: runs of a gate have no verdicts but the gate's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from bench.compare.causes.difference import Difference
from bench.compare.verdict import Comparison, gravest_first
from bench.errors import StoreError
from bench.store.database import RunRow, Store
from bench.store.rows import REGRESS

JUDGEMENT = "judgement"
"""Under which the verdicts of a gate have beside them what else it told; a cell's key is a digest."""
_PROFILES = "profiles of "
"""Prefix of the key of a cell under which the difference between both sides' profiles is kept, beside the
verdict."""


def keep(
    store: Store, head: str, found: Iterable[Comparison], differences: Mapping[str, Difference] | None = None
) -> None:
    """Commit the verdicts of a gate, each under the key of its cell, in the run of its head.

    Args:
        store: the store that holds the run.
        head: the run.
        found: the verdicts; they take the place of earlier ones.
        differences: profiles of both sides, by the key of the cell.
    """
    for item in found:
        store.add_verdict(head, item.key, asdict(item))
    for key, difference in (differences or {}).items():
        store.add_verdict(head, f"{_PROFILES}{key}", asdict(difference))


def largest_first(found: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """The verdicts of a gate in the order in which they are told: the gravest first, then the largest change."""
    return gravest_first(sorted(found, key=_size, reverse=True))


def _size(item: Comparison) -> float:
    return abs(math.log(item.ratio)) if item.ratio is not None and item.ratio > 0 else 0.0


def base_named(head: RunRow) -> str:
    """The commit that a gate compared a run with, and why that one; empty where there is none or it is not
    known."""
    return str(head.settings.get(REGRESS, {}).get("base", ""))


def in_turn(base: RunRow, head: RunRow) -> bool:
    """Whether one gate measured both runs in turn, as its base and its head."""
    return base_of_gate(head) == base.id


def base_of_gate(head: RunRow) -> str | None:
    """The run of base that one gate measured in turn with this head; None where this is not a gate's head."""
    made = head.settings.get(REGRESS, {})
    found: str | None = made.get("runs", {}).get("base") if made.get("role") == "head" else None
    return found


def kept(store: Store, base: RunRow, head: RunRow) -> tuple[Comparison, ...]:
    """The verdicts of the gate that measured both runs, the gravest first; none where it was cut off, or none did.

    Raises:
        StoreError: a verdict cannot be understood.
    """
    if not in_turn(base, head):
        return ()
    found = store.verdicts(head.id)
    verdicts = {key: found[key] for key in found if key != JUDGEMENT and not key.startswith(_PROFILES)}
    # of what was dropped head has no cell
    keys = dict.fromkeys([*(row.cell.key for row in store.cells(head.id) if row.cell.key in verdicts), *verdicts])
    with readable(store, f"a verdict of run {head.id}"):
        return largest_first(Comparison.from_dict(verdicts[key]) for key in keys)


def profiled(store: Store, base: RunRow, head: RunRow) -> dict[str, Difference]:
    """The profiles that were taken of both runs' regressions, by the key of the cell.

    Raises:
        StoreError: one cannot be understood.
    """
    if not in_turn(base, head):
        return {}
    with readable(store, f"a profile of run {head.id}"):
        return {
            claim.removeprefix(_PROFILES): Difference.from_dict(content)
            for claim, content in store.verdicts(head.id).items()
            if claim.startswith(_PROFILES)
        }


@contextmanager
def readable(store: Store, what: str) -> Iterator[None]:
    """Say of what cannot be understood within that the store is damaged.

    Raises:
        StoreError: the text cannot be understood; the message says why.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"store '{store.path}' is damaged: {what}: {type(error).__name__}: {error}") from error
