"""What a run still wants to know, as its driver asks for it. Who decides that is not a matter of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.cell import Record
from bench.declare.declarations import Planned
from bench.run.plan import Step


class Wanted(Protocol):
    """The questions of a run, and the trainings that would decide those that are open."""

    @property
    def named(self) -> int:
        """How many questions the run names: fixed before anything is measured."""
        ...

    @property
    def answered(self) -> int:
        """How many of them have their answer."""
        ...

    @property
    def told(self) -> str:
        """How many have their answer, in words; empty where nothing is named."""
        ...

    @property
    def waits(self) -> bool:
        """Whether something that is planned and not there yet may answer what is open."""
        ...

    def learned(self, record: Record) -> None:
        """Take note of a record of the run, whether it was measured or taken over."""
        ...

    def more(self, seconds: Callable[[Planned], float], within: float) -> tuple[Step, ...]:
        """The trainings that are to be done next for what is open, each once; none where nothing is open any more.

        Args:
            seconds: that a planned cell is expected to take, with the artifacts that are not made yet.
            within: seconds that are left: nothing that is expected to take longer is asked for.
        """
        ...
