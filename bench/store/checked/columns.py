"""Columns of the tables, with a condition in SQL for each that finds what must not stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, get_args

from bench.cell import STATUSES
from bench.declare.declarations import Due
from bench.store.schema import ARTIFACT_STATES, PROVENANCES, STATES

_LARGEST = "1.7976931348623157e308"


class ColumnRule(NamedTuple):
    """What stands in a column."""

    words: str
    """What a wrong value is not."""
    wrong: str
    """Condition in SQL, over the column's name in braces, that holds for a wrong value and is never null."""


def _one_of(*words: str) -> ColumnRule:
    listed = ", ".join(f"'{word}'" for word in words)
    return ColumnRule(" or ".join(words), f"typeof({{0}}) != 'text' OR {{0}} NOT IN ({listed})")


_TEXT = ColumnRule("text", "typeof({0}) != 'text'")
_SHORT_TEXT = ColumnRule("text of at most 20000 characters", "typeof({0}) != 'text' OR length({0}) > 20000")
"""Text that queries tell again with each record: a long one would make an answer of any size."""
_BLOB = ColumnRule("bytes", "typeof({0}) != 'blob'")
_COUNT = ColumnRule("a whole number of 0 or more", "typeof({0}) != 'integer' OR {0} < 0")
_PROCESSES = ColumnRule("a whole number of 0 to 10000", "typeof({0}) != 'integer' OR {0} NOT BETWEEN 0 AND 10000")
"""Processes of a cell, over which `run --resume` goes one by one."""
_YES = ColumnRule("0 or 1", "typeof({0}) != 'integer' OR {0} NOT IN (0, 1)")
_SAMPLES = ColumnRule("a number of samples", f"typeof({{0}}) != 'integer' OR {{0}} NOT BETWEEN 0 AND {2**40}")
_FIGURE = ColumnRule("a number or null", "typeof({0}) NOT IN ('real', 'integer', 'null')")
"""Figure of a measure, which may be infinite."""
_SECONDS = ColumnRule(
    "a finite number of 0 or more",
    "typeof({0}) NOT IN ('real', 'integer') OR {0} NOT BETWEEN 0 AND 1.7976931348623157e308",
)
_DOUBLES = ColumnRule("a list of doubles", "typeof({0}) != 'blob' OR length({0}) % 8")
_PNG = ColumnRule("a PNG file", "typeof({0}) != 'blob' OR substr({0}, 1, 8) != X'89504E470D0A1A0A'")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "run": ("id",),
    "declaration": ("run", "kind", "name"),
    "cell": ("run", "key"),
    "record": ("run", "cell", "replicate"),
    "artifact": ("run", "key"),
    "verdict": ("run", "claim"),
    "picture": ("run", "cell", "replicate", "ordinal"),
    "baseline": ("name",),
    "images": ("run", "key"),
    "host": ("run", "key"),
}
_FURTHER: Mapping[str, Mapping[str, ColumnRule]] = {
    "run": {
        "state": _one_of(*STATES),
        **dict.fromkeys(("started", "finished", "profile", "host_key"), _SHORT_TEXT),
        **dict.fromkeys(("command", "host", "settings"), _TEXT),
        "content_version": _COUNT,
    },
    "declaration": {
        "ordinal": _COUNT,
        "content": ColumnRule(
            "text, for a measure of at most 20000 characters",
            "typeof({0}) != 'text' OR (kind = 'measure' AND length({0}) > 20000)",
        ),
    },
    "cell": {
        "ordinal": _COUNT,
        "suites": _TEXT,
        "content": _SHORT_TEXT,
        "sampling": _SECONDS,
        "replicates": _PROCESSES,
        "due": _one_of(*get_args(Due)),
        "open": _YES,
    },
    "record": {
        "status": _one_of(*STATUSES),
        **dict.fromkeys(("reason", "unit", "details", "code", "started", "reused_from", "host"), _TEXT),
        "provenance": _one_of(*PROVENANCES),
        "n": _SAMPLES,
        **dict.fromkeys(("median", "mean", "p5", "p95", "lowest", "highest"), _FIGURE),
        **dict.fromkeys(("samples", "warmup"), _DOUBLES),
        "seconds": _SECONDS,
    },
    "artifact": {
        **dict.fromkeys(("description", "reason", "details"), _TEXT),
        "status": _one_of(*ARTIFACT_STATES),
        "seconds": _SECONDS,
    },
    "verdict": {"content": _TEXT},
    "picture": {**dict.fromkeys(("name", "title", "caption"), _TEXT), "png": _PNG},
    "baseline": dict.fromkeys(("run", "saved"), _TEXT),
    "images": {"paths": _BLOB},
    "host": {"fingerprint": _TEXT},
}
TABLES: Mapping[str, Mapping[str, ColumnRule]] = {
    table: {**{name: _COUNT if name in ("replicate", "ordinal") else _TEXT for name in key}, **_FURTHER[table]}
    for table, key in _KEYS.items()
}
"""Columns by table; those of the key come first."""

JSON = frozenset(
    {
        *(("run", name) for name in ("host", "settings")),
        *((table, "content") for table in ("declaration", "cell", "verdict")),
        *((table, "details") for table in ("record", "artifact")),
        ("host", "fingerprint"),
    }
)
"""Tables and columns that hold JSON."""


def row_in_sql(table: str) -> str:
    """Expression that names a row of a table by its key: `RUN/CELL/0`."""
    return " || '/' || ".join(f"ifnull({name}, 'null')" for name in _KEYS[table])


def wrong_in_sql(table: str, names: Iterable[str]) -> str:
    """Condition that holds for a row of a table in which one of these columns has a wrong value."""
    return " OR ".join(f"({TABLES[table][name].wrong.format(f'{table}.{name}')})" for name in names)
