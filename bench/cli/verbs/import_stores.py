"""`evobench import`: the runs of other machines' stores in one store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from bench.cli.options.values import place
from bench.cli.verb import Verb, add_store
from bench.errors import Exit
from bench.store.database import Store
from bench.store.merging import Imported, import_store, require_store
from bench.text.stdout import data_out


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `import`."""
    parser.add_argument(
        "stores", nargs="+", type=place, metavar="STORE", help="a store to read; best a copy by export --sqlite"
    )
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Bring the runs of every store into one, and say what came."""
    for path in arguments.stores:  # before anything is written: what cannot be read must leave no trace
        require_store(path)
    with Store.create(arguments.store) as store:
        for path in arguments.stores:
            found = import_store(store, path)
            data_out().write("".join(f"{line}\n" for line in _told(store, path, found)))
    return Exit.OK


def _told(store: Store, path: Path, found: Imported) -> Iterator[str]:
    parts = [(found.added, "new"), (found.grown, "went on since"), (found.known, "known already")]
    counts = ", ".join(f"{len(runs)} {words}" for runs, words in parts if runs)
    names = f"; baselines: {', '.join(found.baselines)}" if found.baselines else ""
    number = sum(len(runs) for runs, _ in parts)
    yield f"{path}: {'1 run' if number == 1 else f'{number} runs'}{f' ({counts})' if counts else ''}{names}"
    for run in found.unfinished:
        planned, tried = len(store.cells(run)), len({cell for cell, _ in store.past.attempted(run)})
        yield f"run {run} had not ended, or was killed: {tried} of {planned} cells have a record"
    for item in found.taken:
        yield (
            f"baseline '{item.name}' stays with run {store.baselines.get(item.name).run}: in '{path}' it is run"
            f" {item.run}"
        )


VERB = Verb(
    "import",
    "bring the runs of other stores, as of other machines, into one store",
    configure,
    run,
    ("import other.sqlite  # of another machine, by export --sqlite",),
)
