"""Kinds of input, each with the function that makes one of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz.base import Base
from tests.fuzz.kinds import catalogues, lines, pictures, running, stores, weights, words
from tests.fuzz.sandbox import Attempt, Sandbox

Make = Callable[[Sandbox, Random, Base], Attempt]
KINDS: dict[str, tuple[Make, int]] = {
    "stores": (stores.make, 28),
    "command lines": (lines.make, 18),
    "catalogues": (catalogues.make, 14),
    "lists": (pictures.make_list, 10),
    "folders": (pictures.make_folder, 8),
    "checkpoints": (weights.make, 10),
    "claims": (words.make_claims, 3),
    "studies": (words.make_study, 3),
    "reference runs": (words.make_reference, 4),
    "class maps": (words.make_class_map, 1),
    "runs": (running.make, 1),
}
"""By name what makes an input of the kind, and how many of a hundred inputs are of it."""
