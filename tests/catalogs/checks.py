"""A catalogue of checks that answer, that fail, and that take their process down with them."""

import os
import signal
import time

from evobench import Evidence, check


@check()
def sums(*, numbers: list[float]) -> Evidence:
    """The sum of some numbers."""
    return Evidence(sum(numbers), f"the sum of {len(numbers)} numbers")


@check(kind="published")
def prints(*, value: float) -> Evidence:
    """What a paper prints."""
    return Evidence(value, "Nobody 2026, Table 1")


@check()
def stumbles() -> Evidence:
    """Raises."""
    raise ValueError("expected 3 channels")


@check()
def crashes() -> Evidence:
    """Ends with a segmentation fault."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return Evidence(0)


@check()
def leaves() -> Evidence:
    """Leaves without an answer."""
    os._exit(7)


@check()
def never_ends() -> Evidence:
    """Never returns."""
    time.sleep(3600)
    return Evidence(0)


@check()
def answers_what_no_message_holds() -> Evidence:
    """Finds a value that is neither number nor words."""
    return Evidence({1, 2})  # type: ignore[arg-type]  # the mistake that it is there to make
