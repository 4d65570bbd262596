"""The first signal interrupts a verb; those that follow leave it in peace while it tidies up."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from bench.execute.interruption import SIGNALS, heeded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="raises signals")


@pytest.fixture(autouse=True)
def _heeds_ctrl_c() -> Iterator[None]:
    """A process that a script started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts(number: signal.Signals) -> None:
    with heeded() as interruptions:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert interruptions.came


@pytest.mark.parametrize("number", SIGNALS)
def test_another_one_meanwhile_is_dropped(number: signal.Signals) -> None:
    with heeded():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(number)


def test_a_later_one_interrupts_again_where_foreign_code_has_caught_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.execute.interruption._TIDYING", -1.0)
    with heeded():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)


def test_what_the_process_was_started_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with heeded():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with heeded():
        pass
    assert before == [signal.getsignal(number) for number in SIGNALS]
