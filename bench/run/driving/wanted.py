"""Open questions of a run, as its driver asks about them; another room decides what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.cell import Record
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep


class WantedEvidence(Protocol):
    """The questions of a run, and the trainings that would decide those that are open."""

    @property
    def named(self) -> int:
        """Number of questions that the run names: fixed before anything is measured."""
        ...

    @property
    def answered(self) -> int:
        """Number of the questions that are answered."""
        ...

    @property
    def told(self) -> str:
        """Number of answered questions in words; empty where nothing is named."""
        ...

    @property
    def waits(self) -> bool:
        """Whether a planned work that is not done yet may answer an open question."""
        ...

    def learned(self, record: Record) -> None:
        """Take note of a record of the run, whether it was measured or taken over."""
        ...

    def more(self, seconds: Callable[[Planned], float], within: float) -> tuple[PlanStep, ...]:
        """The trainings that are to be done next for what is open, each once; none where nothing is open any more.

        Args:
            seconds: expected seconds of a planned cell, with the artifacts that are not made yet.
            within: seconds that are left: nothing that is expected to take longer is asked for.
        """
        ...
