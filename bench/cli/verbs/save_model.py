"""`evobench save-model`: the network of a training, to be used without evobench."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from bench.cli.verb import Terminal, Verb, add_catalog, add_store
from bench.cli.winner.card import card
from bench.cli.winner.choosing import Trained, best_of, named, of_target, told, trained_in
from bench.cli.winner.making import made, require_room, write_folder
from bench.cli.winner.subject import WinnerSubject
from bench.errors import Exit, UsageError
from bench.learning.winner.artifact import ALL, SPLIT
from bench.run.origins import load_catalogs_of
from bench.store.database import Store

_CARD = "README.md"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `save-model`."""
    parser.add_argument("run", metavar="RUN", help="id, its beginning, or latest")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder for the network")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--best", action="store_true", help="the scenario of best validation accuracy (default; of one target)"
    )
    which.add_argument(
        "--scenario",
        metavar="WORDS",
        help="the one of these words: 'efficientnet_lite0 finetune:upper', lr=0.01, the beginning of a cell's key",
    )
    parser.add_argument("--target", metavar="NAME", help="of a run with several targets the one that is meant")
    parser.add_argument(
        "--on",
        choices=(SPLIT, ALL),
        default=SPLIT,
        help="train on its split, or on all labelled images (%(default)s)",
    )
    add_catalog(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train the chosen scenario anew and write its network into a new folder; 3 where the ONNX file is refused."""
    console = Terminal(stderr=True, highlight=False)
    require_room(arguments.folder)
    with Store.open(arguments.store) as store:
        found = store.run(arguments.run)
        load_catalogs_of(found, arguments.catalog)
        trained = trained_in(store, found.id)
        if not trained:
            raise UsageError(
                f"run {found.id} trained no network that could be made anew: evobench run --suite transfer does"
            )
        chosen = _chosen(trained, arguments, found.id)
        console.print(f"run {found.id}: {told(chosen, trained)}", markup=False, soft_wrap=True)
        network = made(arguments.store, found, chosen.first, chosen.values, arguments.on, console)
        subject = WinnerSubject.of(
            store, found, chosen, network, arguments.on, was_named=arguments.scenario is not None
        )
    write_folder(arguments.folder, network.archive, {_CARD: card(subject)})
    place = shlex.quote(str(arguments.folder))
    for line in (*subject.summary, f"written to {arguments.folder}: python {place}/predict.py FOLDER"):
        console.print(line, markup=False, soft_wrap=True)
    return Exit.OK if subject.is_whole else Exit.INCOMPLETE


def _chosen(trained: tuple[Trained, ...], arguments: argparse.Namespace, run: str) -> Trained:
    some = of_target(trained, arguments.target, run) if arguments.target else trained
    return named(some, arguments.scenario, run) if arguments.scenario else best_of(some, run)


VERB = Verb(
    "save-model",
    "write the network of a training into a folder, to be used without evobench",
    configure,
    run,
    ("save-model latest DIR", "save-model latest DIR --scenario lr=0.01"),
)
