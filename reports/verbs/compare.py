"""`evobench compare`: two runs side by side."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.errors import Exit, UsageError
from bench.store import Store
from bench.verb import Verb, add_format, add_store, emit

if TYPE_CHECKING:
    from reports.comparison import Comparison


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `compare`."""
    parser.add_argument("base", metavar="BASE", help="run to compare with: id, its beginning, or latest")
    parser.add_argument("head", metavar="HEAD", help="run to judge")
    parser.add_argument(
        "--tolerance", type=float, default=5.0, metavar="PERCENT", help="growth that is fine (%(default)s)"
    )
    parser.add_argument("--all", action="store_true", help="show cells that are fine, too")
    parser.add_argument("--force", action="store_true", help="compare speeds of different hosts all the same")
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict per cell; returns 1 where one has regressed."""
    from reports.comparison import VERDICTS, compare, host_difference

    if not 0 <= arguments.tolerance < 100:
        raise UsageError(f"--tolerance takes 0 to 100 percent, not {arguments.tolerance:g}")
    with Store.open(arguments.store) as store:
        found = compare(store, arguments.base, arguments.head, arguments.tolerance / 100, arguments.force)
        ignored = host_difference(store.run(arguments.base), store.run(arguments.head))
    if ignored:
        sys.stderr.write(f"evobench: ignored: the hosts differ ({ignored})\n")
    if arguments.format in ("json", "csv"):
        emit(_RAW, _raw(found), arguments.format)
    elif arguments.format == "markdown":
        emit(_COLUMNS, [_words(item) for item in found if arguments.all or item.verdict != "fine"], "markdown")
    else:
        for cell, base, head, ratio, verdict, note in map(_words, found):
            if arguments.all or verdict != "fine":
                change = ", ".join(part for part in (f"{base} → {head}", ratio and f"ratio {ratio}", note) if part)
                sys.stdout.write(f"{verdict:<11} {cell}\n{'':<11} {change}\n")
    count = Counter(item.verdict for item in found)
    sys.stderr.write(", ".join(f"{count[verdict]} {verdict}" for verdict in VERDICTS) + "\n")
    return Exit.REGRESSION if count["regression"] else Exit.OK


_COLUMNS = ("cell", "base", "head", "ratio", "verdict", "note")
_RAW = ("cell", "measure", "unit", "base", "head", "ratio", "low", "high", "verdict", "note")


def _raw(found: Sequence[Comparison]) -> list[tuple[object, ...]]:
    return [tuple(getattr(item, name) for name in _RAW) for item in found]


def _words(item: Comparison) -> tuple[str, ...]:
    ratio = "" if item.ratio is None else f"{item.ratio:.3f}"
    if item.low is not None and item.high is not None and item.measure != "top1":
        ratio += f" [{item.low:.3f}, {item.high:.3f}]"
    return (item.cell, _figure(item, item.base), _figure(item, item.head), ratio, item.verdict, item.note)


def _figure(item: Comparison, value: float | None) -> str:
    from reports.formats import quantity

    if item.measure == "top1" and value is not None:
        return quantity(100 * value, "%")
    return quantity(value, item.unit)


VERB = Verb("compare", "compare two runs; exits 1 on a regression", configure, run)
