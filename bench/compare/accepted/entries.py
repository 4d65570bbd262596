"""The file that lists accepted changes: what an entry may say, and which verdict it covers."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from bench.compare.verdict import Comparison
from bench.errors import UsageError
from bench.foreign import from_toml
from bench.gate.base.checkout import ACCEPTED

_TABLE = "accepted"
_FIELDS = ("cell", "architecture", "measure", "to", "dropped", "reason", "until", "commit")
_TEXTS = ("cell", "architecture", "measure", "reason", "commit")
_RATIO = re.compile(r"(\d+(?:\.\d+)?)x")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A change that is accepted: of which cells, how far, and why."""

    reason: str
    cell: str = ""
    """Name of the cell as it is printed; empty where architecture and measure say which."""
    architecture: str = ""
    """Pattern with the wildcards of a shell."""
    measure: str = ""
    """Pattern with the wildcards of a shell."""
    figure: float | None = None
    """Limit of the head's figure, in the unit of the measure."""
    ratio: float | None = None
    """Limit of head over base."""
    dropped: bool = False
    """Whether it is accepted that the head no longer watches the cell."""
    until: date | None = None
    """The last day on which it is accepted."""
    commit: str = ""
    """Hexadecimal: the commit that brought the change, where that is not the one that brings the entry."""

    def __str__(self) -> str:
        return f"'{self.cell or f'{self.architecture} {self.measure}'}'"

    @property
    def told(self) -> str:
        """The reason, with the last day where there is one."""
        return f"{self.reason} (until {self.until})" if self.until else self.reason

    def matches(self, item: Comparison) -> bool:
        """Whether the entry is about this cell."""
        if self.cell:
            return self.cell == item.cell
        # a cell's name begins with its architecture, and has no space within that
        architecture = item.cell.partition(" ")[0]
        return fnmatchcase(architecture, self.architecture) and fnmatchcase(item.measure, self.measure)

    def beyond(self, item: Comparison) -> str:
        """Reason why the entry does not cover a verdict on a cell that it matches; empty where it does.

        The entry covers what lies between the base and the limit. Where chance decides, the end of the interval
        that is farther from the base must lie there, so that no more is accepted than was meant.
        """
        if item.verdict == "dropped":
            return "" if self.dropped else "that it is dropped is not accepted"
        if self.dropped:
            return "only that it is dropped is accepted"
        if item.base is None or item.head is None:
            return "there are no two figures to compare"
        if self.figure is not None and item.nature.is_speed:
            return "a speed is accepted by a ratio, such as to = '1.2x': its figure is that of one machine"
        return self._beyond_limit(item, item.base, item.head)

    def _beyond_limit(self, item: Comparison, base: float, head: float) -> str:
        limit = self.figure if self.figure is not None else (self.ratio or 0.0) * base
        far = _far_end(item, base, head, upward=limit >= base)
        if min(base, limit) <= far <= max(base, limit):
            return ""
        # the slack is for the rounding of a ratio that is turned into a figure and back
        if math.isclose(far, limit, rel_tol=1e-12) and (head >= base) == (limit >= base):
            return ""
        if self.figure is not None:
            return f"accepted to {self.figure:.12g} only, and it reaches {far:.12g}"
        return f"accepted to {self.ratio:g}x only, and it reaches {far / base if base else math.inf:.6g}x"


def entries_of(text: str, place: str = ACCEPTED) -> tuple[Entry, ...]:
    """The entries of a file.

    Args:
        text: TOML.
        place: name of the file in messages.

    Raises:
        UsageError: the file is not TOML, or an entry does not say what it must; the message names the place.
    """
    try:
        content = from_toml(text)
    except ValueError as error:
        raise UsageError(f"{place}: {' '.join(str(error).split())}") from error
    tables = content.get(_TABLE, [])
    if content.keys() - {_TABLE} or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise UsageError(f"{place}: takes tables [[{_TABLE}]] and nothing else")
    return tuple(_entry(table, f"{place}: entry {i}") for i, table in enumerate(tables, 1))


def _entry(table: Mapping[str, Any], place: str) -> Entry:
    for name in table:
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(_FIELDS)}"
            raise UsageError(f"{place}: unknown field '{name}'; {hint}")
    texts = {name: table[name] for name in _TEXTS if name in table}
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{place}: {name} takes a text")
    if "reason" not in texts:
        raise UsageError(f"{place}: has no reason")
    if {"cell", "architecture", "measure"} & texts.keys() not in ({"cell"}, {"architecture", "measure"}):
        raise UsageError(f"{place}: names a cell, or an architecture and a measure")
    if not _COMMIT.fullmatch(texts.get("commit", "0000000")):
        raise UsageError(f"{place}: commit takes 7 to 40 hexadecimal digits, not '{texts['commit']}'")
    until = table.get("until")
    if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
        raise UsageError(f"{place}: until takes a date without quotes, such as 2027-01-31")
    return Entry(**texts, until=until, **_limit(table, place))


def _limit(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Limit of the acceptance, by the fields of an entry."""
    if ("to" in table) == ("dropped" in table) or table.get("dropped", True) is not True:
        raise UsageError(f"{place}: says how far it goes (to = 431000, to = '2.1x'), or dropped = true")
    if "dropped" in table:
        return {"dropped": True}
    to = table["to"]
    if isinstance(to, str) and (found := _RATIO.fullmatch(to.strip())):
        return {"ratio": float(found.group(1))}
    if isinstance(to, int | float) and not isinstance(to, bool) and math.isfinite(to):
        return {"figure": float(to)}
    raise UsageError(f"{place}: to takes a figure in the measure's unit, or a ratio such as '2.1x', not {to!r}")


def _far_end(item: Comparison, base: float, head: float, upward: bool) -> float:
    """The figure of head that lies farthest in one direction and is not excluded."""
    if item.low is None or item.high is None:
        return head
    end = item.high if upward else item.low
    return base + end if item.share else base * end
