"""`evobench baseline`: names for runs that later ones are compared with."""

from __future__ import annotations

import argparse

from bench.cli.verb import Verb, add_format, add_store, emit
from bench.errors import Exit, UsageError
from bench.run.runs import utc_now
from bench.store.database import RunRow, Store
from bench.store.rows import AUDIT, REGRESS, Baseline
from bench.text.stdout import data_out

_FINISHED = ("complete", "budget")
_COLUMNS = ("name", "run", "saved", "profile", "cells", "host", "suites", "cpu")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `baseline`."""
    actions = parser.add_subparsers(dest="action", metavar="save|list|remove", required=True)
    save = actions.add_parser("save", help="give a finished run a name", description="Give a finished run a name.")
    save.add_argument("name", metavar="NAME", help="letters, digits and -._/, such as main or release/1.2")
    save.add_argument("run", nargs="?", metavar="RUN", help="id, its beginning, or latest (the default)")
    save.add_argument("--replace", action="store_true", help="let a name that is taken stand for this run")
    listing = actions.add_parser("list", help="all baselines", description="List all baselines.")
    add_format(listing)
    remove = actions.add_parser(
        "remove", help="take a name away", description="Take a name away; the run stays in the store."
    )
    remove.add_argument("name", metavar="NAME", help="name to take away")
    for action in (save, listing, remove):
        add_store(action)


def run(arguments: argparse.Namespace) -> int:
    """Save, list or remove."""
    with Store.open(arguments.store) as store:
        if arguments.action == "list":
            rows = _rows(store)
            if not rows and arguments.format == "table":
                data_out().write("no baselines: evobench baseline save NAME makes one of the newest run\n")
            else:
                emit(_COLUMNS, rows, arguments.format)
        elif arguments.action == "remove":
            item = store.baselines.get(arguments.name)
            store.baselines.remove(item.name)
            data_out().write(f"baseline '{item.name}' is removed; run {item.run} stays\n")
        else:
            chosen = _chosen(store, arguments.run)
            store.baselines.save(Baseline(arguments.name, chosen.id, utc_now()), replace=arguments.replace)
            data_out().write(f"baseline '{arguments.name}' is run {chosen.id}\n")
    return Exit.OK


def _chosen(store: Store, name: str | None) -> RunRow:
    """The run to give a name: by default the newest that measured on its own.

    Raises:
        UsageError: the run did not end, or has nothing that a later run can be compared with.
    """
    own = [run for run in store.runs() if run.profile not in (AUDIT, REGRESS)]
    found = own[-1] if name is None and own else store.run(name or "latest")
    if found.profile == AUDIT:
        raise UsageError(f"run {found.id} is an audit, which measures no cells: name another")
    if found.profile == REGRESS:
        raise UsageError(f"run {found.id} is one side of a comparison step by step: name another")
    if found.state not in _FINISHED:
        word = "is running or was killed" if found.state == "running" else "was interrupted"
        raise UsageError(f"run {found.id} {word}: finish it (evobench run --resume {found.id}), or name another")
    return found


def _rows(store: Store) -> list[tuple[object, ...]]:
    runs = {run.id: run for run in store.runs()}
    tallies = {tally.run: tally for tally in store.shown.tallies()}
    return [
        (
            item.name,
            item.run,
            item.saved,
            runs[item.run].profile,
            tallies[item.run].good,
            runs[item.run].host_key,
            " ".join(tallies[item.run].suites),
            str(runs[item.run].host.get("cpu", "unknown")),
        )
        for item in store.baselines.all()
    ]


VERB = Verb(
    "baseline",
    "save, list and remove names of runs that later ones are compared with",
    configure,
    run,
    ("baseline save main", "baseline list"),
)
