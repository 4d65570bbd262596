"""Measurements beyond the plan of a run that is filled with evidence, and the end of the run once it has its
answers."""

from __future__ import annotations

from collections.abc import Iterable

from bench.run.driving.desk import Desk
from bench.run.driving.recording import Recording
from bench.run.driving.shelving import Shelving, without
from bench.run.driving.works import Measuring, Works
from bench.run.plan import PlanStep
from bench.run.schedule import Schedule
from bench.run.snapshot import cell_rows

_AHEAD = 2
"""Trainings that are to be ready for each lane: while some of them run, the next are being asked for."""


class Filling:
    """Asks for the trainings that open questions need."""

    def __init__(
        self, desk: Desk, works: Works, recording: Recording, shelving: Shelving, steps: Iterable[PlanStep]
    ) -> None:
        """Nothing has been asked for yet; `steps` are all that is planned."""
        self._desk = desk
        self._works = works
        self._recording = recording
        self._shelving = shelving
        self._known = {step.planned.cell.key for step in steps}
        self._nothing_at = -1
        """Records that there were when nothing was asked for."""

    @property
    def is_answered(self) -> bool:
        """Whether all questions of the run are answered; False where it has no question."""
        wanted = self._desk.wanted
        return wanted is not None and 0 < wanted.named == wanted.answered

    def top_up(self, schedule: Schedule, lanes: int, within: float) -> None:
        """Plan further trainings until there are enough that can begin, once each arm has its first.

        What the first ones show decides which further ones are worth their seconds. Where something is left to
        `--resume`, so are they.

        Args:
            schedule: the schedule that works are added to.
            lanes: lanes of all hosts.
            within: seconds that are left.
        """
        while not self._shelving.left and not self._has_enough(schedule, lanes, within):
            steps = self._asked_for(within)
            if not steps:
                return
            schedule.add(self._works.add([(step, 0) for step in steps if not self._is_known(step)]))

    def _has_enough(self, schedule: Schedule, lanes: int, within: float) -> bool:
        if self.is_answered or schedule.has_first_seeds(within):
            return True
        return schedule.trainings_ready(within) >= _AHEAD * lanes

    def has_nothing_open(self, schedule: Schedule) -> bool:
        """Whether neither a planned work nor a further training could answer an open question."""
        wanted = self._desk.wanted
        if wanted is None or not wanted.named:
            return False
        return self.is_answered or not (schedule.has_trainings or self._worth_asking or wanted.waits)

    @property
    def _worth_asking(self) -> bool:
        """Whether something was learned since asking last gave nothing to do."""
        return self._nothing_at != self._recording.number

    def _asked_for(self, within: float) -> list[PlanStep]:
        """The trainings that are wanted next and have time enough, written into the plan of the run."""
        wanted = self._desk.wanted
        if wanted is None or not self._worth_asking:
            return []
        asked = wanted.more(self._works.whole, within)
        steps = [step for step in asked if step.planned.cell.key not in self._known]
        if not steps:
            self._nothing_at = self._recording.number
            return []
        self._known.update(step.planned.cell.key for step in steps)
        self._desk.store.add_cells(self._desk.run, cell_rows(steps))
        self._desk.progress.planned(len(steps))
        if limit := self._desk.artifacts_limit:
            limit.steps = (*limit.steps, *steps)
        return steps

    def _is_known(self, step: PlanStep) -> bool:
        """Whether the training has a record, or cannot get one."""
        if self._recording.take_over(step, 0):
            self._shelving.keep_data([step])
            return True
        unmade = self._shelving.failed()
        for artifact in step.artifacts:
            if artifact.key in unmade:
                self._recording.unbegun(Measuring(step, 0), without(artifact, unmade[artifact.key]))
                return True
        return False
