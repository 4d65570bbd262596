"""The driver: what runs next, what becomes of it, and how often it is tried; it alone writes to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from bench.machine.host import host_key
from bench.run.driving.attempts import Attempt, record_of
from bench.run.driving.desk import LIMIT as LIMIT
from bench.run.driving.desk import Desk as Desk
from bench.run.driving.desk import Pace as Pace
from bench.run.driving.disturbed import is_disturbed, noisy, reasons_of, settle
from bench.run.driving.layout import schedule_of, with_gpus
from bench.run.driving.notices import Notices
from bench.run.driving.shelving import Shelving, without
from bench.run.driving.works import Item, Making, Measuring, unfit, works_of
from bench.run.kept import kept_record
from bench.run.plan import Step, wall_seconds
from bench.run.schedule import Start, Work
from bench.run.shelf.room import require_room

LOSSES = 3
"""Times that a job may go down with its host or server: after that it is likely to be what takes these down."""
_GRACE = 5.0
"""Seconds without a word after which jobs that were cancelled are not waited for any more."""


def drive(desk: Desk, steps: Iterable[Step], pace: Pace) -> str:
    """Measure what the run has no record of yet, and write it down as it ends.

    What an earlier run has kept is taken over first, so that the time left is that of real work.

    Returns:
        How the run ended: `complete`, `budget` where time ran out, `interrupted` where no host is left.
    """
    remember_sources(declared_places())
    attempted = desk.store.past.attempted(desk.run)
    open_steps = [
        (step, replicate)
        for step in steps
        for replicate in range(step.planned.replicates)
        if (step.planned.cell.key, replicate) not in attempted
    ]
    to_measure: list[tuple[Step, int]] = []
    taken: list[Step] = []
    for step, replicate in open_steps:
        if _take_over(desk, step, replicate):
            taken.append(step)
        else:
            to_measure.append((step, replicate))
    bench = _Bench(desk, pace, works_of(to_measure, pace.memory_limit or 0))
    bench.shelving.keep_data(taken)
    return bench.run()


def _take_over(desk: Desk, step: Step, replicate: int) -> bool:
    """Let a kept record stand for the cell, where it would come out the same again."""
    if desk.fresh or replicate > 0:
        return False
    record = kept_record(desk.store, step.planned.cell, desk.host_key)
    if record is None:
        return False
    desk.store.add_record(desk.run, record)
    desk.progress.done(record, wall_seconds(step.planned))
    return True


class _BudgetOver(Exception):
    """The budget ended while something was left to do."""


class _Bench:
    """The state of one pass: the schedule, what is under way, and the clock of the budget."""

    def __init__(self, desk: Desk, pace: Pace, works: Mapping[str, tuple[Work, Item]]) -> None:
        self._desk = desk
        self._pace = pace
        self._works = works
        self._hosts: dict[str, Host] = {}
        """All that were seen."""
        self._keys: dict[str, str] = {}
        """Of those that have made a record."""
        self._there: set[str] = set()
        self._schedule = schedule_of(works, self._look_at_hosts(), pace)
        self._underway = Underway(desk.executor)
        self._attempts: dict[Handle, Attempt] = {}
        self._losses: dict[str, int] = {}
        self._notices = Notices(desk.progress)
        self.shelving = Shelving(desk.store, desk.run, desk.shelf, self._notices)
        self._watch = Stopwatch()

    def run(self) -> str:
        """Go through all works; whatever ends it, none of them is left running."""
        try:
            for key, reason in self.shelving.failed().items():
                if key in self._works:
                    self._not_made(key, reason)
            return self._loop()
        except _BudgetOver:
            for attempt in self._attempts.values():
                self._keep_first(attempt)
            return "budget"
        finally:
            self._cancel_all()

    def _loop(self) -> str:
        while not self._schedule.is_over:
            if self._budget_left() <= 0:
                raise _BudgetOver
            self._follow_hosts()
            self._desk.progress.expects(self._schedule.left_seconds())
            while self._budget_left() > 0 and (start := self._schedule.start()):
                self._begin(start)
            if self._attempts:
                ended = self._next_end()
                self._ended(self._attempts.pop(ended.handle), ended.outcome)
            elif self._budget_left() > 0 and not self._schedule.is_over:
                self._desk.progress.note("no host is left that can run what is open: go on with --resume")
                return "interrupted"
        return "complete"

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
        item = self._works[start.key][1]
        taken = {attempt.lane for attempt in self._attempts.values()}
        attempt = Attempt(start, item, next(lane for lane in count() if lane not in taken), 0.0)
        if isinstance(item, Making):
            if self.shelving.has(item.artifact):
                self._schedule.ended(start.key)
                return
        elif outcome := unfit(item.step.planned.cell):
            self._write(item, outcome)
            self._schedule.ended(start.key)
            return
        else:
            attempt.allowance = self._allowance(item)
        self._submit(attempt)

    def _submit(self, attempt: Attempt) -> None:
        require_room(self._desk.store.path.parent)
        self._desk.progress.begun(attempt.lane, str(attempt.item))
        limit = max(0.0, min(self._pace.limit, self._budget_left()))
        handle = self._underway.begin(attempt.job(self._given), attempt.start.host, limit)
        for other in self._attempts.values():
            attempt.met(other)
        self._attempts[handle] = attempt

    def _ended(self, attempt: Attempt, outcome: Outcome) -> None:
        self._desk.progress.ended(attempt.lane)
        key, item = attempt.start.key, attempt.item
        if outcome.lost:
            self._losses[key] = self._losses.get(key, 0) + 1
            if self._losses[key] < LOSSES:
                self._schedule.lost(key)
                return
            outcome = Outcome("failed", f"{outcome.reason}, each of the {LOSSES} times that it ran")
        if outcome.disk_full:
            raise StoreError(f"no space left: {outcome.reason}: free some, as with evobench clean, then --resume")
        if outcome.status == "timeout" and self._budget_left() <= 0:
            self._keep_first(
                attempt
            )  # a cell that the budget cuts off has not been tried: --resume begins it anew
            raise _BudgetOver
        if isinstance(item, Measuring):
            self._measured(attempt, item, outcome)
        elif reason := self.shelving.made(item.artifact, outcome, attempt.watch.seconds):
            self._not_made(key, reason)
        else:
            if self._desk.artifacts_limit:
                self._desk.artifacts_limit.keep()
            self._schedule.ended(key)

    def _measured(self, attempt: Attempt, item: Measuring, outcome: Outcome) -> None:
        """Write down the record; a disturbed timing is measured once more, where no other cell needs that time."""
        cell = item.step.planned.cell
        if attempt.first:
            outcome = settle(attempt.first, outcome)
        elif is_disturbed(MEASURES.get(cell.measure), outcome):
            if self._budget_left() >= self._schedule.left_seconds():
                self._desk.progress.disturbed(cell, reasons_of(outcome))
                attempt.first = outcome
                self._submit(attempt)
                return
            outcome = noisy(outcome)
        self._write(item, outcome, attempt)
        self._schedule.ended(attempt.start.key)

    def _not_made(self, key: str, reason: str) -> None:
        """What waits for an artifact ends with it."""
        making = self._works[key][1]
        assert isinstance(making, Making)
        for ended in self._schedule.failed(key):
            item = self._works[ended][1]
            if isinstance(item, Measuring):
                self._write(item, without(making.artifact, reason))

    def _keep_first(self, attempt: Attempt) -> None:
        """The disturbed attempt at a timing is a record, where the second was cut off."""
        if attempt.first and isinstance(attempt.item, Measuring):
            self._write(attempt.item, noisy(attempt.first), attempt)

    def _write(self, item: Measuring, outcome: Outcome, attempt: Attempt | None = None) -> None:
        """Get a record into the store, of an attempt where there was one."""
        if attempt is None:
            record = record_of(item, outcome, host=self._desk.host_key)
        else:
            host = self._key_of(attempt.start.host)
            record = record_of(item, outcome, attempt.noted(outcome), host, attempt.started, attempt.watch.seconds)
        self._desk.store.add_record(self._desk.run, record)
        self._desk.progress.done(record, wall_seconds(item.step.planned))
        self._notices.warnings(record.cell, record.details)

    def _key_of(self, name: str) -> str:
        """Key of a host, which the run names from its first record on."""
        if name not in self._keys:
            fingerprint = dict(self._hosts[name].fingerprint)
            key = host_key(fingerprint) if fingerprint else self._desk.host_key
            if key != self._desk.host_key:
                self._desk.store.add_host(self._desk.run, key, fingerprint)
            self._keys[name] = key
        return self._keys[name]

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
        """Where jobs can run now; a host that is not among them any more is told of."""
        found = with_gpus(self._desk.executor.hosts(), self._works, self._pace)
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

    def _budget_left(self) -> float:
        return float("inf") if self._pace.budget is None else self._pace.budget - self._watch.seconds

    def _allowance(self, item: Measuring) -> float:
        """Seconds for a cell: what is declared, or its share of what is left of the budget where that is less."""
        planned = item.step.planned
        share = self._budget_left() / max(self._schedule.left_seconds(), wall_seconds(planned))
        return planned.sampling * min(1.0, share)
