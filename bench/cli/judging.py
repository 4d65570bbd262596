"""Claims of the lecture, judged slide by slide, several slides at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import entry_points
from math import inf
from pathlib import Path
from typing import Any

from bench.audit.claims import Ledger
from bench.audit.lessons import Said, judged_by
from bench.audit.verdicts import ClaimVerdict
from bench.clock import Stopwatch
from bench.compare.lessons.verdict import lessons_of, newest_lessons
from bench.execute.executor import Ended, Executor, Handle
from bench.execute.jobs import Check
from bench.execute.outcome import Outcome
from bench.execute.underway import Underway
from bench.machine.host import available_cpus
from bench.store.database import Declaration, Store

LIMIT = 300.0
"""Seconds that the checks of one slide may take."""
_IMAGENET_LIMIT = 7 * 86400.0
"""Seconds that the checks of one slide may take where 50,000 images go through networks."""
Entry = Mapping[str, Any]
"""A claim as it stands in a ledger."""


@dataclass(frozen=True)
class JudgingDesk:
    """The things that claims are judged with."""

    store: Store
    executor: Executor
    say: Callable[[str], None]
    """Receives a line when a slide is done."""
    lanes: int
    """Slides that are judged at once."""
    imagenet: str = ""
    """Folder of the validation images; empty: none."""
    lessons: Mapping[str, Said] = field(default_factory=dict)
    """Verdicts of lessons on claims, by the lessons' names."""


def installed_claims() -> Path | None:
    """The file of claims of the first installed catalogue that has some; None where none has."""
    for point in entry_points(group="evobench.claims"):
        found: Path = point.load()
        return found
    return None


def lessons_in(store: Store) -> Mapping[str, Said]:
    """Verdicts of the newest run in a store that holds lessons, by the lessons' names."""
    run = newest_lessons(store)
    found = lessons_of(store, run) if run else ()
    return {item.study.name: Said(item.verdict, item.study.title, run) for item in found}


def snapshot(ledger: Ledger, chosen: Sequence[Entry]) -> Iterable[Declaration]:
    """Declarations that a report needs of the chosen claims and of their slides."""
    slides = dict.fromkeys(entry["slide"] for entry in chosen)
    if len(chosen) == len(ledger.entries):
        slides = dict.fromkeys(ledger.slides)
    left_out = [asdict(item) for item in ledger.left_out if item.slide in slides]
    return [
        *(Declaration("claim", entry["id"], dict(entry)) for entry in chosen),
        *(Declaration("slide", slide, {"title": slide}) for slide in slides),
        *(Declaration("left_out", str(i), item) for i, item in enumerate(left_out)),
    ]


class Judging:
    """Claims that are being judged: every verdict is kept when it is made."""

    def __init__(self, desk: JudgingDesk, run: str, chosen: Sequence[Entry]) -> None:
        """Nothing is judged yet.

        Args:
            desk: the store, the executor and the settings to judge with.
            run: id of the run that keeps the verdicts.
            chosen: claims to be judged, in the order of the lecture.
        """
        self.judged: dict[str, ClaimVerdict] = {}
        """Judged claims by id."""
        self._desk = desk
        self._run = run
        self._chosen = chosen
        self._underway = Underway(desk.executor)
        self._at_work: dict[Handle, str] = {}
        """The slide of each job."""

    def go(self, seconds: float = inf) -> None:
        """Judge all, each slide in a process of its own; a process that crashes costs the rest of its slide.

        Args:
            seconds: after which nothing is begun any more and what is at work is cancelled: claims that have no
                verdict by then get none.
        """
        watch, waiting, over = Stopwatch(), deque(self._slides()), False
        while waiting or self._at_work:
            while waiting and len(self._at_work) < self._desk.lanes:
                self._begin(waiting.popleft())
            event = self._underway.next(None if over or seconds == inf else max(0.0, seconds - watch.seconds))
            if isinstance(event, Ended):
                slide = self._at_work.pop(event.handle)
                if not over or event.outcome.status == "ok":
                    self._end(slide, event.outcome)
            elif event is not None:
                self._keep(event.frame["claim"], ClaimVerdict(**event.frame["judged"]))
            if not over and watch.seconds >= seconds:
                over = True
                waiting.clear()
                for handle in self._at_work:
                    self._underway.cancel(handle)

    def _slides(self) -> list[str]:
        """Titles in the order in which they are begun.

        Where several are judged at once, those with the most to check come first: it is them that would be waited
        for in the end.
        """
        titles = list(dict.fromkeys(entry["slide"] for entry in self._chosen))
        return titles if self._desk.lanes == 1 else sorted(titles, key=lambda title: -len(self._checkable(title)))

    def _begin(self, slide: str) -> None:
        for entry in self._chosen:
            if entry["slide"] == slide and "check" not in entry:
                self._keep(entry["id"], self._unchecked(entry))
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
                self._keep(entry["id"], ClaimVerdict("not checkable", explanation=why, failed=True))
        self._tell(slide)

    def _checkable(self, slide: str) -> list[Entry]:
        return [entry for entry in self._chosen if entry["slide"] == slide and "check" in entry]

    def _unchecked(self, entry: Entry) -> ClaimVerdict:
        if "lesson" in entry:
            return judged_by(entry["lesson"], self._desk.lessons)
        return ClaimVerdict("not checkable", explanation=entry["not_checkable"])

    def _keep(self, claim: str, judged: ClaimVerdict) -> None:
        self.judged[claim] = judged
        self._desk.store.add_verdict(self._run, claim, judged.to_dict())

    def _tell(self, slide: str) -> None:
        done = f"{len(self.judged)}/{len(self._chosen)} claims"
        self._desk.say(f"{done}: {slide}")
