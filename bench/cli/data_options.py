"""Options on data sets, which `run`, `list` and `doctor` share: where they lie, and what becomes of bad images."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.cli.options import one_of
from bench.data.digests import recall, remember
from bench.data.place import ON_BAD_IMAGE, SKIP, VARIABLE, DataPlace, default_folder, settle
from bench.declare.catalog import DATASETS
from bench.errors import UsageError
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing


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
        "--download",
        action="store_true",
        help="fetch what is missing: torchvision's ImageNet weights and data sets, into the data folder",
    )


def data_wish(arguments: argparse.Namespace) -> dict[str, str]:
    """What of the options a run is begun with, so that it is resumed with the same.

    Raises:
        UsageError: the folder is not there, and nothing is to be downloaded into it.
    """
    if arguments.data is not None and not arguments.data.is_dir() and not arguments.download:
        raise UsageError(f"there is no folder '{arguments.data}' for --data (--download would make it)")
    folder = "" if arguments.data is None else str(arguments.data.expanduser().absolute())
    return {"data": folder, "on_bad_image": arguments.on_bad_image or ""}


def settle_data(store: Path, given: Mapping[str, Any]) -> None:
    """Say where this process finds data, by what a run was given; its own images are looked at afresh."""
    folder = Path(given["data"]) if given.get("data") else default_folder(store)
    settle(DataPlace(folder, given.get("on_bad_image", SKIP)))
    recall(_digests(store))
    DATASETS.forget()
    forget_digests()
    forget_preprocessing()


def keep_digests(store: Path) -> None:
    """Remember beside the store which of the user's own files were read."""
    remember(_digests(store))


def _digests(store: Path) -> Path:
    return store.parent / "artifacts" / "digests.json"
