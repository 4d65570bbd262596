"""The records of one run: written as they are made, and told to all that learn from them."""

from __future__ import annotations

from bench.cell import Record
from bench.execute.executor import Host
from bench.execute.outcome import Outcome
from bench.machine.host import host_key
from bench.run.driving.attempts import CellAttempt, record_of
from bench.run.driving.desk import Desk
from bench.run.driving.disturbed import settle
from bench.run.driving.notices import Notices
from bench.run.driving.works import Measuring
from bench.run.kept import kept_record
from bench.run.plan import PlanStep


class Recording:
    """Writes records, and tells progress, forecast and what the run wants to know of each."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices
        self._keys: dict[str, str] = {}
        """Keys of the hosts that have made a record, by the host's name."""
        self.number = 0
        """Records that were made, or taken over."""

    def remember(self) -> None:
        """Tell what the run wants to know of the trainings that it has records of already."""
        if self._desk.wanted:
            for record in self._desk.store.past.trainings(self._desk.run):
                self._desk.wanted.learned(record)

    def take_over(self, step: PlanStep, replicate: int) -> bool:
        """Let a kept record stand for the process, where it would come out the same again."""
        if self._desk.fresh or replicate > 0:
            return False
        record = kept_record(self._desk.store, step.planned.cell, self._desk.host_key)
        if record is None:
            return False
        self._desk.store.add_record(self._desk.run, record)
        self._desk.forecast.learn(record)
        self._tell(record)
        return True

    def unbegun(self, item: Measuring, outcome: Outcome) -> None:
        """Write down what became of a process that no job was begun for."""
        record = record_of(item, outcome, host=self._desk.host_key)
        self._desk.store.add_record(self._desk.run, record)
        self._tell(record)
        self._notices.warnings(record.cell, record.details)

    def ended(self, attempt: CellAttempt, item: Measuring, outcome: Outcome, host: Host) -> Record:
        """Write down what became of an attempt; the second at a timing settles the record of the first."""
        key, seconds = self._key_of(host), attempt.watch.seconds
        record = record_of(item, outcome, attempt.noted(outcome), key, attempt.started, seconds)
        self._desk.forecast.learn(record)
        if item.first:
            record = settle(item.first, record)
            self._desk.store.settle_record(self._desk.run, record)
            self._desk.progress.settled(record)
        else:
            self._desk.store.add_record(self._desk.run, record)
            self._tell(record)
        self._notices.warnings(record.cell, record.details)
        return record

    def _tell(self, record: Record) -> None:
        self.number += 1
        if self._desk.wanted:
            self._desk.wanted.learned(record)
        self._desk.progress.done(record)

    def _key_of(self, host: Host) -> str:
        """Key of a host, which the run names from its first record on."""
        if host.name not in self._keys:
            fingerprint = dict(host.fingerprint)
            key = host_key(fingerprint) if fingerprint else self._desk.host_key
            if key != self._desk.host_key:
                self._desk.store.add_host(self._desk.run, key, fingerprint)
            self._keys[host.name] = key
        return self._keys[host.name]
