"""Check before anything is measured that the hosts of a run have what its works need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.declare.needs import Needs
from bench.errors import UsageError
from bench.execute.executor import HERE, Host
from bench.machine.memory_limit import megabytes
from bench.words import in_room


def host_of_timings(needed: Iterable[Needs], hosts: Sequence[Host], named: str = "") -> str:
    """Name of the host that all timings of a run are taken on: the user's, else the first that can take them all.

    Args:
        needed: needs of the run's works.
        hosts: all that there are.
        named: name of the host that the user gave; empty: none.

    Raises:
        UsageError: there is no such host, or no host has what is needed; the message says what is missing.
    """
    wanted = sorted(set(needed), key=repr)
    for needs in wanted:
        if not needs.alone:
            _first("what is planned", [needs], hosts)
    for_timings = [host for host in hosts if named in ("", host.name)]
    if not for_timings:
        there = in_room([host.name for host in hosts])
        raise UsageError(f"there is no host '{named}' for the timings; there are {there}")
    return _first("the timings, which are all taken on one", [n for n in wanted if n.alone], for_timings).name


def _first(what: str, needed: Sequence[Needs], hosts: Sequence[Host]) -> Host:
    """The first host that has all that is needed."""
    lacking = list[str]()
    for host in hosts:
        lack = next((lack for needs in needed if (lack := _lack(host, needs))), "")
        if not lack:
            return host
        lacking.append(f"'{host.name}' {lack}")
    raise UsageError(f"no host can run {what}: {'; '.join(lacking)}")


def _lack(host: Host, needs: Needs) -> str:
    """The need of a work that a host does not meet, as the end of a sentence about the host; empty: it meets
    all."""
    if needs.here and host.name != HERE:
        return "lacks the files that the user has given on the driver's machine"
    if needs.device and not any(needs.device in (gpu, gpu.partition(":")[0]) for gpu in host.gpus):
        return f"has no '{needs.device}'"
    if needs.threads > host.threads:
        return f"has {host.threads} cores of the {needs.threads} that are needed"
    if needs.memory > host.memory:
        return f"has {megabytes(host.memory)} of the {megabytes(needs.memory)} that are needed"
    return ""
