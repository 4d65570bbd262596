"""Jobs under way: one deadline each. The executor is made up, and so is the time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from bench.execute.executor import Ended, Event, Host, ToldProgress
from bench.execute.jobs import Job, Probe
from bench.execute.outcome import ENDED, Outcome
from bench.execute.underway import Underway, finish

OK = Outcome("ok", values=(1.0,))


class Watch:
    """Seconds that pass only while an executor is waited for."""

    seconds = 0.0


class Scripted:
    """Says after how many seconds what happens; where nothing does, a wait takes as long as it may."""

    def __init__(self, *script: tuple[float, Event], cancelled: Outcome = ENDED) -> None:
        self.watch = Watch()
        self.done: list[str] = []
        self._script = list(script)
        self._cancelled = cancelled
        self._numbers = iter(range(1, 100))

    def hosts(self) -> tuple[Host, ...]:
        return Host("near", 1, 0), Host("far", 1, 0)

    def begin(self, job: Job, host: str) -> int:
        handle = next(self._numbers)
        self.done.append(f"begin {handle} on {host}")
        return handle

    def next_event(self, timeout: float | None) -> Event | None:
        at, event = self._script[0] if self._script else (math.inf, None)
        end = math.inf if timeout is None else self.watch.seconds + timeout
        if at > end:
            assert math.isfinite(end), "nothing would ever happen"
            self.watch.seconds = end
            return None
        self.watch.seconds = max(self.watch.seconds, at)
        self._script.pop(0)
        return event

    def cancel(self, handle: int) -> None:
        self.done.append(f"cancel {handle} at {self.watch.seconds:.0f} s")
        self._script.insert(0, (self.watch.seconds, Ended(handle, self._cancelled)))

    def close(self) -> None:
        self.done.append("close")


def underway(executor: Scripted, *limits: float) -> Underway:
    """With one job of each limit, begun at once."""
    found = Underway(executor, executor.watch)  # type: ignore[arg-type]
    for limit in limits:
        found.begin(Probe(), "near", limit)
    return found


def events(found: Underway) -> Iterator[Event]:
    return iter(lambda: found.next(), None)


def test_what_is_told_and_what_becomes_of_each_job_is_handed_on() -> None:
    script: list[Event] = [ToldProgress(1, {"step": 1}), Ended(2, OK), ToldProgress(1, {"step": 2}), Ended(1, OK)]
    executor = Scripted(*((float(i), event) for i, event in enumerate(script)))
    assert script == list(events(underway(executor, 60, 60)))


def test_a_job_past_its_limit_is_cancelled_and_ends_by_timeout() -> None:
    executor = Scripted()
    assert [Ended(1, Outcome("timeout", "ended after its limit of 30 s"))] == list(events(underway(executor, 30)))
    assert "cancel 1 at 30 s" == executor.done[-1]


def test_a_job_that_its_limit_has_ended_counts_as_killed() -> None:
    (event,) = events(underway(Scripted(), 30))
    assert isinstance(event, Ended)
    assert event.outcome.killed


def test_a_word_of_progress_does_not_put_the_limit_off() -> None:
    executor = Scripted(*((float(at), ToldProgress(1, {"at": at})) for at in range(5, 1000, 10)))
    told = list(events(underway(executor, 30)))
    assert [5, 15, 25] == [event.frame["at"] for event in told if isinstance(event, ToldProgress)]


def test_each_job_has_a_limit_of_its_own() -> None:
    executor = Scripted((70.0, Ended(2, OK)))
    list(events(underway(executor, 30, math.inf, 50)))
    assert ["cancel 1 at 30 s", "cancel 3 at 50 s"] == executor.done[3:]


@pytest.mark.parametrize("kept", [OK, Outcome("failed", "its host went away", lost=True)])
def test_a_result_on_its_way_at_the_limit_is_kept_and_so_is_the_loss_of_a_host(kept: Outcome) -> None:
    assert [Ended(1, kept)] == list(events(underway(Scripted(cancelled=kept), 30)))


def test_a_job_that_is_cancelled_before_its_limit_has_not_timed_out() -> None:
    found = underway(Scripted(), 30)
    found.cancel(1)
    assert [Ended(1, ENDED)] == list(events(found))


def test_waiting_ends_where_nothing_happens() -> None:
    executor = Scripted((50.0, Ended(1, OK)))
    found = underway(executor, 60)
    assert (None, 20.0) == (found.next(20.0), executor.watch.seconds)
    assert Ended(1, OK) == found.next()


def test_where_nothing_is_under_way_nothing_is_waited_for() -> None:
    assert None is Underway(Scripted()).next()


def test_the_late_word_of_a_job_that_was_begun_elsewhere_is_left_out() -> None:
    executor = Scripted((1.0, ToldProgress(7, {})), (2.0, Ended(7, OK)), (3.0, Ended(1, OK)))
    assert [Ended(1, OK)] == list(events(underway(executor, 60)))


def test_one_job_alone_is_done_on_the_first_host_unless_another_is_named() -> None:
    executor = Scripted((1.0, Ended(1, OK)), (2.0, Ended(2, OK)))
    assert (OK, OK) == (finish(executor, Probe(), 60), finish(executor, Probe(), 60, host="far"))
    assert ["begin 1 on near", "begin 2 on far"] == executor.done


def test_one_job_alone_hands_its_progress_on() -> None:
    seen: list[dict[str, Any]] = []
    finish(Scripted((1.0, ToldProgress(1, {"step": 1})), (2.0, Ended(1, OK))), Probe(), 60, seen.append)
    assert [{"step": 1}] == seen


def test_what_interrupts_one_job_alone_closes_its_executor() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    executor = Scripted((1.0, ToldProgress(1, {})))
    with pytest.raises(KeyboardInterrupt):
        finish(executor, Probe(), 60, interrupt)
    assert "close" == executor.done[-1]
