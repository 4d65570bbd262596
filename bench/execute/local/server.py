"""A server: imports torch once, then forks a fresh process a job. It speaks frames on stdin and stdout.

It stays single-threaded and never touches CUDA, so that a fork of it is a clean start. Where it is told not to
fork, it does a single job in its own process: the way of systems that cannot fork safely.

A job's process has the line of its server for as long as it lives: the server waits for its end meanwhile. For
jobs at once a server forks lanes: servers with lines of their own, which come to it over a socket.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import NoReturn

from bench.declare.catalog import declared_places, load_catalogs
from bench.declare.loading.code import remember_sources
from bench.errors import EvobenchError
from bench.execute.frames import LANES, Frame, Line
from bench.execute.jobs import Orders, read_job
from bench.execute.work.worker import JOBS, Jobs, perform
from bench.lazy import load
from bench.machine.device import refuse_started_cuda
from bench.machine.memory_limit import ROOM_OF_MODULE, require_memory
from bench.machine.process import die_with, end_children, kill_group, take_along, thread_pools
from bench.machine.readings import read

FOREIGN = ("torch", "numpy")
"""Modules that are there before a catalogue: of what it loads itself, nobody knows what it has set in it."""


def main() -> None:
    """Serve what jobs there are in a run."""
    serve(own_line(), JOBS)


def own_line() -> Line:
    """Take stdin and stdout for the line; what jobs print goes to stderr, what they read is empty.

    A terminal that they open answers with an error, instead of stopping them as what runs in its background.
    """
    if sys.platform != "win32":
        for number in (signal.SIGTTIN, signal.SIGTTOU):
            signal.signal(number, signal.SIG_IGN)
    line = Line(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    return line


def serve(line: Line, jobs: Jobs, check: Callable[[], None] = lambda: None) -> None:
    """Do what the driver asks for until it closes the line.

    Args:
        line: connection to the driver.
        jobs: function that does a job, by its kind.
        check: raises `EvobenchError` where what the catalogues have imported must not be measured.
    """
    first = line.hear()
    if first is None:  # the driver has gone
        return
    orders = Orders(**first)
    die_with(orders.parent)
    try:
        _preload(orders.preload)
        _load(orders.catalogs, orders.forks)
        check()
    except EvobenchError as error:
        line.say({"event": "refused", "reason": str(error)})
        return
    if orders.digests:
        remember_sources(declared_places())
    if orders.forks:
        _settle()
        take_along(orders.parent)
    lanes = _socket_of_lanes() if orders.forks else None
    line.say({"event": "ready", "lanes": lanes is not None})
    forked = _follow(line, jobs, orders.forks, lanes)
    if lanes is not None:
        _await_lanes(forked)


def _preload(modules: Iterable[str]) -> None:
    """Load what jobs share, as long as there is memory: a library that finds none may try for ever."""
    for module in (*FOREIGN, *modules):
        require_memory(ROOM_OF_MODULE)
        # fvcore may be missing: the job that needs a module says so
        with suppress(*(() if module in FOREIGN else (Exception,))):
            load(module)


def _follow(line: Line, jobs: Jobs, forks: bool, lanes: socket.socket | None) -> set[int]:
    """Do the jobs of the line: each in a fork until the line is closed, or a single one in this process.

    Returns:
        Process ids of the lanes.
    """
    forked = set[int]()
    for frame in line:
        if "job" in frame and not forks:
            _do(frame, line, jobs)
            break
        if "job" in frame:
            _fork(frame, line, jobs, lanes=forked)
        elif frame == {"order": "lane"} and lanes is not None:
            _fork_lane(lanes, jobs, forked)
        # else it is an order to a process that has ended meanwhile
    return forked


def _socket_of_lanes() -> socket.socket | None:
    """Over which the lines of lanes come; None where the driver is one that gives none."""
    descriptor = os.environ.pop(LANES, None)
    if descriptor is None:
        return None
    os.set_inheritable(int(descriptor), False)
    return socket.socket(fileno=int(descriptor))


def _settle() -> None:
    """Make ready what the forks share, now that it is imported."""
    thread_pools.cache_clear()
    thread_pools()
    read(0.0)  # what a first look compiles and imports takes longer than the look
    gc.collect()
    gc.freeze()  # the collector must not touch, and so copy, what the forks share


def _import(modules: Iterable[str]) -> None:
    """Import what the next job and later ones of its kind use, where it is not there yet."""
    missing = [module for module in modules if module not in sys.modules]
    for module in missing:
        load(module)
    if missing:
        _settle()


def _load(catalogs: Iterable[str], forks: bool) -> None:
    """Load what is installed, then the catalogues one by one: where one starts CUDA, it is named."""
    for name in (None, *catalogs):
        load_catalogs([name] if name else ())
        if forks:
            refuse_started_cuda(f"catalogue '{name}'" if name else "an installed catalogue")


def _do(frame: Frame, line: Line, jobs: Jobs) -> None:
    perform(read_job(frame), partial(_say, line, frame["number"]), jobs)


def _say(line: Line, number: int, frame: Frame) -> None:
    line.say({**frame, "number": number})


def _fork_lane(lanes: socket.socket, jobs: Jobs, forked: set[int]) -> None:
    """Fork a server that serves the line whose ends have come; those that have ended before are forgotten.

    Args:
        lanes: socket that the ends come over.
        jobs: function that does a job, by its kind.
        forked: process ids of the lanes; this one is added.
    """
    with suppress(ChildProcessError):
        while ended := os.waitpid(-1, os.WNOHANG)[0]:
            forked.discard(ended)
    end_children(forked)  # what a lane that was killed had started
    _, descriptors, _, _ = socket.recv_fds(lanes, 1, 4)
    incoming, outgoing, errors, life = descriptors
    server = os.getpid()
    try:
        child = os.fork()
    except OSError as error:
        with os.fdopen(os.dup(outgoing), "wb") as end:
            Line(end, end).say({"event": "refused", "reason": str(error)})
        child = -1
    if child == 0:
        take_along(server)
        lanes.close()
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        os.close(errors)
        _serve_lane(Line(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")), life, jobs)
    if child > 0:
        forked.add(child)
    for descriptor in descriptors:
        os.close(descriptor)


def _await_lanes(forked: Iterable[int]) -> NoReturn:
    """Wait for the lanes, whose lines the driver has closed before: nobody else may be there to do so."""
    for lane in forked:
        with suppress(ChildProcessError):
            os.waitpid(lane, 0)
    end_children()
    sys.stderr.flush()
    os._exit(0)  # to tear torch down takes a while, for nothing


def _serve_lane(line: Line, life: int, jobs: Jobs) -> NoReturn:
    """Do what is asked for until the driver closes the line.

    Args:
        line: connection to the driver.
        life: file that tells the driver of the end of this process, and so must be open in no other.
        jobs: function that does a job, by its kind.
    """
    code = 1
    try:
        line.say({"event": "ready", "pid": os.getpid()})
        for frame in line:
            if "job" in frame:
                _fork(frame, line, jobs, life)
        code = 0
    except Exception:  # noqa: BLE001 - its last words
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # a fork must not run the server's exit handlers


def _fork(frame: Frame, line: Line, jobs: Jobs, life: int | None = None, lanes: Collection[int] = ()) -> None:
    """Do a job in a process of its own, and say how that ended; what it has started ends with it.

    Args:
        frame: the job.
        line: connection to the driver.
        jobs: function that does a job, by its kind.
        life: file that tells of a lane's end, and so must not stay open in the process; None: this is not a lane.
        lanes: process ids of the lanes that this process has forked.
    """
    _import(frame.get("imports", ()))
    server = os.getpid()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            die_with(server)
            if life is not None:
                os.close(life)
            os.setpgid(0, 0)  # what the job forks in its turn is of its group, and ends with it
            _say(line, frame["number"], {"event": "started", "pid": os.getpid()})
            _do(frame, line, jobs)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)  # the fork must not run the server's exit handlers
    _, status, usage = os.wait4(child, 0)
    kill_group(child)
    end_children(lanes)  # what has left the group was adopted
    code, peak = os.waitstatus_to_exitcode(status), usage.ru_maxrss << 10  # Linux counts KiB
    _say(line, frame["number"], {"event": "exit", "code": code, "peak": peak})


if __name__ == "__main__":
    main()
