"""`evobench history`: the changes of level and of spread over the runs of a store."""

from __future__ import annotations

import argparse
import sys
import textwrap
from typing import TYPE_CHECKING

from bench.cli.options.values import architecture_names, joined, listed
from bench.cli.verb import Terminal, Verb, add_format, add_store, emit
from bench.errors import Exit, UsageError
from bench.store.database import Store
from bench.text.stdout import data_out

if TYPE_CHECKING:
    from bench.compare.history.changes import FoundChange

_COLUMNS = ("verdict", "cell", "change", "levels", "from run", "after run", "what differs")
_WIDTH = 120
_INDENT = 13


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `history`."""
    parser.add_argument(
        "--arch", type=architecture_names, action="append", metavar="NAME,...", help="only these architectures"
    )
    parser.add_argument(
        "--measure", type=listed(str), action="append", metavar="NAME,...", help="only these measures"
    )
    parser.add_argument(
        "--since",
        type=_named,
        metavar="DAY|RUN|COMMIT",
        help="only runs from then on, as in 2026-01-31, or of that commit and of what was built on it",
    )
    parser.add_argument(
        "--branch",
        type=_named,
        metavar="NAME",
        help="only runs of the commits that this branch went through (first parents), in their order",
    )
    parser.add_argument(
        "--across-versions",
        action="store_true",
        help="join runs of one machine with other packages, Python or drivers: what an upgrade moved",
    )
    parser.add_argument("--all", action="store_true", help="show cells without a change, too")
    parser.add_argument(
        "--fail-on-worse", action="store_true", help="exit 1 where the newest run's level begins with a worsening"
    )
    add_format(parser)
    add_store(parser)


def _named(text: str) -> str:
    """A name that says something: a variable of CI that is empty must not stand for all runs."""
    if not text.strip():
        raise UsageError("an empty text names no branch, commit or day: leave the option out for all runs")
    return text


def run(arguments: argparse.Namespace) -> int:
    """Print the changes; returns 1 where `--fail-on-worse` has something to say."""
    from bench.compare.history.changes import search
    from bench.compare.history.series import WantedSeries
    from reports.history.table import table
    from reports.history.words import summary
    from reports.output.files import plain_rows

    wanted = WantedSeries(
        joined(arguments.arch),
        joined(arguments.measure),
        arguments.since or "",
        arguments.branch or "",
        arguments.across_versions,
    )
    with Store.open(arguments.store) as store:
        result = search(store, wanted)
    shown = result.found if arguments.all else result.changes
    answer = "".join(f"{line}\n" for line in summary(result))
    if arguments.format in ("json", "csv"):
        frame = table(shown)
        emit(list(frame.columns), plain_rows(frame), arguments.format)
    elif arguments.format == "markdown":
        emit(_COLUMNS, [_words(item) for item in shown], arguments.format)
    else:
        width = min(_WIDTH, Terminal().width)
        data_out().write("".join(_lines(item, width) for item in shown) + answer)
    if arguments.format != "table":
        sys.stderr.write(answer)
    return Exit.REGRESSION if arguments.fail_on_worse and result.worse_now else Exit.OK


def _words(item: FoundChange) -> tuple[str, ...]:
    from reports.history.words import levels, size, why

    return (
        item.verdict,
        str(item.series.cell),
        size(item) if item.change else "",
        levels(item),
        item.first_after,
        item.last_before,
        why(item),
    )


def _lines(item: FoundChange, width: int) -> str:
    """A change in a few lines: what, how much, where, why."""
    from reports.history.words import levels, size, why

    texts = [f"{item.verdict:<{_INDENT}}{item.series.cell}"]
    change = item.change
    if change is None:
        texts.append(" " * _INDENT + item.note)
    else:
        texts.append(" " * _INDENT + f"{size(item)}: {levels(item)}")
        texts.append(" " * _INDENT + _where(item))
        texts.append(" " * _INDENT + why(item))
    wrapped = (
        textwrap.wrap(text, width, subsequent_indent=" " * (_INDENT + 2), break_on_hyphens=False) for text in texts
    )
    return "".join(f"{line}\n" for lines in wrapped for line in lines)


def _where(item: FoundChange) -> str:
    change = item.change
    assert change is not None
    if change.kind == "drift":
        return f"drift, no single run: {item.last_before} to {item.first_after}, {change.stop} runs"
    before, after = change.at - change.start, change.stop - change.at
    text = f"from run {item.first_after} on ({_runs(after)}), after {item.last_before} ({_runs(before)})"
    if change.earliest == change.latest:
        return text
    runs = [row.run for row in item.series.measured]
    return f"{text}; it may begin between {runs[change.earliest]} and {runs[change.latest]}"


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"


VERB = Verb(
    "history",
    "find the runs at which a figure changed, and what may have changed it",
    configure,
    run,
    ("history", "history --since 2026-01-31 --measure latency"),
)
