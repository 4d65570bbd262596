"""Check that what the base asks for resolves to what is installed here. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from bench.gate.environment.dependencies import Asked

_OPENS = (">=", ">")
"""Clauses of a specifier that shut out no newer version."""


@dataclass(frozen=True)
class RequestDifference:
    """Differences between the requests of base and head that may make the base resolve otherwise."""

    names: frozenset[str] = frozenset()
    whole: bool = False
    """Whether any package may differ: packages come from another place, or it is not known what differs."""
    alike: tuple[str, ...] = ()
    """Names that are asked for in other words, which the version that is installed here fits."""

    def __bool__(self) -> bool:
        return self.whole or bool(self.names)


def difference(base: Asked, head: Asked, versions: Mapping[str, str], needed: Iterable[str]) -> RequestDifference:
    """Requests of the base that do not resolve to what is installed.

    Args:
        base: requirements of base.
        head: requirements of head.
        versions: installed versions, by name.
        needed: names of what base and evobench need of it.
    """
    wanted = set(needed)
    differing: set[str] = set()
    alike: list[str] = []
    for name, mine, other in _apart(base.requirements, head.requirements):
        # what head alone asks for is there for nobody, or because evobench or another package needs it
        same = not mine and name not in versions
        if bool(mine) or name in wanted:
            # what base alone asks for and is not here it would lack, and run as head does without it
            gone = name not in versions and bool(_applies(mine)) and not _applies(other)
            same = not gone and comes_out_alike(mine, other, versions.get(name))
        (alike.append if same else differing.add)(name)
    for one, two in ((base.constraints, head.constraints), (base.locked, head.locked)):
        for name, mine, other in _apart(one, two):
            if name in wanted and not comes_out_alike(mine, other, versions.get(name)):
                differing.add(name)
    whole = base.options != head.options or base.unread != head.unread or base.built != head.built
    return RequestDifference(frozenset(differing - {""}), whole or "" in differing, tuple(alike))


def comes_out_alike(base: Sequence[str], head: Sequence[str], version: str | None) -> bool:
    """Whether the base would get the installed version of a package, which is what the head asked for.

    The version must fit, and the head may add only lower bounds to the base's request, so that it shuts out no
    newer version that the base would get. Where the head adds `<2`, a fresh base has a version that the head has
    not. A package that the head asks for without having it is missing in the base too: else they would differ by
    more than their requests.
    """
    if None in map(_requirement, (*base, *head)):  # bare addresses
        return False
    mine, other = _applies(base), _applies(head)
    if not mine and not other:
        return True
    if any(item.url for item in (*mine, *other)) or _extras(mine) != _extras(other):
        return False
    clauses, others = (_clauses(items) for items in (mine, other))
    return _fits(version, clauses) and all(clause.operator in _OPENS for clause in others - clauses)


def misfits(asked: Asked, versions: Mapping[str, str], needed: Iterable[str]) -> list[str]:
    """Words for each package that is not installed as a tree asks for it, such as `six 1.17.0, not ==1.16.0`."""
    wanted, found = set(needed), []
    for name, lines in _by_name((*asked.requirements, *asked.constraints, *asked.locked)).items():
        for item in map(_requirement, lines):
            if item is None or name not in wanted or item.url or (item.marker and not item.marker.evaluate()):
                continue
            if name not in versions:
                found.append(f"no {name}")
            elif not _fits(versions[name], item.specifier):
                found.append(f"{name} {versions[name]}, not {item.specifier}")
    return sorted(set(found))


def _apart(base: Iterable[str], head: Iterable[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Names that are not asked for in the same words, with those of both."""
    mine, other = _by_name(base), _by_name(head)
    for name in sorted(mine.keys() | other.keys()):
        if sorted(mine.get(name, ())) != sorted(other.get(name, ())):
            yield name, mine.get(name, []), other.get(name, [])


def _by_name(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines for each name; those of bare addresses are under an empty one."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        item = _requirement(line)
        found[canonicalize_name(item.name) if item else ""].append(line)
    return found


def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _applies(lines: Iterable[str]) -> list[Requirement]:
    """The requirements whose markers hold here."""
    found = [item for item in map(_requirement, lines) if item]
    return [item for item in found if not item.marker or item.marker.evaluate({"extra": ""})]


def _fits(version: str | None, clauses: Iterable[Specifier]) -> bool:
    """Whether a version keeps to the clauses; a missing version does, one of an unknown form does not."""
    try:
        return version is None or all(clause.contains(version, prereleases=True) for clause in clauses)
    except InvalidVersion:
        return False


def _extras(items: Iterable[Requirement]) -> set[str]:
    return {extra for item in items for extra in item.extras}


def _clauses(items: Iterable[Requirement]) -> set[Specifier]:
    return {clause for item in items for clause in item.specifier}
