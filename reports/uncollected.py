"""What is built of many rows without a search for circular garbage among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Have Python's garbage collector wait; also a decorator.

    Rows are no garbage, and it looks at all of them each time that there are a quarter more: a third of the time
    of a large report.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
