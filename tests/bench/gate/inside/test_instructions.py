"""The counter of instructions, tried with an event that every Linux counts."""

from __future__ import annotations

import platform

import pytest

from bench.gate.inside.instructions import CPU_CLOCK, Counter


def counter(event: tuple[int, int]) -> Counter:
    try:
        return Counter(event)
    except OSError as error:
        pytest.skip(f"not counted here: {error}")


def test_a_counter_grows_with_work() -> None:
    clock = counter(CPU_CLOCK)
    before = clock.read()
    sum(range(100_000))
    assert before < clock.read()
    clock.close()


def test_an_event_that_is_not_there_says_so() -> None:
    with pytest.raises(OSError):
        Counter((99, 99))


def test_a_system_whose_call_is_not_known_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    with pytest.raises(OSError, match="counted on Linux alone"):
        Counter()
