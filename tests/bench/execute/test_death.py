"""A process that ends without a result: what became of its cell, and why."""

import errno
import signal

import pytest

from bench.execute.local.death import Death, KernelKills, explain
from bench.machine.oom import is_out_of_memory

MB = 10**6


def test_a_kill_that_the_kernel_counts_is_out_of_memory() -> None:
    assert ("oom", "killed by the kernel for want of memory") == explain(Death(-9, oom_kills=1))


def test_a_kill_that_the_kernel_does_not_count_came_from_elsewhere() -> None:
    assert "failed" == explain(Death(-9, oom_kills=0))[0]


def test_where_the_kernel_tells_no_count_a_kill_is_most_likely_out_of_memory() -> None:
    expected = "killed by SIGKILL; most likely by the kernel for want of memory"
    assert ("oom", expected) == explain(Death(-9))


def test_a_crash_names_its_signal() -> None:
    assert ("failed", "crashed with SIGSEGV") == explain(Death(-11))


def test_an_end_is_explained_where_the_system_has_no_sigkill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGKILL")  # as on Windows
    assert ("failed", "ended with exit code 1 without a result") == explain(Death(1))


def test_last_words_are_told() -> None:
    assert ("failed", "crashed with SIGABRT; its last words: assertion") == explain(Death(-6, "assertion"))


def test_a_crash_at_the_memory_limit_is_out_of_memory() -> None:
    status, reason = explain(Death(-11, limit=200 * MB, grown=195 * MB))
    assert ("oom", True) == (status, reason.startswith("crashed with SIGSEGV at its memory limit of 200 MB"))


def test_a_crash_far_below_the_memory_limit_is_a_crash_that_tells_of_both() -> None:
    expected = "crashed with SIGSEGV; it had its memory limit of 200 MB and grew by 20 MB"
    assert ("failed", expected) == explain(Death(-11, limit=200 * MB, grown=20 * MB))


def test_an_exit_without_a_result_has_failed() -> None:
    assert ("failed", "ended with exit code 7 without a result") == explain(Death(7))


@pytest.mark.parametrize(
    "words",
    [
        "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        "libgomp: Thread creation failed: Resource temporarily unavailable",
    ],
)
def test_a_library_that_ends_the_process_for_want_of_memory_says_so(words: str) -> None:
    assert "oom" == explain(Death(1, words))[0]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=str,
)
def test_errors_of_allocators_are_out_of_memory(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)"),
        RuntimeError("could not create a primitive"),
        OSError(errno.ENOSPC, "No space left on device"),
        ValueError("can't allocate memory"),
    ],
    ids=str,
)
def test_errors_of_a_model_are_not(error: Exception) -> None:
    assert not is_out_of_memory(error)


def test_a_signal_without_a_name_is_told_by_its_number() -> None:
    assert ("failed", "crashed with signal 40") == explain(Death(-40))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the kernel tells next, in turn."""
    told: list[int] = []
    monkeypatch.setattr("bench.execute.local.death.oom_kills", lambda: told.pop(0))
    return told


def test_of_two_jobs_that_end_by_sigkill_one_kill_of_the_kernel_explains_one(counted: list[int]) -> None:
    kills = KernelKills()
    counted += [5, 5, 6, 6]
    first, second = kills.count(), kills.count()
    assert [1, 0] == [kills.claim(first), kills.claim(second)]


def test_a_kill_from_before_a_job_began_does_not_explain_its_end(counted: list[int]) -> None:
    kills = KernelKills()
    counted += [5, 6, 6, 6]
    first, second = kills.count(), kills.count()
    assert [0, 1] == [kills.claim(second), kills.claim(first)]


def test_two_kills_of_the_kernel_explain_two_jobs_whenever_they_began(counted: list[int]) -> None:
    kills = KernelKills()
    counted += [5, 6, 7, 7]
    first, second = kills.count(), kills.count()
    assert [2, 1] == [kills.claim(first), kills.claim(second)]


@pytest.mark.parametrize(("kills", "status"), [(1, "oom"), (0, "failed"), (None, "failed")])
def test_what_ended_with_its_server_is_not_blamed(kills: int | None, status: str) -> None:
    assert status == explain(Death(None, oom_kills=kills, limit=10**9))[0]
