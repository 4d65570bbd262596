"""The artifacts that one learning cell reads."""

from __future__ import annotations

from dataclasses import dataclass

from bench.declare.artifact import Artifact

WARNINGS = "warnings"
"""Of what is told of an artifact: sentences on how it was computed, which the records of what reads it repeat."""


@dataclass(frozen=True)
class Needs:
    """The artifacts of one learning cell."""

    target: Artifact
    checkpoint: Artifact | None = None
    features: Artifact | None = None
    views: Artifact | None = None
    heads: Artifact | None = None

    def all(self) -> tuple[Artifact, ...]:
        """Those that there are."""
        return present(self.target, self.checkpoint, self.features, self.views, self.heads)


def present(*artifacts: Artifact | None) -> tuple[Artifact, ...]:
    """Those that there are."""
    return tuple(artifact for artifact in artifacts if artifact is not None)


def precision_of(artifact: Artifact) -> str:
    """The number format that a network computes an artifact in: on a CPU, fp32 goes without saying."""
    return str(dict(artifact.spec).get("precision", "fp32"))
