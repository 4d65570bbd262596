"""A glance at what the lecture shows beside the evolution and transfer learning: inside a network, and at blocks.

    evobench run --suite lecture    # a part of the default run: about 15 seconds on 2 cores

The suites `looking` and `blocks` have all of it: pictures of more networks, attention and patches among them, and
every side of every comparison, with activations and latencies.
"""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Planned, Setting, suite
from suites.blocks import at_a_glance
from suites.looking import a_look


@suite(title="The lecture at a glance")
def lecture(setting: Setting) -> Iterator[Planned]:
    """Pictures of the inside of the lecture's network, and counts of the blocks that the slides argue with."""
    yield from at_a_glance(setting)
    yield from a_look(setting)
