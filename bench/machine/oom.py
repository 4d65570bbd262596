"""Which errors mean that memory did not suffice: the one place that tells them from a model's own faults."""

from __future__ import annotations

import errno

from bench.machine.memory_limit import at_memory_limit

_WORDS = ("can't allocate memory", "std::bad_alloc")
"""What torch's CPU allocator, and C++ below it, say: they have no class of their own."""
_AT_LIMIT = ("could not create a primitive", "could not create a memory", "could not execute a primitive")
"""What oneDNN says of want of memory, but of other faults as well."""
_LAST_WORDS = (
    "Memory allocation still failed",  # OpenBLAS
    "malloc failed in gemm_driver",  # OpenBLAS
    "Thread creation failed: Resource temporarily unavailable",  # libgomp, for want of a stack
    "terminate called after throwing an instance of 'std::bad_alloc'",
    *_WORDS,
)
"""What libraries write before they end the process."""


def is_out_of_memory(error: Exception) -> bool:
    """CUDA's own error, Python's, the system's, and those that come as a bare `RuntimeError`.

    What can mean something else counts only where the process has reached its memory limit.
    """
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if not isinstance(error, RuntimeError):
        return False
    said = str(error)
    return any(words in said for words in _WORDS) or (
        any(words in said for words in _AT_LIMIT) and at_memory_limit()
    )


def says_out_of_memory(last_words: str) -> bool:
    """Whether a process that ended itself said that it did so for want of memory."""
    return any(words in last_words for words in _LAST_WORDS)
