"""Claims of the lecture, read from TOML. Nothing here knows a verdict beforehand."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_args

from bench.cell import canonical
from bench.declare.claims import Attempt, Check, Claim, Evidence, LeftOutPart, Printed, Relation
from bench.declare.declarations import Architecture
from bench.declare.lessons.lesson import Lesson
from bench.declare.registry import Registry
from bench.errors import UsageError
from bench.foreign import from_toml, read_text

__all__ = [
    "LOOK_UP",
    "Attempt",
    "Claim",
    "Evidence",
    "Ledger",
    "LeftOutPart",
    "Printed",
    "architectures_of",
    "claim_of",
    "load_ledger",
    "refuse_unknown",
]

LOOK_UP = "published_figure"
"""Check that looks up what a work, quoted by a claim, prints."""
T = TypeVar("T")
_TEXTS = (
    "id",
    "slide",
    "words",
    "where",
    "unit",
    "relation",
    "check",
    "given",
    "lesson",
    "not_checkable",
    "because",
)
_FORMS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("with", "quotes", "imagenet"), dict),
    "step": (int, float),
    "alternatives": list,
}
"""Types of the fields of a claim and of its alternatives, apart from what is printed."""
_NEVER_EMPTY = ("id", "slide", "words", "check", "given", "lesson", "not_checkable", "because")
_SUBJECT = ("architecture", "architectures")
"""Arguments of checks that name the architectures of a claim."""
_OTHER = ("than", "baseline")
"""Arguments of checks that name architectures beside the subject."""


@dataclass(frozen=True)
class Ledger:
    """All registered claims of the lecture, in its order."""

    slides: tuple[str, ...]
    """Titles of the slides; a repeated title with other content has a distinguishing addition in brackets."""
    claims: tuple[Claim, ...]
    left_out: tuple[LeftOutPart, ...]
    entries: tuple[dict[str, Any], ...]
    """Claims in the form that they have in the file."""


def load_ledger(path: Path) -> Ledger:
    """Read `claims.toml`.

    Raises:
        UsageError: the file is not TOML, or an entry is not as `Claim` says; the line names the entry.
    """
    try:
        content = from_toml(read_text(path))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"the claims in '{path}' cannot be read: {why}") from error
    slides = _made(path, content, "slide", lambda entry: str(entry["title"]))
    claims = _made(path, content, "claim", claim_of)
    left_out = _made(path, content, "left_out", lambda entry: LeftOutPart(**entry))
    left_out += _made(path, content, "missing", lambda entry: LeftOutPart(**entry, missing=True))
    _refuse_strangers(slides, claims, left_out)
    return Ledger(slides, claims, left_out, tuple(content.get("claim", ())))


def claim_of(entry: Mapping[str, Any]) -> Claim:
    """Claim of one entry of the file.

    Raises:
        UsageError: the claim is not as `Claim` says.
    """
    name = entry.get("id", entry.get("words", "?"))
    unknown = set(entry) - {field.name for field in fields(Claim)} - {"with"}
    missing = {"id", "slide", "words", "printed"} - set(entry)
    if unknown or missing:
        raise UsageError(f"claim '{name}': {_list('unknown', unknown)}{_list('missing', missing)}".rstrip("; "))
    wrong = _unfit(entry)
    for other in () if "alternatives" in wrong else entry.get("alternatives", ()):
        wrong |= {f"{key} of an alternative" for key in _unfit(other)}
    if wrong:
        raise UsageError(f"claim '{name}': {_list('no fit value for', wrong)}".rstrip("; "))
    if not isinstance(entry["printed"], int | float | str | list):
        raise UsageError(f"claim '{name}': what is printed must be a number, words, true, false or a list")
    if ("check" in entry or "lesson" in entry) == ("not_checkable" in entry):
        raise UsageError(f"claim '{name}': it needs a check, a lesson, or the reason why it is not checkable")
    rest = {key: value for key, value in entry.items() if key not in ("check", "with", "quotes", "alternatives")}
    quotes = Attempt(LOOK_UP, entry["quotes"]) if "quotes" in entry else None
    check = Attempt(entry["check"], entry.get("with", {})) if "check" in entry else None
    tried = tuple(
        Attempt(other.get("check", entry["check"]), other.get("with", {}), other["because"])
        for other in entry.get("alternatives", ())
    )
    return Claim(**{**rest, "step": rest.get("step") or None}, check=check, quotes=quotes, alternatives=tried)


def architectures_of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the architectures in the check of a claim that is given as in its file."""
    return tuple(dict.fromkeys(_named(entry.get("with", {}))))


