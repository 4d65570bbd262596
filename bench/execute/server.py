"""The fork server: imports torch once, then forks a fresh process a job. Speaks frames on stdin and stdout.

It stays single-threaded and never touches CUDA, so that a fork of it is a clean start. With `--once` it
does its only job in its own process: the way of systems that cannot fork safely.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable
from typing import BinaryIO

from bench.declare.catalog import declared_places, load_catalogs
from bench.declare.code import remember_sources
from bench.errors import EvobenchError
from bench.execute.frames import Frame, read_frames, write_frame
from bench.execute.worker import perform
from bench.lazy import load
from bench.machine.device import refuse_started_cuda
from bench.machine.process import die_with, kill_group

PRELOAD = ("torch", "torchvision.models", "torchvision.transforms.v2", "fvcore.nn", "sklearn.svm", "threadpoolctl")
"""What jobs import; a fork has it already."""


def main() -> None:
    """Serve until stdin closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--catalog", action="append", default=[])
    parser.add_argument("--once", action="store_true")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    requests, replies = _own_pipes()
    try:
        _load(arguments.catalog, forking=not arguments.once)
    except EvobenchError as error:  # its line is the last that the driver reads
        sys.exit(f"{error}")
    remember_sources(declared_places())
    if arguments.once:
        job = next(read_frames(requests))
        perform(job, lambda frame: write_frame(replies, {**frame, "number": job["number"]}))
        return
    for module in PRELOAD:
        load(module)
    gc.collect()
    gc.freeze()  # the collector must not touch, and so copy, what the forks share
    write_frame(replies, {"event": "ready"})
    for job in read_frames(requests):
        _fork(job, requests, replies)


def _load(catalogs: Iterable[str], forking: bool) -> None:
    """Load what is installed, then the catalogues one by one: where one starts CUDA, it is named."""
    for name in (None, *catalogs):
        load_catalogs([name] if name else ())
        if forking:
            refuse_started_cuda(f"catalogue '{name}'" if name else "an installed catalogue")


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the frames; what jobs print goes to stderr, what they read is empty."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    return requests, replies


def _fork(job: Frame, requests: BinaryIO, replies: BinaryIO) -> None:
    server = os.getpid()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            die_with(server)
            os.setpgid(0, 0)  # what the job forks in its turn is of its group, and ends with it
            os.close(requests.fileno())
            write_frame(replies, {"event": "started", "pid": os.getpid(), "number": job["number"]})
            perform(job, lambda frame: write_frame(replies, {**frame, "number": job["number"]}))
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)  # the fork must not run the server's exit handlers
    _, status, usage = os.wait4(child, 0)
    kill_group(child)
    code, peak = os.waitstatus_to_exitcode(status), usage.ru_maxrss << 10  # Linux counts KiB
    write_frame(replies, {"event": "exit", "code": code, "peak": peak, "number": job["number"]})


if __name__ == "__main__":
    main()
