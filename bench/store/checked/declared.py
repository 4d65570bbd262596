"""Shapes of what a run declares and of its verdicts, as deep as readers rely on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from bench.declare.lessons.lesson import Expected, Statistic
from bench.declare.nature import Nature
from bench.store.checked.contents import CELL, TEXTS, unknown
from bench.store.checked.shape import (
    Shape,
    by_name,
    chance,
    count,
    fields,
    figure,
    flag,
    listed,
    maybe,
    number,
    one_of,
    positive,
    printed,
    text,
    thing,
)

_BETTER = one_of("lower", "higher", "neither")
"""The better direction of a measure: whatever compares takes any other word for `higher`."""
_TITLED = {"name": text, "title": text, "about": text}
_SIDE = fields({"architecture": text, "label": text}, {"resolution": maybe(count)}, unknown)
_PUBLISHED = fields(
    {"quantity": text, "value": number, "source": text, "protocol": text},
    {"resolution": maybe(count), "step": maybe(number)},
)
_DETAIL = fields(
    {"name": text},
    {"unit": text, "column": text, "processes": one_of("median", "first"), "bounds": flag},
    unknown,
)
_ARM = fields({"label": text, "cell": CELL}, {"figure": text}, unknown)
_HYPOTHESIS = fields(
    {
        "statement": text,
        "arms": listed(_ARM),
        "statistic": one_of(*get_args(Statistic)),
        "expected": one_of(*get_args(Expected)),
        "margin": number,
        "unit": text,
        "is_exact": flag,
        "is_open": flag,
    },
    rest=unknown,
)
_LESSON = fields(
    {
        **dict.fromkeys(("name", "title", "words", "slide", "about", "limits"), text),
        "published": listed(fields({"words": text, "source": text}, rest=unknown)),
        "missing": listed(fields({"statement": text, "reason": text}, rest=unknown)),
        "hypotheses": listed(_HYPOTHESIS),
    },
    rest=unknown,
)
_CHAPTER = fields(
    {
        **dict.fromkeys(("name", "title", "about", "problem", "idea", "remark", "command"), text),
        "drawn": listed(_SIDE),
        "steps": listed(
            fields({"side": _SIDE, "before": maybe(_SIDE), "figures": TEXTS}, {"protocol": text}, unknown)
        ),
    },
    rest=unknown,
)
DECLARED: Mapping[str, Shape] = {
    "architecture": fields(
        {"name": text},
        {
            **dict.fromkeys(("family", "paper", "idea", "reduced_of"), text),
            **dict.fromkeys(("year", "venue_year", "resolution", "min_resolution", "channels"), maybe(count)),
            "lecture": flag,
            "tags": TEXTS,
            "published": listed(_PUBLISHED),
        },
    ),
    "measure": fields(
        {"name": text, "unit": text},
        {
            **dict.fromkeys(("kind", "repeats", "about", "provenance", "code"), text),
            "better": _BETTER,
            "nature": one_of("", *Nature),
            "details": listed(_DETAIL),
        },
    ),
    "suite": fields({}, _TITLED),
    "dataset": fields(
        {},
        {
            **dict.fromkeys(("name", "licence", "source", "about", "package"), text),
            **dict.fromkeys(("classes", "channels", "resolution"), maybe(count)),
        },
    ),
    "comparison": fields({"title": text, "about": text, "sides": listed(_SIDE)}),
    "sweep": fields(
        {
            **dict.fromkeys(("title", "about", "axis", "unit"), text),
            "points": listed(
                fields({"x": number, "architecture": text, "label": text, "resolution": count, "batch": count})
            ),
        }
    ),
    "quadrant": fields(
        {
            **dict.fromkeys(("title", "about", "size", "likeness", "advice"), text),
            "advised": TEXTS,
            "tasks": listed(
                fields({**dict.fromkeys(("architecture", "weights", "target"), text), "shots": maybe(count)})
            ),
        }
    ),
    "design": fields({"looks": listed(positive), "level": chance, "margin": number}),
    "chapter": _CHAPTER,
    "lesson": _LESSON,
    "milestone": fields(
        {"name": text},
        {
            **dict.fromkeys(("kind", "words", "protocol", "source"), text),
            "year": maybe(count),
            "of": TEXTS,
            "top5_error": maybe(number),
        },
    ),
    "claim": fields(
        {"id": text, "slide": text, "words": text, "printed": printed},
        {**dict.fromkeys(("where", "unit", "relation", "lesson", "check"), text), "step": number, "with": thing},
    ),
    "slide": fields({}, {"title": text}),
    "left_out": fields({}, {**dict.fromkeys(("slide", "words", "reason"), text), "missing": flag}),
    "counts": fields({"reused_from": text}),
}
"""Shapes of declarations by kind."""
_CLAIM = fields(
    {"verdict": text},
    {"explanation": text, "note": text, "failed": flag, "found": maybe(printed), "recount": maybe(printed)},
    unknown,
)
_MODES = fields({"better": number, "worse": number, "share": number, "between": flag}, rest=unknown)
_SIDE_OF_SPREAD = fields({"spread": number, "counts": listed(count), "modes": maybe(_MODES)})
_SPREAD = fields(
    {"base": _SIDE_OF_SPREAD, "head": _SIDE_OF_SPREAD, "low": number, "high": number, "erratic": flag}
)
_CAUSE = fields(
    {"kind": text, "name": text, "base": maybe(number), "head": maybe(number), "unit": text, "share": figure},
    rest=unknown,
)
_COMPARISON = fields(
    {"cell": text, "measure": text, "unit": text, "nature": one_of(*Nature), "verdict": text, "note": text},
    {
        **dict.fromkeys(("base", "head", "ratio", "low", "high", "band"), maybe(figure)),
        **dict.fromkeys(("key", "job"), text),
        "better": _BETTER,
        "pairs": maybe(count),
        "spread": maybe(_SPREAD),
        "causes": listed(_CAUSE),
    },
)
_PART = fields(
    {"path": text, "type": text, "item": text, "base": maybe(number), "head": maybe(number)},
    {"was": maybe(text), "largest": text},
    unknown,
)
_DIFFERENCE = fields(
    {"unit": text, "base": number, "head": number, "steps": count, "pairs": count, "parts": listed(_PART)},
    {"shown": flag},
)
_JUDGEMENT = fields(
    {"base": text, "head": text, "fail_on": TEXTS, "notes": TEXTS, "accepted": by_name(text), "ended": count}
)


def verdict(profile: str, claim: str) -> Shape:
    """Shape of a verdict of a run of that profile under that name."""
    if profile != "regress":
        return _CLAIM
    if claim == "judgement":
        return _JUDGEMENT
    return _DIFFERENCE if claim.startswith("profiles of ") else _COMPARISON
