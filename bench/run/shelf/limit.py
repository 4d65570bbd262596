"""The artifacts of a folder kept under a size while a run makes more of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.run.plan import PlanStep, left
from bench.run.shelf.contents import folder_beside, lying, own_folder_beside
from bench.run.shelf.locks import removing
from bench.run.shelf.removal import beyond, remove
from bench.store.database import Store
from bench.store.past import named_beside
from bench.words import few, in_bytes


@dataclass
class ArtifactsLimit:
    """Limit on the size of the artifacts while a run is measured."""

    size: int
    """Bytes."""
    store: Store
    run: str
    steps: Iterable[PlanStep]
    """All steps of the run."""
    tell: Callable[[str], None]
    """Receives a line, once, if the limit cannot be kept, and why."""
    _told: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        own_folder_beside(self.store.path)

    def keep(self) -> None:
        """Remove what was used least recently and is not needed by what the run has still to measure."""
        folder = folder_beside(self.store.path)
        if sum(item.size for item in lying(folder)) <= self.size:
            return
        with removing(self.store.path.parent, self.run) as measured:
            items = lying(folder)
            named = named_beside(self.store.path)
            gone = [] if measured else beyond(items, named, self.size, self._needed())
            remove(gone)
        size = sum(item.size for item in items) - sum(removal.item.size for removal in gone)
        if size > self.size and not self._told:
            self._told = True
            why = f"run {few(measured)} is being measured, too" if measured else "this run needs them"
            self.tell(f"artifacts take {in_bytes(size)}, more than the limit of {in_bytes(self.size)}: {why}")

    def _needed(self) -> set[str]:
        """Keys of the artifacts of all cells that have no record yet, or may be followed by further seeds."""
        missing = left(self.steps, self.store.past.attempted(self.run))
        followed = (step for step in self.steps if step.planned.open)
        return {artifact.key for step in (*missing, *followed) for artifact in step.artifacts}
