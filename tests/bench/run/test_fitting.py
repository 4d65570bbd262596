"""Hosts that lack what a run needs are told before anything is measured."""

import pytest

from bench.declare.needs import Needs
from bench.errors import UsageError
from bench.execute.executor import HERE, Host
from bench.run.driving.fitting import host_of_timings
from bench.run.schedule import Schedule, Work

HOME = Host(HERE, 4, 8 << 30)
WIDE = Host("wide", 32, 64 << 30)
FAST = Host("fast", 8, 64 << 30, ("cuda:0", "cuda:1"))
HOSTS = (HOME, WIDE, FAST)
TIMING = Needs(alone=True, threads=4)


@pytest.mark.parametrize(
    ("needed", "host"),
    [
        ([TIMING], HERE),
        ([Needs(alone=True, threads=16), TIMING], "wide"),
        ([Needs(alone=True, device="cuda"), Needs(threads=16)], "fast"),
        ([Needs(threads=16)], HERE),
        ([], HERE),
    ],
)
def test_timings_are_taken_on_the_first_host_that_can_take_them_all(needed: list[Needs], host: str) -> None:
    assert host == host_of_timings(needed, HOSTS)


def test_timings_are_taken_where_the_user_says() -> None:
    assert "wide" == host_of_timings([TIMING], HOSTS, "wide")


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        (Needs(device="cuda:2"), "'fast' has no 'cuda:2'"),
        (Needs(threads=64), "'wide' has 32 cores of the 64 that are needed"),
        (Needs(memory=1 << 40), "'local' has"),
        (Needs(threads=8, here=True), "'local' has 4 cores of the 8 that are needed"),
        (Needs(threads=8, here=True), "'wide' lacks the files"),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_what_no_host_has_is_refused_with_what_each_lacks(needs: Needs, told: str, alone: bool) -> None:
    wanted = Needs(alone, needs.threads, needs.device, needs.memory, needs.here)
    with pytest.raises(UsageError, match=told):
        host_of_timings([wanted], HOSTS)


def test_timings_of_several_kinds_that_no_single_host_can_take_are_refused() -> None:
    with pytest.raises(UsageError, match="timings, which are all taken on one"):
        host_of_timings([Needs(alone=True, threads=32), Needs(alone=True, device="cuda")], HOSTS)


def test_a_host_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no host 'slow'.*local, wide, fast"):
        host_of_timings([TIMING], HOSTS, "slow")


def test_a_named_host_that_cannot_take_the_timings_is_refused() -> None:
    with pytest.raises(UsageError, match="'wide' has no 'cuda'"):
        host_of_timings([Needs(alone=True, device="cuda")], HOSTS, "wide")


def test_what_reads_the_users_files_begins_on_the_drivers_machine_alone() -> None:
    works = [Work(name, Needs(here=True), 1.0) for name in "abc"]
    begun = iter(Schedule(works, [WIDE, HOME], 2).start, None)
    assert [HERE, HERE] == [start.host for start in begun]
