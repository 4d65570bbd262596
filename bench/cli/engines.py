"""Options that say where jobs run, and how many at once."""

from __future__ import annotations

import argparse

from bench.cli.options import positive
from bench.errors import UsageError
from bench.machine.host import available_cpus, available_memory
from bench.machine.memory_limit import megabytes

AUTO = "auto"
_MOST = 1024
LANE = 1 << 30
"""Bytes that a lane is taken to need where no memory limit says so: torch's libraries, a small training."""


def add_engine_options(parser: argparse._ActionsContainer) -> None:
    """Add `--lanes`, and where timings run."""
    parser.add_argument(
        "--lanes",
        type=lanes,
        default=AUTO,
        metavar="auto|N",
        help="cells that run at once; a timing is alone all the same (default: auto, as many as there are cores)",
    )
    parser.add_argument(
        "--timings-on", default="", metavar="HOST", help="the host of all timings (default: the first)"
    )
    parser.add_argument(
        "--share-gpus",
        action="store_true",
        help="train on the other GPUs of a host while one of them is timed, which the records say then",
    )


def lanes(text: str) -> int | None:
    """A number of lanes; None for `auto`."""
    return None if text == AUTO else positive(f"lanes (or '{AUTO}')", _MOST)(text)


def lanes_here(asked: int | None, memory_limit: int | None) -> int:
    """How many lanes this machine is to have.

    Args:
        asked: for; None: as many as it has cores, if its memory holds them.
        memory_limit: bytes that a cell may allocate; None: no limit.

    Raises:
        UsageError: its memory does not hold as many as were asked for.
    """
    each, memory = memory_limit or LANE, available_memory()
    most = max(1, memory // each)
    if asked is not None and asked > most:
        raise UsageError(
            f"{asked} lanes of {megabytes(each)} are more than the {megabytes(memory)} here hold: {most} at most,"
            " or a lower --memory-limit"
        )
    return asked or min(available_cpus(), most)


def gpus_of(device: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The device that cells are planned for, and the GPUs that they are dealt out to where there are several.

    `cuda:0,cuda:1` plans for `cuda`: which of them a cell runs on is no condition of it.

    Raises:
        UsageError: there are several, and one is no GPU by its index, or there twice.
    """
    names = [name.strip() for name in (device or "").split(",")]
    if len(names) < 2:
        return device, ()
    for name in names:
        kind, _, index = name.partition(":")
        if kind != "cuda" or not index.isdecimal():
            raise UsageError(f"'{name}' is not one of several GPUs: write --device cuda:0,cuda:1")
        if names.count(name) > 1:
            raise UsageError(f"'{name}' is there twice in --device {device}")
    return "cuda", tuple(names)
