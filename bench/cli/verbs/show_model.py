"""`evobench show-model`: one architecture stage by stage, or layer by layer."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.cli.layout import FittedTable, TextColumn
from bench.cli.options.values import side
from bench.cli.verb import Terminal, Verb, add_catalog, add_format, add_store, emit, folder_of
from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.errors import Exit, UsageError
from bench.execute.jobs import Given, Make
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.run.driver import LIMIT
from bench.run.shelf.contents import folder_beside
from bench.shapes import stages_of
from bench.text.markdown import markdown
from bench.text.stdout import data_out

COLUMNS = ("layer", "type", "output shape", "parameters", "MACs", "call", "uncounted")
HEADINGS = ("layer (type)", "output shape", "parameters", "MACs", "module")
_FEW = 16
"""Layers that are shown unasked: so small a network has no stages to speak of."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `show-model`."""
    parser.add_argument(
        "name", metavar="NAME", help="architecture, with options if it has any: lenet5, vit_simple:heads=6"
    )
    parser.add_argument("--resolution", type=side, metavar="PX", help="side of the input (default: the paper's)")
    parser.add_argument(
        "--layers", action="store_true", help="show every layer, not stages; the formats for programs always do"
    )
    add_catalog(parser)
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the stages of an architecture, or its layers, and their sums."""
    from bench.measures.counts import count_of

    catalogs = tuple(arguments.catalog)
    load_catalogs(catalogs)
    item = ARCHITECTURES.get(arguments.name)
    artifact = count_of(item, arguments.resolution or item.resolution)
    with _shelf(arguments.store, artifact) as shelf:
        if not shelf.holds(artifact):
            _make(artifact, shelf, catalogs)
        count = json.loads(shelf.path(artifact).read_text())
    if arguments.format in ("json", "csv"):
        emit(COLUMNS, [_raw(layer) for layer in count["layers"]], arguments.format)
    elif arguments.format == "markdown":
        data_out().write(markdown(HEADINGS, _words(count["layers"], item.auxiliary)))
    else:
        title = f"{item.name} at {artifact['resolution']} px"
        if arguments.layers or len(count["layers"]) <= _FEW:
            Terminal().print(Group(_layers(title, count, item.auxiliary), Text(""), *_sums(count)))
        else:
            layers = f"--layers shows each of the {len(count['layers'])} layers"
            Terminal().print(Group(_stages(title, count), Text(""), *_sums(count), Text(layers)))
    return Exit.OK


@contextmanager
def _shelf(store: Path, artifact: Artifact) -> Iterator[Shelf]:
    """The shelf beside the store, where there is one: what is counted is kept. Else one that leaves no trace."""
    kept = Shelf(folder_beside(store))
    if store.is_file() and (kept.holds(artifact) or os.access(folder_of(kept.folder / artifact.key), os.W_OK)):
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Shelf(Path(folder))


def _make(artifact: Artifact, shelf: Shelf, catalogs: tuple[str, ...]) -> None:
    executor = LocalExecutor(catalogs)
    try:
        outcome = finish(executor, Make(artifact, 1, Given(shelf.folder)), LIMIT)
    finally:
        executor.close()
    if outcome.status != "ok":
        raise UsageError(f"{artifact['architecture']} at {artifact['resolution']} px: {outcome.reason}")
    for warning in outcome.details.get("warnings", ()):
        sys.stderr.write(f"warning: {warning}\n")


def _raw(layer: dict[str, Any]) -> tuple[object, ...]:
    shape = json.dumps(layer["output"]) if layer["output"] else None
    return (
        layer["name"],
        layer["type"],
        shape,
        layer["parameters"],
        layer["macs"],
        layer["call"],
        layer["uncounted"],
    )


def _words(layers: Sequence[dict[str, Any]], auxiliary: Sequence[str]) -> list[tuple[str, ...]]:
    """Rows as the usual summaries print them: numbered types, the batch left open, thousands set apart."""
    return [
        (
            f"{layer['type']}-{i}",
            _shape(layer, auxiliary),
            f"{layer['parameters']:,}",
            _at_least(layer["macs"], layer["uncounted"]),
            layer["name"] + (f" (call {layer['call']})" if layer["call"] > 1 else ""),
        )
        for i, layer in enumerate(layers, 1)
    ]


def _at_least(number: int, incomplete: object) -> str:
    return f"≥ {number:,}" if incomplete else f"{number:,}"


def _shape(layer: dict[str, Any], auxiliary: Sequence[str]) -> str:
    if layer["output"]:
        return f"[{', '.join(['-1', *map(str, layer['output'][1:])])}]"
    if layer["call"]:
        return "(no tensor)"
    heads = [f"{head}." for head in auxiliary]
    return "(training only)" if f"{layer['name']}.".startswith(tuple(heads)) else "(not run)"


def _stages(title: str, count: Mapping[str, Any]) -> RenderableType:
    """Table of what runs at one resolution, a row for each, with the shape of its output."""
    found = stages_of(count["layers"], count.get("widths", {}))
    rows = [
        (stage.label, str(stage.layers), f"{stage.parameters:,}", _at_least(stage.macs, stage.incomplete))
        for stage in found
    ]
    headings = ("stage ends with", "layers with parameters", "parameters", "MACs")
    columns = (TextColumn(name, tuple(row[i] for row in rows), number=i > 0) for i, name in enumerate(headings))
    return FittedTable(tuple(columns), title)


def _layers(title: str, count: Mapping[str, Any], auxiliary: Sequence[str]) -> RenderableType:
    """A row for each call of a layer; modules' names where the terminal has room for them."""
    words = _words(count["layers"], auxiliary)
    columns = tuple(
        TextColumn(heading, tuple(row[i] for row in words), heading in ("parameters", "MACs"), heading != "module")
        for i, heading in enumerate(HEADINGS)
    )
    return FittedTable(columns, title)


def _sums(count: Mapping[str, Any]) -> Iterator[RenderableType]:
    trainable = count["trainable"]
    sums = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    sums.add_column()
    sums.add_column(justify="right")
    for name, number in (
        ("Total parameters", count["parameters"]),
        ("Trainable", trainable),
        ("Non-trainable", count["parameters"] - trainable),
    ):
        sums.add_row(name, f"{number:,}")
    for name, key in (("MACs of one image", "total"), ("Activations", "activations")):
        sums.add_row(name, _at_least(count[key], count["incomplete"]))
    yield sums
    yield Text(f"Counters agree: {count['agreement']}")


VERB = Verb(
    "show-model",
    "show the stages or the layers of an architecture",
    configure,
    run,
    ("show-model resnet50", "show-model resnet50 --layers", "show-model vit_simple:heads=6"),
)
