"""Names of classes that look alike: composed and decomposed accents, blanks around them, capitals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from unicodedata import category, normalize


def canonical(name: str) -> str:
    """The name with composed accents and no surrounding blanks: names that differ in these alone are the same."""
    return normalize("NFC", name).strip()


def _looks(name: str) -> str:
    """Form of a name that is equal for names that a reader may mistake for one another."""
    plain = normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in plain if category(c) != "Cf").split())


def one_spelling(found: Mapping[str, Iterable[str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The class of each written name, and a line for each class that is written in several ways.

    Names that are the same but for capitals are one class where no split has both of them: a split that has both,
    as letters do, means two.

    Args:
        found: names as they are written, by split; the train split comes first.
    """
    groups: dict[str, dict[str, list[str]]] = {}
    for name in dict.fromkeys(name for names in found.values() for name in names):
        groups.setdefault(_looks(name), {}).setdefault(canonical(name), []).append(name)
    classes: dict[str, str] = {}
    notes: list[str] = []
    for group in groups.values():
        own = [{canonical(name) for name in names} & set(group) for names in found.values()]
        apart = any(len(some) > 1 for some in own)
        first = next(iter(group))
        for name, spellings in group.items():
            classes.update(dict.fromkeys(spellings, name if apart else first))
        notes += _notes(group, apart)
    return classes, tuple(notes)


def _notes(group: dict[str, list[str]], apart: bool) -> Iterator[str]:
    for name, spellings in group.items():
        if len(spellings) > 1:
            yield f"'{name}' is written in {len(spellings)} ways ({_points(spellings)}) and is one class"
    if len(group) > 1:
        names, points = " and ".join(f"'{name}'" for name in group), _points(list(group))
        yield f"{names} look alike ({points}) and are {'different classes' if apart else 'one class'}"


def _points(names: list[str]) -> str:
    """Code points in which names differ: `U+00E9; U+0065 U+0301`."""
    begin = _same(names)
    end = _same([name[begin:][::-1] for name in names])
    parts = [name[begin : len(name) - end] for name in names]
    return "; ".join(" ".join(f"U+{ord(c):04X}" for c in part) or "nothing" for part in parts)


def _same(names: list[str]) -> int:
    """Number of characters that all names share at their beginning."""
    columns = zip(*names, strict=False)
    return next((i for i, some in enumerate(columns) if len(set(some)) > 1), min(map(len, names)))
