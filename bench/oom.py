"""Which errors mean that memory did not suffice: the one place that tells them from a model's own faults."""

from __future__ import annotations

_WORDS = ("can't allocate memory", "std::bad_alloc")
"""What torch's CPU allocator, and C++ below it, say: they have no class of their own."""


def is_out_of_memory(error: Exception) -> bool:
    """CUDA's own error, Python's, and those that come as a bare `RuntimeError`."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
