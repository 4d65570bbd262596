"""The claims of an audit, judged slide by slide, several slides at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from bench.audit.verdicts import Judged
from bench.execute.executor import Ended, Executor, Handle
from bench.execute.jobs import Check
from bench.execute.outcome import Outcome
from bench.execute.underway import Underway
from bench.machine.host import available_cpus
from bench.store.database import Store

LIMIT = 300.0
"""Seconds that the checks of one slide may take."""
_IMAGENET_LIMIT = 7 * 86400.0
"""The same where 50,000 images go through networks."""
Entry = Mapping[str, Any]
"""A claim as it stands in a ledger."""


@dataclass(frozen=True)
class Desk:
    """What an audit works with."""

    store: Store
    executor: Executor
    console: Console
    lanes: int
    """Slides that are judged at once."""
    imagenet: str = ""
    """Folder of the validation images; empty: none."""


class Judging:
    """An audit under way: what was judged so far is kept already."""

    def __init__(self, desk: Desk, run: str, chosen: Sequence[Entry]) -> None:
        """Nothing is judged yet.

        Args:
            desk: what is worked with.
            run: that keeps the verdicts.
            chosen: what is to be judged, in the order of the lecture.
        """
        self.judged: dict[str, Judged] = {}
        """By the claim's id."""
        self._desk = desk
        self._run = run
        self._chosen = chosen
        self._underway = Underway(desk.executor)
        self._at_work: dict[Handle, str] = {}
        """The slide of each job."""

    def go(self) -> None:
        """Judge all, each slide in a process of its own; a process that crashes costs the rest of its slide."""
        waiting = deque(self._slides())
        while waiting or self._at_work:
            while waiting and len(self._at_work) < self._desk.lanes:
                self._begin(waiting.popleft())
            event = self._underway.next()
            if isinstance(event, Ended):
                self._end(self._at_work.pop(event.handle), event.outcome)
            elif event is not None:
                self._keep(event.frame["claim"], Judged(**event.frame["judged"]))

    def _slides(self) -> list[str]:
        """Titles in the order in which they are begun.

        Where several are judged at once, those with the most to check come first: it is them that would be waited
        for in the end.
        """
        titles = list(dict.fromkeys(entry["slide"] for entry in self._chosen))
        return titles if self._desk.lanes == 1 else sorted(titles, key=lambda title: -len(self._checkable(title)))

    def _begin(self, slide: str) -> None:
        for entry in self._chosen:
            if entry["slide"] == slide and "not_checkable" in entry:
                self._keep(entry["id"], Judged("not checkable", explanation=entry["not_checkable"]))
        checkable = self._checkable(slide)
        if not checkable:
            self._tell(slide)
            return
        desk = self._desk
        job = Check(tuple(checkable), max(1, available_cpus() // desk.lanes), desk.imagenet)
        host = desk.executor.hosts()[0].name
        handle = self._underway.begin(job, host, _IMAGENET_LIMIT if desk.imagenet else LIMIT)
        self._at_work[handle] = slide

    def _end(self, slide: str, outcome: Outcome) -> None:
        for entry in self._checkable(slide):
            if entry["id"] not in self.judged:
                why = f"the checks of this slide ended: {outcome.reason or outcome.status}"
                self._keep(entry["id"], Judged("not checkable", explanation=why, failed=True))
        self._tell(slide)

    def _checkable(self, slide: str) -> list[Entry]:
        return [entry for entry in self._chosen if entry["slide"] == slide and "not_checkable" not in entry]

    def _keep(self, claim: str, judged: Judged) -> None:
        self.judged[claim] = judged
        self._desk.store.add_verdict(self._run, claim, judged.to_dict())

    def _tell(self, slide: str) -> None:
        done = f"{len(self.judged)}/{len(self._chosen)} claims"
        self._desk.console.print(f"{done}: {slide}", markup=False, soft_wrap=True)
