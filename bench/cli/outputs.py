"""Output of a judgement by a verb: through the object at the entry point `evobench.outputs`."""

from __future__ import annotations

import argparse
from importlib.metadata import entry_points
from typing import Protocol

from bench.compare.judgement import Judgement
from bench.compare.verdict import Verdict
from bench.errors import Exit


class RequestedOutputs(Protocol):
    """Requested outputs of a judgement, and where they go."""

    @property
    def fail_on(self) -> frozenset[Verdict]:
        """The verdicts that are red."""

    def tell(self, judgement: Judgement, form: str, everything: bool) -> Exit:
        """Print the verdicts, fine ones too if asked for, and write what is wanted; returns the exit code."""


class Teller(Protocol):
    """The object at the entry point."""

    def add_outputs(self, parser: argparse._ActionsContainer, fail_on: frozenset[Verdict]) -> None:
        """Add the options, with the verdicts that are red by default."""

    def outputs_of(self, arguments: argparse.Namespace) -> RequestedOutputs:
        """Outputs that the options ask for, checked: call this before anything is measured."""


def teller() -> Teller:
    """The one that is installed."""
    (point,) = entry_points(group="evobench.outputs")
    found: Teller = point.load()
    return found
