"""Errors that mean want of memory: the one place that tells them from a model's own faults."""

from __future__ import annotations

import errno

from bench.errors import text_of
from bench.machine.memory_limit import at_memory_limit, lacks_device_memory

_WORDS = (
    "can't allocate memory",  # torch's CPU allocator
    "std::bad_alloc",
    "CUDA out of memory",  # torch's allocator, where its error was wrapped in another
    "CUDA error: out of memory",  # the runtime, past torch's allocator: a context, kernels, a graph
    "CUDA driver error: out of memory",
    "Triton Error [CUDA]: out of memory",
    "_STATUS_ALLOC_FAILED",  # cuBLAS, cuDNN, cuSOLVER: their handles and what they take for themselves
    "_ALLOCATION_FAILED",  # cuDNN 9, on the device or the host
)
"""Messages that mean want of memory and nothing else, of errors without a class of their own."""
_AT_LIMIT = ("could not create a primitive", "could not create a memory", "could not execute a primitive")
"""Messages of oneDNN that mean want of memory, among other faults."""
_ON_SCARCE_DEVICE = (
    "CUDNN_STATUS_INTERNAL_ERROR",  # cuDNN, which loads its kernels when they are first asked for
    "CUDNN_STATUS_NOT_INITIALIZED",
    "CUBLAS_STATUS_NOT_INITIALIZED",  # no room for a handle, but also after a kernel that failed
    "CUBLAS_STATUS_INTERNAL_ERROR",
    "unable to find an engine",  # torch, where each of cuDNN's ways wants a workspace that is not to be had
)
"""Messages of CUDA's libraries that mean want of memory, among other faults."""
_LAST_WORDS = (
    "Memory allocation still failed",  # OpenBLAS
    "malloc failed in gemm_driver",  # OpenBLAS
    "Thread creation failed: Resource temporarily unavailable",  # libgomp, for want of a stack
    "terminate called after throwing an instance of 'std::bad_alloc'",
    *_WORDS,
)
"""Messages that libraries write before they end the process for want of memory."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means want of memory: CUDA's, Python's, the system's, or a bare `RuntimeError` that says
    so.

    What can mean something else counts only where the process has reached its memory limit, or its GPU's memory
    has run short. What says that shapes or types do not fit is never want of memory, however little there is.
    """
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, SystemError):  # of the interpreter, where it was refused memory for an exception
        return at_memory_limit()
    return isinstance(error, RuntimeError) and _means_want_of_memory(text_of(error))


def _means_want_of_memory(said: str) -> bool:
    if any(words in said for words in _WORDS):
        return True
    if any(words in said for words in _AT_LIMIT):
        return at_memory_limit()
    return any(words in said for words in _ON_SCARCE_DEVICE) and lacks_device_memory()


def says_out_of_memory(last_words: str) -> bool:
    """Whether a process that ended itself wrote that it lacked memory."""
    return any(words in last_words for words in _LAST_WORDS)
