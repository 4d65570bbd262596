"""Steps of learning: a fine-tuning that is watched, one that is done twice, one that is killed and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.cell import Cell
from bench.clock import Stopwatch
from bench.execute.frames import Frame
from bench.execute.outcome import Outcome
from tests.gpu_check.costs import alone
from tests.gpu_check.lines import NOT_REACHED, Line, Verdict, shown
from tests.gpu_check.session import Session

WAITING = 0.25
"""Share of the time that a GPU may wait: a batch is to lie ready when the last one is done."""


def fine_tuning(session: Session, seconds: float) -> Iterator[Line]:
    """A model that is fine-tuned whole in bf16: how long does the GPU wait for its images?"""
    for found in session.measured(session.grid.fine_tuning, seconds):
        row = found.rows[0] if found.rows else None
        if row is None or row.status != "ok" or row.median is None:
            yield alone("fine-tuning", found, "1")
            continue
        verdict: Verdict = "pass" if row.median <= WAITING else "fail"
        rate = shown(row.details["images_per_second"], "1/s")
        what = f"{found.cell}: share of time that the GPU waits"
        why = f"{row.details['how']}; {rate}"
        yield Line("fine-tuning", what, verdict, f"{row.median:.0%}", f"{WAITING:.0%} at most", why=why)


def twice(session: Session, seconds: float) -> Iterator[Line]:
    """The same training in two processes: are its answers and its losses equal?"""
    for found in session.measured(session.grid.twice, seconds):
        what = f"{found.cell} twice"
        good = [row for row in found.rows if row.status == "ok"]
        if len(good) < 2:
            bad = next((row for row in found.rows if row.status != "ok"), None)
            why = f"{bad.status}: {bad.reason}" if bad else NOT_REACHED
            yield Line("twice", what, "fail" if bad else "skip", why=why)
            continue
        answers = [session.store.samples(session.run.id, found.cell.key, row.replicate) for row in good]
        losses = [losses_of(row.details) for row in good]
        equal = answers[0] == answers[1] and losses[0] == losses[1]
        far = max(abs(a - b) for a, b in zip(*losses, strict=True))
        value = "equal" if equal else f"losses differ by up to {far:.2g}"
        yield Line("twice", what, "pass" if equal else "fail", value, "equal, bit for bit")


def losses_of(details: Mapping[str, Any]) -> list[float]:
    """The training losses of a curve."""
    return [float(point["loss"]) for point in details["curve"]]


def resumed(session: Session, seconds: float) -> Iterator[Line]:
    """The same training, killed after it began, goes on where it was and ends as it would have."""
    plain = session.grid.twice[0].planned.cell
    cell = replace(plain, measure="killable")
    again = killed_and_resumed(session, cell, seconds)
    what = f"{cell} killed and resumed"
    if isinstance(again, str):
        yield Line("resumed", what, "skip", why=again)
        return
    if again.outcome.status != "ok":
        yield Line("resumed", what, "fail", why=f"{again.outcome.status}: {again.outcome.reason}")
        return
    went_on = again.first > again.killed
    value = f"killed after step {again.killed}, its next point was step {again.first}"
    yield Line("resumed", what, "pass" if went_on else "fail", value, "a later step")
    rows = [row for row in session.store.records(session.run.id) if row.cell_key == plain.key]
    if rows and rows[0].status == "ok":
        equal = losses_of(rows[0].details) == losses_of(again.outcome.details)
        value = "equal" if equal else "other losses"
        yield Line("resumed", f"{what}, against one that was not", "pass" if equal else "fail", value, "equal")


class _Killed(Exception):
    """Ends the job: the executor kills its process, and lets the exception through."""


@dataclass
class Resumed:
    """A training that was killed and went on."""

    killed: int
    """Step of the state that was kept when it was killed, at least: that of the point before."""
    first: int
    """Step of the first point that it told of afterwards."""
    outcome: Outcome


@dataclass
class _Points:
    """The points that a training tells of; ends it once its state has been kept since the point before."""

    kept: Callable[[], int]
    """When it was kept last, in nanoseconds; 0: never."""
    steps: list[int] = field(default_factory=list)
    _before: int = 0

    def __call__(self, frame: Frame) -> None:
        self.steps.append(int(frame["step"]))
        now = self.kept()
        if len(self.steps) > 1 and now > self._before:
            raise _Killed
        self._before = now


def killed_and_resumed(session: Session, cell: Cell, limit: float) -> Resumed | str:
    """Kill a training at a point of its curve, once its state has been kept, and submit it again.

    Returns:
        What became of it, or why it could not be killed.
    """
    watch = Stopwatch()
    points = _Points(lambda: _kept(session.shelf.folder))
    try:
        outcome = session.submitted(cell, limit, limit, points)
    except _Killed:
        pass
    else:
        return f"{outcome.status} before its state was kept {outcome.reason}".rstrip()
    after: list[int] = []
    left = max(0.0, limit - watch.seconds)
    outcome = session.submitted(cell, left, left, lambda frame: after.append(int(frame["step"])))
    return Resumed(points.steps[-2], after[0] if after else 0, outcome)


def _kept(folder: Path) -> int:
    """When the state of a training was kept last; a draft ends with the number of its process."""
    kept = (path for path in folder.glob(".unfinished-*") if path.suffix == "")
    return max((path.stat().st_mtime_ns for path in kept), default=0)
