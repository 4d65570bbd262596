"""The artifacts that one learning cell reads."""

from __future__ import annotations

from dataclasses import dataclass

from bench.declare.artifact import Artifact

WARNINGS = "warnings"
"""Detail of an artifact with sentences on how it was computed, which records of its readers repeat."""


@dataclass(frozen=True)
class CellArtifacts:
    """The artifacts of one learning cell."""

    target: Artifact
    checkpoint: Artifact | None = None
    features: Artifact | None = None
    views: Artifact | None = None
    heads: Artifact | None = None

    def all(self) -> tuple[Artifact, ...]:
        """All artifacts that the cell needs."""
        return present(self.target, self.checkpoint, self.features, self.views, self.heads)


def present(*artifacts: Artifact | None) -> tuple[Artifact, ...]:
    """The given artifacts that are not None."""
    return tuple(artifact for artifact in artifacts if artifact is not None)


def precision_of(artifact: Artifact) -> str:
    """Number format that a network computes an artifact in; fp32 where the spec does not say, as on a CPU."""
    return str(dict(artifact.spec).get("precision", "fp32"))
