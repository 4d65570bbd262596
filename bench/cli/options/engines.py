"""Options that say where jobs run, and how many at once."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from bench.cli.options.values import AUTO, lanes
from bench.errors import UsageError
from bench.execute.executor import Host
from bench.machine.host import available_cpus, available_memory
from bench.machine.memory_limit import megabytes

LOCAL, RAY = "local", "ray"
LANE = 1 << 30
"""Bytes that a lane is taken to need where no memory limit says so: torch's libraries, a small training."""


def add_engine_options(parser: argparse._ActionsContainer) -> None:
    """Add where cells run, how many at once, and where timings do."""
    parser.add_argument(
        "--executor",
        type=executor,
        default=LOCAL,
        metavar="local|ray|ray:ADDRESS",
        help="this machine, or every node of a Ray cluster: that of RAY_ADDRESS or one of this machine alone,"
        " or that at HOST:PORT (default: local)",
    )
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


def executor(text: str) -> str:
    """`local`, `ray` or `ray:HOST:PORT`, whose address is looked at where it is used."""
    name, colon, address = text.partition(":")
    if text in (LOCAL, RAY) or (name == RAY and colon and address.strip()):
        return text
    raise UsageError(f"there is no executor '{text}': write {LOCAL}, {RAY} or {RAY}:HOST:PORT")


def lanes_here(asked: int | None, memory_limit: int | None) -> int:
    """Number of lanes that this machine is to have.

    Args:
        asked: the lanes asked for; None: as many as the machine has cores, if its memory holds them.
        memory_limit: bytes that a cell may allocate; None: no limit.

    Raises:
        UsageError: the memory does not hold as many lanes as were asked for.
    """
    each, memory = memory_limit or LANE, available_memory()
    most = max(1, memory // each)
    if asked is not None and asked > most:
        raise UsageError(
            f"{asked} lanes of {megabytes(each)} are more than the {megabytes(memory)} here hold: {most} at most,"
            " or a lower --memory-limit"
        )
    return asked or min(available_cpus(), most)


def lanes_of(hosts: Iterable[Host], asked: int | None, memory_limit: int | None) -> int:
    """Most lanes that a host of several is to have: its number of cores is a limit too.

    Args:
        hosts: the hosts on which cells run.
        asked: the lanes asked for, as in `lanes_here`.
        memory_limit: likewise.

    Raises:
        UsageError: no host's memory holds as many as were asked for.
    """
    each = memory_limit or LANE
    most = {host.name: max(1, host.memory // each) for host in hosts}
    if asked is not None and asked > max(most.values()):
        told = ", ".join(f"{name} {number}" for name, number in most.items())
        raise UsageError(f"no host holds {asked} lanes of {megabytes(each)}: {told}")
    return asked or max(min(host.threads, most[host.name]) for host in hosts)


def gpus_of(device: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The device that cells are planned for, and the GPUs that they are dealt out to where there are several.

    `cuda:0,cuda:1` plans for `cuda`: which of them a cell runs on is not a condition of it.

    Raises:
        UsageError: one of several devices is not a GPU with an index, or is named twice.
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