def refuse_unknown(
    ledger: Ledger, checks: Registry[Check], architectures: Registry[Architecture], lessons: Registry[Lesson]
) -> None:
    """Make sure that the names in the claims are declared, before anything is measured.

    Raises:
        UsageError: a check, an architecture or a lesson is unknown, or a check does not take what it is given; the
            line names the claim, and the nearest name.
    """
    for claim in ledger.claims:
        try:
            for attempt in filter(None, (claim.check, claim.quotes, *claim.alternatives)):
                function = checks.get(attempt.check).function
                for name in _named(attempt.arguments):
                    architectures.get(name)
                _refuse_arguments(attempt, function)
            for name in _named(claim.imagenet or {}):
                architectures.get(name)
            if claim.lesson:
                lessons.get(claim.lesson)
        except UsageError as error:
            raise UsageError(f"claim '{claim.id}': {error}") from error


def _refuse_arguments(attempt: Attempt, function: Callable[..., Evidence]) -> None:
    try:
        inspect.signature(function).bind(**attempt.arguments)
    except TypeError as error:
        raise UsageError(f"check '{attempt.check}': {error}") from error


def _named(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Architectures that the arguments of a check name."""
    subject = [key for key in _SUBJECT if key in arguments]
    for key in (*subject, *(key for key in _OTHER if subject and key in arguments)):
        value = arguments[key]
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str):
                raise UsageError(f"'{key}' takes the name of an architecture, not {type(name).__name__}")
            yield name
    for value in arguments.values():
        if isinstance(value, dict):
            yield from _named(value)


def _unfit(entry: Mapping[str, Any]) -> set[str]:
    """Fields of an entry whose values have another form or are empty."""
    wrong = {key for key, form in _FORMS.items() if key in entry and not isinstance(entry[key], form)}
    wrong |= {key for key in _NEVER_EMPTY if key in entry and not str(entry[key]).strip()}
    step = entry.get("step", 0)
    if isinstance(step, int | float) and (isinstance(step, bool) or not math.isfinite(step) or step < 0):
        wrong.add("step")
    if entry.get("relation", "equal") not in get_args(Relation):
        wrong.add("relation")
    return wrong


def _made(path: Path, content: Mapping[str, Any], kind: str, make: Callable[[Any], T]) -> tuple[T, ...]:
    """Objects made from the entries `[[kind]]`.

    Raises:
        UsageError: one has another form, or holds what no message can (a date); the line names its number.
    """
    made: list[T] = []
    try:
        for entry in content.get(kind, ()):
            canonical(entry)
            made.append(make(entry))
    except (AttributeError, KeyError, TypeError) as error:
        raise UsageError(
            f"the claims in '{path}' cannot be read: {kind} {len(made) + 1}: {type(error).__name__}: {error}"
        ) from error
    return tuple(made)


def _list(word: str, names: Iterable[str]) -> str:
    found = sorted(names)
    return f"{word} {', '.join(found)}; " if found else ""


def _refuse_strangers(
    slides: tuple[str, ...], claims: tuple[Claim, ...], left_out: tuple[LeftOutPart, ...]
) -> None:
    ids: set[str] = set()
    for claim in claims:
        if claim.id in ids:
            raise UsageError(f"claim '{claim.id}' is registered twice")
        ids.add(claim.id)
    for slide in (*(claim.slide for claim in claims), *(entry.slide for entry in left_out)):
        if slide not in slides:
            raise UsageError(f"slide '{slide}' is not in the list of slides")
