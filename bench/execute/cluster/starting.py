"""Ray itself: how one is started on this machine alone, and how a cluster is joined."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench.errors import UsageError
from bench.foreign import whole_number
from bench.lazy import load

ADDRESS = "RAY_ADDRESS"
ANSWER = 10
"""Seconds in which a cluster must answer."""
_LAST_PORT = 65535
_STORE = 128 << 20
"""Bytes of the object store of a Ray that is started here: chunks of artifacts pass through it."""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # a call after Ray was left is an error, and starts none
    "RAY_ENABLE_AUTO_CONNECT": "0",
    # two attempts to connect of a second each come before the one whose end is an error
    "RAY_gcs_rpc_server_connect_timeout_s": "1",
    "RAY_py_gcs_connect_timeout_s": str(ANSWER - 4),
}
"""Settings that Ray reads when it is imported: nothing is sent home, and it waits no longer than we do."""
_RECONNECT = "RAY_gcs_rpc_server_reconnect_timeout_s"
_PATIENCE = "600"
"""Seconds after which Ray ends this process where its head is gone: the raylet ends sooner, and the run well."""
_ALONE = {
    # Ray's own name for it: where no cluster is possible, every process binds to the loopback alone
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # where the driver is killed, they look for the rest of Ray for so long before they end
    _RECONNECT: "5",
    # it would kill the actor for what a job takes
    "RAY_memory_monitor_refresh_ms": "0",
}


def connected(address: str) -> Any:
    """The module `ray`, with this process as a driver of a cluster; `ray.shutdown()` leaves it.

    Args:
        address: HOST:PORT of a cluster; empty: what RAY_ADDRESS says, else a Ray of this machine alone is started.

    Raises:
        UsageError: Ray is not installed, or the cluster does not answer or is not one that this process can join.
    """
    address = address or os.environ.get(ADDRESS, "")
    alone = address in ("", "local")
    if not alone:
        _require_answer(address)
    os.environ.update(QUIET | (_ALONE if alone else {}))
    # past `os.environ`, which what Ray starts is given
    os.putenv(_RECONNECT, _PATIENCE)
    ray = _imported()
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    with _own_signals():
        if alone:
            _start(ray, quiet)
            return ray
        try:
            with _silence():
                ray._raylet.GcsClient(address=address)
            ray.init(address=address, **quiet)
        except Exception as error:  # whatever Ray raises for a cluster that is none, or another one
            words = " ".join(str(error).split())
            raise UsageError(f"the Ray cluster at '{address}' cannot be joined: {words}") from error
    return ray


def _start(ray: Any, quiet: Mapping[str, Any]) -> None:
    try:
        ray.init(address="local", include_dashboard=False, object_store_memory=_STORE, **quiet)
    except Exception as error:  # whatever Ray raises where a process of its own does not come up
        words = " ".join(str(error).split())
        raise UsageError(f"Ray cannot be started on this machine: {words}") from error


def _imported() -> Any:
    """Ray, silent, and without the packages that it brings along and puts before all others."""
    path = list(sys.path)
    try:
        ray = load("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise UsageError("Ray is not installed: pip install 'evobench[ray]'") from error
    sys.path[:] = path
    # whatever is asked of it, it prints messages of nodes on stdout
    load("ray._private.worker").__dict__["print_to_stdstream"] = lambda *_, **__: None
    return ray


def _require_answer(address: str) -> None:
    """Make sure that somebody listens there."""
    host, colon, port = address.rpartition(":")
    if "://" in address or not (colon and host and 0 < (whole_number(port) or 0) <= _LAST_PORT):
        raise UsageError(
            f"'{address}' is not an address of a Ray cluster: write HOST:PORT, on one of its nodes,"
            f" with a port up to {_LAST_PORT}"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()
    except OSError as error:
        raise UsageError(f"no Ray cluster answers at '{address}' within {ANSWER} s: {error}") from error


@contextmanager
def _silence() -> Iterator[None]:
    """Drop what Ray's own code says on stderr of attempts to connect: the line of the error says it."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's own signal handlers: Ray would install its own way of ending."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
