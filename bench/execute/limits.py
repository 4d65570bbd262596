"""The limits of what is waited for before a cell begins and after it was ended: the one place of them all.

A cell has the limit that the user gives (`--timeout`), a run its time (`--budget`). Whatever else is waited for
has one of these, so that nothing that was stopped, hangs or loops is waited for without end; the import of a
catalogue has that of its guard (`bench.declare.loading.guard`).
"""

from __future__ import annotations

START = 300.0
"""Seconds that a server may take to import torch and the catalogues on a busy machine."""
LEAST = 60.0
"""Seconds that any of these may take, however little the user gives to a cell or a run: importing torch takes
twenty on a busy machine."""
ANSWER = 60.0
"""Seconds in which a server must take what it is sent, or fork: on a busy machine, too."""
ENDING = 5.0
"""Seconds that a process may take to end after it was told to or was killed; after that the next harsher thing is
done, and at last it is waited for no more."""
CLOSING = 1.0
"""Seconds in which the pipe of a process that has ended is read to its end, which comes late or never where
something that it forked lives on."""


def before_cells(given: float, usual: float = START) -> float:
    """Seconds that one thing that comes before the cells may take.

    Args:
        given: seconds that the user gives to a cell, or to all.
        usual: seconds that it may take where the user gives more.
    """
    return min(usual, max(LEAST, given))
