"""`evobench clean`: remove the artifacts that no run needs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bench.cli.verb import Verb, add_artifacts_limit, add_format, add_store, emit
from bench.errors import Exit, StoreError, UsageError
from bench.run.shelf.contents import lying, own_folder_beside
from bench.run.shelf.locks import removing
from bench.run.shelf.removal import Removal, beyond, remove, summed, unneeded
from bench.store.past import named_beside
from bench.text.stdout import data_out
from bench.words import few, in_bytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `clean`."""
    parser.add_argument("--dry-run", action="store_true", help="show what would be removed, and remove nothing")
    add_artifacts_limit(parser)
    add_store(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove what no run of the store, or of one beside it, needs; returns 0.

    Raises:
        UsageError: a run of the folder is being measured.
        StoreError: there is no such store, or one of the folder cannot be read: nobody knows what its runs need.
    """
    if not arguments.store.is_file():
        raise StoreError(
            f"there is no store '{arguments.store}' that would say what is needed: name one with --store"
        )
    with removing(arguments.store.parent) as measured:
        if measured:
            raise UsageError(f"run {few(measured)} is being measured: clean when it has ended")
        named = named_beside(arguments.store)
        items = lying(own_folder_beside(arguments.store))
        removals = unneeded(items, named)
        if arguments.artifacts_limit is not None:
            gone = {removal.item.name for removal in removals}
            kept = [item for item in items if item.name not in gone]
            removals += beyond(kept, named, arguments.artifacts_limit)
        if not arguments.dry_run:
            remove(removals)
    _tell(removals, sum(item.size for item in items), arguments)
    return Exit.OK


def _tell(removals: Sequence[Removal], size: int, arguments: argparse.Namespace) -> None:
    """Print what is removed, and its part of everything that lay there (`size`, bytes)."""
    freed = sum(removal.item.size for removal in removals)
    rows = summed(removals)
    if arguments.format in ("json", "csv"):
        emit(("what", "why", "number", "bytes"), rows, arguments.format)
    elif rows:
        told = [(what, why, number, in_bytes(total)) for what, why, number, total in rows]
        emit(("what", "why", "number", "size"), told, arguments.format)
    done = f"{in_bytes(freed)} {'would be' if arguments.dry_run else 'are'} freed" if rows else "nothing to remove"
    data_out().flush()
    sys.stderr.write(f"{done}; {in_bytes(size - freed)} stay\n")
    if arguments.artifacts_limit is not None and size - freed > arguments.artifacts_limit:
        limit = in_bytes(arguments.artifacts_limit)
        sys.stderr.write(f"that is more than {limit}: what unfinished trainings go on from is not removed\n")


VERB = Verb(
    "clean",
    "remove the artifacts that no run needs",
    configure,
    run,
    ("clean --dry-run  # what would go, and how large it is", "clean --artifacts-limit 5GB"),
)
