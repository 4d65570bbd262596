"""The artifacts of one run: which lie on the shelf, what became of those that were made, and their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from bench.cell import Status
from bench.clock import Stopwatch
from bench.declare.artifact import Artifact, Shelf, in_order
from bench.declare.catalog import DATASETS
from bench.execute.outcome import Outcome
from bench.run.driving.notices import Notices
from bench.run.plan import PlanStep
from bench.store.database import ArtifactRow, Store

_TELLING: tuple[Status, ...] = ("unsupported", "oom", "timeout")
"""Statuses of an artifact that the cells needing it inherit; after any other status those cells have failed."""


class Shelving:
    """Keeps the account of a run's artifacts."""

    def __init__(self, store: Store, run: str, shelf: Shelf, notices: Notices) -> None:
        self._store = store
        self._run = run
        self._shelf = shelf
        self._notices = notices
        self.left: set[str] = set()
        """Keys of the artifacts whose making was ended from outside: what needs them is left to `--resume`."""

    def failed(self) -> dict[str, str]:
        """Reason why an artifact of this run could not be made before the run was cut off, by key: it is not tried
        again. One whose making was ended from outside is not among them."""
        return {row.key: row.reason for row in self._store.artifacts(self._run) if row.status == "failed"}

    def keep_data(self, steps: Iterable[PlanStep]) -> None:
        """Write down, once each, the data sets of figures that are taken over: they are of this run, too."""
        for artifact in in_order(a for step in steps for a in step.artifacts if a.kind == "dataset"):
            if details := self._details(artifact):
                row = ArtifactRow(artifact.key, str(artifact), "kept", "", 0.0, details)
                self._store.add_artifact(self._run, row)

    def has(self, artifact: Artifact) -> bool:
        """Whether the artifact exists already, so that it need not be made; that is recorded."""
        self._notices.two_labels(artifact)
        watch = Stopwatch()
        if not self._shelf.holds(artifact):
            return False
        self._note(artifact, "kept", watch.seconds, self._details(artifact))
        return True

    def made(self, artifact: Artifact, outcome: Outcome, seconds: float) -> str:
        """Write down what became of it; returns why it could not be made, or nothing."""
        self._notices.warnings(artifact, outcome.details)
        if outcome.status != "ok":
            reason = f"{outcome.status}: " * (outcome.status in _TELLING) + outcome.reason
            self._note(artifact, "failed", seconds, {}, outcome, reason)
            return reason
        self._note(artifact, "made", seconds, self._details(artifact), outcome)
        return ""

    def _note(
        self,
        artifact: Artifact,
        status: str,
        seconds: float,
        details: dict[str, Any],
        outcome: Outcome | None = None,
        reason: str = "",
    ) -> None:
        self._notices.pictures(artifact, details)
        if outcome is not None and "settings_undone" in outcome.details:
            details = {**details, "settings_undone": outcome.details["settings_undone"]}
        row = ArtifactRow(artifact.key, str(artifact), status, reason, seconds, details)
        self._store.add_artifact(self._run, row)

    def _details(self, artifact: Artifact) -> dict[str, Any]:
        """Details of an artifact on the shelf; for the user's own images also the unused files beside them.

        These are as they are now: another text among the images does not make another artifact.
        """
        details = self._shelf.details(artifact)
        if artifact.kind == "dataset" and details:
            item = DATASETS.get(str(artifact["name"]))
            if item.left_out or item.notes:
                details |= {"left_out": [asdict(part) for part in item.left_out], "notes": list(item.notes)}
        return details


def without(artifact: Artifact, reason: str) -> Outcome:
    """The outcome of a cell that needs an artifact which could not be made."""
    status: Status = next((known for known in _TELLING if reason.startswith(f"{known}: ")), "failed")
    if status == "unsupported":  # its words are of the cell as much as of what it needs
        return Outcome(status, reason.removeprefix("unsupported: "))
    return Outcome(status, f"needs {artifact}, which could not be made: {reason}")
