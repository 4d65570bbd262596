"""The driver: what runs next, what becomes of it, and how often it is tried; it alone writes to the store."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from bench.clock import Stopwatch
from bench.declare.catalog import DATASETS, MEASURES, declared_places
from bench.declare.loading.code import remember_sources
from bench.errors import StoreError
from bench.execute.executor import Ended, Handle, Host
from bench.execute.jobs import Given
from bench.execute.outcome import Outcome
from bench.execute.underway import Underway
from bench.learning.weights.files import known_digests
from bench.learning.weights.preprocessing import known_preprocessing
from bench.run.driving.attempts import CellAttempt
from bench.run.driving.desk import LIMIT as LIMIT
from bench.run.driving.desk import Desk as Desk
from bench.run.driving.desk import Pace as Pace
from bench.run.driving.disturbed import is_disturbed, noisy, reasons_of, waited
from bench.run.driving.filling import Filling
from bench.run.driving.layout import schedule_of, with_gpus
from bench.run.driving.notices import Notices
from bench.run.driving.recording import Recording
from bench.run.driving.shelving import Shelving, without
from bench.run.driving.works import Making, Measuring, Works, unfit
from bench.run.plan import PlanStep
from bench.run.schedule import Start
from bench.run.shelf.room import require_room

LOSSES = 3
"""Times that a job may be ended from outside, or with its host: after that it is likely to be the cause."""
STARVED = 2
"""Times that a job may be killed for want of memory, which its own process most likely was the cause of."""
_GRACE = 5.0
"""Seconds without a word after which jobs that were cancelled are not waited for any more."""
_ANEW = 32
"""Part of the works of which as many records make the others be expected anew: doing that costs time, too."""


def drive(desk: Desk, steps: Iterable[PlanStep], pace: Pace) -> str:
    """Measure what the run has no record of yet, and write it down as it ends.

    What an earlier run has kept is taken over first, so that the time left is that of real work. A run that is
    filled goes on with trainings that open comparisons need, until these have their answers or its time is over.

    Returns:
        How the run ended: `complete`, `budget` where the time that the user gave ran out, `interrupted` where no
        host is left, or what makes an artifact was ended from outside time and again.
    """
    remember_sources(declared_places())
    return _Bench(desk, tuple(steps), pace).run()


class _TimeOver(Exception):
    """The time of the run ended while something was left to do."""


class _Bench:
    """The state of one pass: the schedule, what is under way, and the clock of the run."""

    def __init__(self, desk: Desk, steps: tuple[PlanStep, ...], pace: Pace) -> None:
        self._watch = Stopwatch()
        self._desk = desk
        self._pace = pace
        self._hosts: dict[str, Host] = {}
        """All hosts that were seen, by name."""
        self._there: set[str] = set()
        self._notices = Notices(desk.progress)
        self._recording = Recording(desk, self._notices)
        self._shelving = Shelving(desk.store, desk.run, desk.shelf, self._notices)
        self._works = Works(desk.forecast, pace.memory_limit or 0, desk.shelf)
        self._filling = Filling(desk, self._works, self._recording, self._shelving, steps)
        self._first_works = self._works.add(self._to_measure(steps))
        self._schedule = schedule_of(self._first_works, self._look_at_hosts(), pace)
        self._underway = Underway(desk.executor)
        self._attempts: dict[Handle, CellAttempt] = {}
        self._losses: dict[str, int] = {}
        self._expected_at = self._recording.number
        """Records that there were when the works were last expected anew."""

    def run(self) -> str:
        """Go through all works; whatever ends it, none of them is left running."""
        try:
            for key, reason in self._shelving.failed().items():
                if key in self._works.items:
                    self._not_made(key, reason)
            ended = self._until_over()
            return "interrupted" if ended == "complete" and self._shelving.left else ended
        finally:
            self._cancel_all()
            self._desk.shelf.sweep()  # what was killed has left its drafts

    def _to_measure(self, steps: Iterable[PlanStep]) -> list[tuple[PlanStep, int]]:
        """The processes that have no record yet, and that none can be taken over for."""
        attempted = self._desk.store.past.attempted(self._desk.run)
        self._recording.remember()
        found: list[tuple[PlanStep, int]] = []
        taken: list[PlanStep] = []
        for step in steps:
            for replicate in range(step.planned.replicates):
                if (step.planned.cell.key, replicate) in attempted:
                    self._works.begun(step.planned.cell)
                elif self._recording.take_over(step, replicate):
                    self._works.begun(step.planned.cell)
                    taken.append(step)
                else:
                    found.append((step, replicate))
        self._shelving.keep_data(taken)
        return found

    def _until_over(self) -> str:
        try:
            return self._loop()
        except _TimeOver:
            return "complete" if self._pace.budget is None else "budget"

    def _loop(self) -> str:
        while True:
            self._look_ahead()
            if self._schedule.is_over:
                return "complete"
            if self._time_left() <= 0:
                raise _TimeOver
            while self._time_left() > 0 and (start := self._schedule.start(self._within())):
                self._begin(start)
            if self._attempts:
                ended = self._next_end()
                self._ended(self._attempts.pop(ended.handle), ended.outcome)
            elif self._time_left() > 0 and not self._schedule.is_over:
                if self._there and not self._schedule.is_anything_ready(self._within()):
                    raise _TimeOver
                self._desk.progress.note("no host is left that can run what is open: go on with --resume")
                return "interrupted"

    def _look_ahead(self) -> None:
        """Take note of hosts, of what was learned and of what is wanted, and say how long it will take."""
        self._follow_hosts()
        if (self._recording.number - self._expected_at) * _ANEW >= self._schedule.open:
            self._expected_at = self._recording.number
            self._schedule.expect(self._works.seconds)
        if wanted := self._desk.wanted:
            self._desk.progress.answered(wanted.told)
        if wanted and self._pace.is_filled:
            self._filling.top_up(self._schedule, self._pace.lanes * max(1, len(self._there)), self._time_left())
            if self._filling.has_nothing_open(self._schedule):
                self._schedule.leave_out_the_fill()
            elif wanted.named:  # as long as something is open there is always more to do
                self._desk.progress.expects(self._time_left())
                return
        self._desk.progress.expects(min(self._schedule.left_seconds(), self._time_left()))

    def _next_end(self) -> Ended:
        """Show how far jobs have come until one of them has ended."""
        progress = self._desk.progress
        while not isinstance(event := self._underway.next(progress.due()), Ended):
            if event is None:
                progress.tick()
            else:
                progress.inside(self._attempts[event.handle].lane, event.frame)
        return event

    def _begin(self, start: Start) -> None:
        """Begin what the schedule has chosen, unless it needs no process."""
        item = self._works.items[start.key]
        taken = {attempt.lane for attempt in self._attempts.values()}
        attempt = CellAttempt(start, item, next(lane for lane in count() if lane not in taken), 0.0)
        if isinstance(item, Making):
            if self._shelving.has(item.artifact):
                self._schedule.ended(start.key)
                return
        elif outcome := unfit(item.step.planned.cell):
            self._recording.unbegun(item, outcome)
            self._schedule.ended(start.key)
            return
        else:
            attempt.allowance = self._allowance(item)
        self._submit(attempt)

    def _submit(self, attempt: CellAttempt) -> None:
        require_room(self._desk.store.path.parent)
        self._desk.progress.begun(attempt.lane, str(attempt.item))
        job, left = attempt.job(self._given), max(0.0, self._time_left())
        handle = self._underway.begin(job, attempt.start.host, self._pace.limit, left)
        for other in self._attempts.values():
            attempt.met(other)
        self._attempts[handle] = attempt

    def _ended(self, attempt: CellAttempt, outcome: Outcome) -> None:
        self._desk.progress.ended(attempt.lane)
        key, item = attempt.start.key, attempt.item
        if outcome.lost:
            self._losses[key] = self._losses.get(key, 0) + 1
            if self._losses[key] < (STARVED if outcome.status == "oom" else LOSSES):
                self._schedule.lost(key)
                return
            each = f"{outcome.reason}, each of the {self._losses[key]} times that it ran"
            outcome = replace(outcome, reason=each)
        if outcome.disk_full:
            raise StoreError(f"no space left: {outcome.reason}: free some, as with evobench clean, then --resume")
        if outcome.status == "timeout" and self._time_left() <= 0:
            raise _TimeOver  # what the end of the time cuts off has not been tried
        if isinstance(item, Measuring):
            self._measured(attempt, item, outcome)
        elif outcome.lost:
            self._leave(key, item, outcome.reason)
        elif reason := self._shelving.made(item.artifact, outcome, attempt.watch.seconds):
            self._not_made(key, reason)
        else:
            self._desk.forecast.made(item.artifact, item.cell, attempt.watch.seconds)
            if self._desk.artifacts_limit:
                self._desk.artifacts_limit.keep()
            self._schedule.ended(key)

    def _measured(self, attempt: CellAttempt, item: Measuring, outcome: Outcome) -> None:
        """Write down the record; a disturbed timing is measured once more when the others have been."""
        cell, host = item.step.planned.cell, self._hosts[attempt.start.host]
        disturbed = is_disturbed(MEASURES.get(cell.measure), outcome)
        record = self._recording.ended(attempt, item, noisy(outcome) if disturbed else outcome, host)
        if disturbed and not item.first:
            self._desk.progress.disturbed(cell, reasons_of(outcome), waited(outcome))
            self._schedule.add([self._works.again(replace(item, first=record))])
        self._schedule.ended(attempt.start.key)

    def _not_made(self, key: str, reason: str) -> None:
        """End the works that wait for an artifact that was not made."""
        making = self._works.items[key]
        assert isinstance(making, Making)
        for ended in self._schedule.failed(key):
            item = self._works.items[ended]
            if isinstance(item, Measuring):
                self._recording.unbegun(item, without(making.artifact, reason))

    def _leave(self, key: str, making: Making, reason: str) -> None:
        """Leave to `--resume` what waits for an artifact whose making was ended from outside: it has no record."""
        self._shelving.left.add(key)
        waiting = sum(isinstance(self._works.items[ended], Measuring) for ended in self._schedule.failed(key))
        self._desk.progress.note(
            f"{making.artifact} could not be made: {reason}; {waiting} to measure with it are left to --resume"
        )

    def _cancel_all(self) -> None:
        for handle in self._attempts:
            self._underway.cancel(handle)
        while self._attempts and (event := self._underway.next(_GRACE)):
            if isinstance(event, Ended):
                self._desk.progress.ended(self._attempts.pop(event.handle).lane)

    def _follow_hosts(self) -> None:
        """Tell the schedule of hosts that have gone or come back."""
        there = self._there
        found = self._look_at_hosts()
        if self._there != there:
            self._schedule.hosts_are(found)

    def _look_at_hosts(self) -> list[Host]:
        """Hosts where jobs can run now; a notice is given of a host that is no longer among them."""
        found = with_gpus(self._desk.executor.hosts(), self._first_works, self._pace)
        names = {host.name for host in found}
        for name in sorted(self._there - names):
            self._desk.progress.note(f"host {name} went away: what ran there is done elsewhere")
        self._there = names
        self._hosts |= {host.name: host for host in found}
        return found

    @property
    def _given(self) -> Given:
        shelf, limit = self._desk.shelf.folder, self._pace.memory_limit
        return Given(shelf, limit, DATASETS.handed(), known_digests(), known_preprocessing())

    def _time_left(self) -> float:
        """Seconds until the run is over; infinity where nothing ends it."""
        return self._pace.left - self._watch.seconds

    def _within(self) -> float:
        """Seconds that what begins may be expected to take: in a filled run those that are left."""
        return self._time_left() if self._pace.is_filled else math.inf

    def _allowance(self, item: Measuring) -> float:
        """Seconds that a cell may sample for: as planned, or its share of the user's budget where that is less."""
        planned = item.step.planned
        if self._pace.budget is None:
            return planned.sampling
        needed = max(self._schedule.left_seconds(), self._desk.forecast.seconds(planned))
        return planned.sampling * min(1.0, self._time_left() / needed if needed else 1.0)
