"""`evobench show-model`: the layers of one architecture, as a table."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.artifact import Artifact, Shelf
from bench.catalog import ARCHITECTURES, load_catalogs
from bench.driver import LIMIT
from bench.errors import Exit, UsageError
from bench.execute.local import LocalExecutor
from bench.verb import Terminal, Verb, add_format, add_store, emit, markdown

COLUMNS = ("layer", "type", "output shape", "parameters", "MACs", "calls")
HEADINGS = ("layer (type)", "output shape", "parameters", "MACs", "module")
WIDE = 120
"""Columns of a terminal on which the modules' dotted names have room."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `show-model`."""
    parser.add_argument(
        "name", metavar="NAME", help="architecture, with options if it has any: lenet5, vit_simple:heads=6"
    )
    parser.add_argument("--resolution", type=_side, metavar="PX", help="side of the input (default: the paper's)")
    parser.add_argument("--catalog", action="append", metavar="PACKAGE|FILE.py", help="declarations of your own")
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print name, output shape, parameters and multiply-adds of each layer, and their sums."""
    from bench.measures.counts import count_of

    catalogs = tuple(arguments.catalog or ())
    load_catalogs(catalogs)
    item = ARCHITECTURES.get(arguments.name)
    artifact = count_of(item, arguments.resolution or item.resolution)
    with _shelf(arguments.store) as shelf:
        if not shelf.holds(artifact):
            _make(artifact, shelf, catalogs)
        count = json.loads(shelf.path(artifact).read_text())
    if arguments.format in ("json", "csv"):
        emit(COLUMNS, [_raw(layer) for layer in count["layers"]], arguments.format)
    elif arguments.format == "markdown":
        sys.stdout.write(markdown(HEADINGS, _words(count["layers"])))
    else:
        Terminal().print(_table(f"{item.name} at {artifact['resolution']} px", count))
    return Exit.OK


@contextmanager
def _shelf(store: Path) -> Iterator[Shelf]:
    """The shelf beside the store, where there is one: what is counted is kept. Else one that leaves no trace."""
    if store.is_file():
        yield Shelf(store.parent / "artifacts")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Shelf(Path(folder))


def _make(artifact: Artifact, shelf: Shelf, catalogs: tuple[str, ...]) -> None:
    executor = LocalExecutor(catalogs)
    try:
        job = {"job": "make", "artifact": artifact.to_dict(), "threads": 1, "shelf": str(shelf.folder)}
        outcome = executor.submit(job, LIMIT, lambda _: None)
    finally:
        executor.close()
    if outcome.status != "ok":
        raise UsageError(f"{artifact['architecture']} at {artifact['resolution']} px: {outcome.reason}")


def _raw(layer: dict[str, Any]) -> tuple[object, ...]:
    shape = json.dumps(layer["output"]) if layer["output"] else None
    return (layer["name"], layer["type"], shape, layer["parameters"], layer["macs"], layer["calls"])


def _words(layers: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """As the usual summaries print it: numbered types, the batch left open, thousands set apart."""
    return [
        (
            f"{layer['type']}-{i}",
            f"[{', '.join(['-1', *map(str, layer['output'][1:])])}]" if layer["output"] else "(training only)",
            f"{layer['parameters']:,}",
            f"{layer['macs']:,}",
            layer["name"] + (f" (called {layer['calls']} times)" if layer["calls"] > 1 else ""),
        )
        for i, layer in enumerate(layers, 1)
    ]


def _table(title: str, count: dict[str, Any]) -> RenderableType:
    """The layers and their sums; modules' names where the terminal has room for them."""
    shown = len(HEADINGS) if Terminal().width >= WIDE else len(HEADINGS) - 1
    rows = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in HEADINGS[:shown]:
        rows.add_column(heading, justify="right" if heading in ("parameters", "MACs") else "left", overflow="fold")
    for words in _words(count["layers"]):
        rows.add_row(*(Text(word) for word in words[:shown]))
    trainable = count["trainable"]
    sums = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    sums.add_column()
    sums.add_column(justify="right")
    for name, number in (
        ("Total parameters", count["parameters"]),
        ("Trainable", trainable),
        ("Non-trainable", count["parameters"] - trainable),
        ("MACs of one image", count["total"]),
        ("Activations", count["activations"]),
    ):
        sums.add_row(name, f"{number:,}")
    return Group(rows, Text(""), sums)


def _side(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"'{text}' is no side of an image in pixels: 1 or more")
    return int(text)


VERB = Verb("show-model", "show the layers of an architecture", configure, run)
