"""Artifacts of a store that may be removed, and why: each can be made again, or is of use to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.run.shelf.contents import DRAFT, UNFINISHED, Lying, is_left_behind
from bench.store.past import Named

LEFT_BEHIND = "left by a process that was killed"
UNNAMED = "no run names it"
NOT_GONE_ON_WITH = "no run can be gone on with"
OVER_LIMIT = "used least recently, beyond the limit"


@dataclass(frozen=True)
class Removal:
    """An entry of the shelf that may be removed, and why."""

    item: Lying
    why: str


def unneeded(items: Iterable[Lying], named: Named) -> list[Removal]:
    """Entries of the shelf that no run in the folder's stores needs."""
    found = [(item, _why(item, named)) for item in items]
    return [Removal(item, why) for item, why in found if why]


def beyond(items: Iterable[Lying], named: Named, limit: int, needed: Container[str] = ()) -> list[Removal]:
    """The artifacts that were used least recently, as many as leave the rest within a limit.

    What runs that can be gone on with name goes last. Drafts and states of trainings count, and stay.

    Args:
        items: artifacts on the shelf that are not removed for another reason.
        named: the artifacts of all runs of the folder.
        limit: bytes.
        needed: keys of artifacts that stay in any case.
    """
    over = sum(item.size for item in items) - limit
    may_go = [item for item in items if item.what not in (DRAFT, UNFINISHED) and item.name not in needed]
    found = []
    for item in sorted(may_go, key=lambda item: (item.name in named.awaited, _used(item, named), item.changed)):
        if over <= 0:
            break
        found.append(Removal(item, OVER_LIMIT))
        over -= item.size
    return found


def remove(removals: Iterable[Removal]) -> None:
    """Take things away; what was left behind stays where another process has made it whole since."""
    for removal in removals:
        if removal.why != LEFT_BEHIND or is_left_behind(removal.item):
            removal.item.remove()


def summed(removals: Iterable[Removal]) -> list[tuple[str, str, int, int]]:
    """Number and bytes of the removed entries, for each kind of entry and each reason."""
    number: Counter[tuple[str, str]] = Counter()
    size: Counter[tuple[str, str]] = Counter()
    for removal in removals:
        number[removal.item.what, removal.why] += 1
        size[removal.item.what, removal.why] += removal.item.size
    return [(*sort, number[sort], size[sort]) for sort in sorted(number)]


def _why(item: Lying, named: Named) -> str:
    """Reason why an entry may be removed; empty where it is needed or being written."""
    if item.what == UNFINISHED:
        return "" if named.unfinished else NOT_GONE_ON_WITH
    if is_left_behind(item):
        return LEFT_BEHIND
    return "" if item.what == DRAFT or item.name in named.last else UNNAMED


def _used(item: Lying, named: Named) -> str:
    """Time at which the newest run that names an artifact began, else when the artifact was made, ISO 8601."""
    return named.last.get(item.name) or datetime.fromtimestamp(item.changed, UTC).isoformat()
