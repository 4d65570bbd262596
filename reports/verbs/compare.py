"""`evobench compare`: two runs side by side, or a run beside a reference run of another machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

from bench.cli.options.values import percent
from bench.cli.verb import Verb, add_format, add_store, emit
from bench.errors import UsageError
from bench.store.database import RunRow, Store
from bench.text.stdout import data_out
from bench.words import moment

_DIGITS = 8
"""Digits of a host's key that are shown."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `compare`."""
    from reports.ci.options import add_outputs

    parser.add_argument(
        "base",
        metavar="BASE",
        help="run to compare with: id, its beginning, latest, or a baseline; or the file of a reference run",
    )
    parser.add_argument("head", metavar="HEAD", help="run to judge")
    parser.add_argument(
        "--tolerance", type=percent, default=5.0, metavar="PERCENT", help="growth that is fine (%(default)s)"
    )
    parser.add_argument("--all", action="store_true", help="show cells that are fine, too")
    parser.add_argument("--force", action="store_true", help="ignore that host or protocol differ, and say so")
    add_outputs(parser)
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict per cell; returns 1 where one has a verdict that is to fail."""
    from bench.compare.gate.decided import in_turn
    from bench.compare.jobs.kept import accepted_of
    from bench.compare.judgement import judgement_of
    from bench.compare.reference import names_file
    from bench.compare.runs import compare, differences
    from bench.compare.verdict import tolerance_of
    from reports.ci.options import outputs_of

    if names_file(arguments.base):
        return _beside_reference(arguments)
    tolerance = tolerance_of(arguments.tolerance)
    outputs = outputs_of(arguments)
    with Store.open(arguments.store) as store:
        found = compare(store, arguments.base, arguments.head, tolerance, arguments.force)
        base, head = store.run(arguments.base), store.run(arguments.head)
        ignored = differences(store, base, head)
        notes = [f"ignored: {difference}" for difference in ignored]
        notes += _alone(store, base, head)
        judgement = judgement_of(store, base.id, head.id, found, outputs.fail_on, notes)
        if in_turn(base, head):
            judgement = replace(judgement, accepted=accepted_of(store, head))
        sides = list(_sides(base, head))
    for difference in ignored:
        sys.stderr.write(f"evobench: ignored: {difference}\n")
    return outputs.tell(judgement, arguments.format, arguments.all, sides)


def _beside_reference(arguments: argparse.Namespace) -> int:
    """Describe a run beside a reference run; returns 1 where a count differs."""
    from bench.compare.reference import describe, open_reference
    from reports.comparing.reference import lines, table
    from reports.output.files import plain_rows

    if arguments.write or arguments.force:
        raise UsageError("a reference run is described, not judged: leave --write and --force out")
    with open_reference(arguments.base) as reference, Store.open(arguments.store) as store:
        described = describe(reference, store, arguments.head)
    if arguments.format == "table":
        data_out().write("".join(f"{line}\n" for line in lines(described, arguments.all)))
    else:
        frame = table(described)
        emit(list(frame.columns), plain_rows(frame), arguments.format)
    return described.exit_code


def _sides(base: RunRow, head: RunRow) -> Iterator[str]:
    """Lines on the compared runs: when each was made, from what, and where; once where they are one."""
    if base.id == head.id:
        yield f"base and head are the same run: {_named(base)}; on {_hosts(base)}"
        return
    yield f"base: {_named(base)}"
    yield f"head: {_named(head)}"
    if base.hosts.keys() == head.hosts.keys():
        yield f"both on {_hosts(base)}"
    else:
        yield f"base on {_hosts(base)}; head on {_hosts(head)}"


def _named(run: RunRow) -> str:
    git = str(run.host.get("git") or "")
    dirty = " with changes" if git.endswith("+") else ""
    commit = f"commit {git.removesuffix('+')}{dirty}" if git else "no commit known"
    return f"{run.id}, {moment(run.started)}, profile {run.profile}, {commit}"


def _hosts(run: RunRow) -> str:
    """Hosts of the run by their keys, with their processors."""
    return ", ".join(
        f"{key[:_DIGITS]} ({', '.join([str(host.get('cpu') or 'unknown CPU'), *host.get('gpus', ())])})"
        for key, host in run.hosts.items()
    )


def _alone(store: Store, base: RunRow, head: RunRow) -> Iterator[str]:
    """Lines on what was not compared."""
    cells = [{row.cell.key for row in store.cells(run.id)} for run in (base, head)]
    for run, alone in ((base, cells[0] - cells[1]), (head, cells[1] - cells[0])):
        if alone:
            yield f"not compared: {len(alone)} cells that {run.id} alone has"


VERB = Verb(
    "compare",
    "compare two runs; exits 1 on a regression",
    configure,
    run,
    ("compare main latest", "compare main latest --all --tolerance 10", "compare reference.json latest"),
)
