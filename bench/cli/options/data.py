"""Options on data sets, which `run`, `list` and `doctor` share: where they lie, and what becomes of bad images."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.cli.options.values import one_of
from bench.data.digests import recall, remember
from bench.data.formats import chosen_suffixes
from bench.data.place import ON_BAD_IMAGE, SKIP, VARIABLE, DataPlace, default_folder, settle
from bench.data.reading import AS_CLASSES, PLAIN, Reading, chosen_splits
from bench.declare.catalog import DATASETS
from bench.errors import UsageError
from bench.foreign import expanded
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing
from bench.run.runs import reading_of
from bench.run.shelf.contents import folder_beside
from bench.text.plain import in_brief
from bench.words import in_room


def add_data(parser: argparse._ActionsContainer) -> None:
    """Add `--data DIR`."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=f"where data sets lie (default: ${VARIABLE}, else data beside the store)",
    )


def add_data_options(parser: argparse._ActionsContainer) -> None:
    """Add all options on data that `run` has."""
    add_data(parser)
    parser.add_argument(
        "--on-bad-image",
        type=one_of("way to treat a bad image", ON_BAD_IMAGE),
        metavar="|".join(ON_BAD_IMAGE),
        help=f"leave damaged images out and tell of them, or fail (default: {SKIP})",
    )
    parser.add_argument(
        "--image-types",
        type=_types,
        default=(),
        metavar=".jpg,png",
        help="of your own images only those of these suffixes or formats (default: all that can be read)",
    )
    parser.add_argument(
        "--splits",
        type=_splits,
        default=PLAIN,
        metavar="train=NAME,test=NAME|none",
        help="folders, or words of a table, that are the splits; none: all are classes (default: by their names)",
    )
    parser.add_argument(
        "--allow-missing-classes",
        action="store_true",
        help="go on where a split lacks a class, or one is empty",
    )
    parser.add_argument(
        "--follow-links",
        action="store_true",
        help="read what links and paths reach outside your folder",
    )
    parser.add_argument(
        "--download",
        action="store_true",
        help="fetch what is missing: weights of torchvision, timm, transformers; data sets, into the data folder",
    )


def _types(text: str) -> tuple[str, ...]:
    return chosen_suffixes(text.split(","))


def _splits(text: str) -> Reading:
    return Reading(splits=chosen_splits(text), as_classes=text == AS_CLASSES)


def data_wish(arguments: argparse.Namespace) -> dict[str, Any]:
    """Part of the options on data that a run keeps, so that it is resumed with the same data.

    Raises:
        UsageError: the folder is not there, and nothing is to be downloaded into it.
    """
    if arguments.data is not None and not arguments.data.is_dir() and not arguments.download:
        raise UsageError(f"there is no folder '{arguments.data}' for --data (--download would make it)")
    folder = "" if arguments.data is None else str(expanded(arguments.data).absolute())
    reading = replace(
        arguments.splits,
        types=arguments.image_types,
        follow_links=arguments.follow_links,
        missing_classes=arguments.allow_missing_classes,
    )
    return {"data": folder, "on_bad_image": arguments.on_bad_image or "", "reading": reading}


def settle_data(store: Path, given: Mapping[str, Any]) -> None:
    """Say where this process finds data, by what a run was given; its own images are looked at afresh."""
    folder = Path(given["data"]) if given.get("data") else default_folder(store)
    settle(DataPlace(folder, given.get("on_bad_image", SKIP), reading_of(given)))
    recall(_digests(store))
    DATASETS.forget()
    forget_digests()
    forget_preprocessing()


def tell_data(console: Console) -> None:
    """Say what the user's own images were taken for, and which files among them are not used."""
    for item in DATASETS.own():
        for note in item.notes:
            _say(console, in_brief(f"{item.name}: {note}"))
        if item.left_out:
            count = sum(part.count for part in item.left_out)
            files = "1 file is" if count == 1 else f"{count} files are"
            parts = [in_brief(str(part), 100) for part in item.left_out]
            _say(console, in_brief(f"{item.name}: {files} left out: {in_room(parts, 160)}"))


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def keep_digests(store: Path) -> None:
    """Remember beside the store which of the user's own files were read."""
    remember(_digests(store))


def _digests(store: Path) -> Path:
    return folder_beside(store) / "digests.json"
