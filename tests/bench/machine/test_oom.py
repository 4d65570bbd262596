"""Which errors of CUDA's libraries are want of memory, and which are a model's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from bench.machine import oom
from bench.machine.oom import is_out_of_memory, says_out_of_memory

GIB = 1 << 30
AMBIGUOUS = (
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
    "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
    "GET was unable to find an engine to execute this computation",
)
Device = Callable[..., None]


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    """A GPU with so many bytes free, whose allocator was refused memory so many times."""

    def make(free: int, refused: int = 0) -> None:
        monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 80 * GIB))
        monkeypatch.setattr(torch.cuda, "memory_stats", lambda: {"num_ooms": refused})

    return make


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call",
        "CUDA driver error: out of memory",
        "CUDA out of memory. Tried to allocate 2.00 GiB",
        "Triton Error [CUDA]: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    ],
)
def test_what_names_memory_is_want_of_it(device: Device, words: str) -> None:
    device(70 * GIB)
    assert is_out_of_memory(RuntimeError(words))


@pytest.mark.parametrize("words", AMBIGUOUS)
def test_a_library_that_fails_on_a_device_with_memory_to_spare_lacks_something_else(
    device: Device, words: str
) -> None:
    device(70 * GIB)
    assert not is_out_of_memory(RuntimeError(words))


@pytest.mark.parametrize("words", AMBIGUOUS)
def test_a_library_that_fails_on_a_device_with_hardly_any_memory_lacks_it(device: Device, words: str) -> None:
    device(GIB // 2)
    assert is_out_of_memory(RuntimeError(words))


@pytest.mark.parametrize("words", AMBIGUOUS)
def test_a_library_that_fails_where_torch_was_refused_memory_lacks_it(device: Device, words: str) -> None:
    device(70 * GIB, refused=1)
    assert is_out_of_memory(RuntimeError(words))


@pytest.mark.parametrize(
    "words",
    [
        "mat1 and mat2 shapes cannot be multiplied (2x512 and 100x10)",
        "Input type (float) and bias type (c10::Half) should be the same",
        "cuDNN error: CUDNN_STATUS_BAD_PARAM",
        "CUDA error: device-side assert triggered",
        "Expected canUse32BitIndexMath(input) && canUse32BitIndexMath(output) to be true, but got false.",
    ],
)
def test_a_model_s_own_error_is_not_want_of_memory_however_little_there_is(device: Device, words: str) -> None:
    device(0, refused=1)
    assert not is_out_of_memory(RuntimeError(words))


def test_a_device_that_answers_no_more_does_not_lack_memory(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> tuple[int, int]:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    device(0)
    monkeypatch.setattr(torch.cuda, "mem_get_info", fail)
    assert not is_out_of_memory(RuntimeError(AMBIGUOUS[0]))


@pytest.mark.parametrize("words", AMBIGUOUS)
def test_without_cuda_no_device_lacks_memory(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    assert not is_out_of_memory(RuntimeError(words))


def test_a_process_that_cuda_ended_for_want_of_memory_says_so() -> None:
    assert says_out_of_memory("  what():  CUDA error: out of memory")


@pytest.mark.parametrize("reached", [True, False])
def test_an_error_of_the_interpreter_is_want_of_memory_at_the_memory_limit(
    monkeypatch: pytest.MonkeyPatch, reached: bool
) -> None:
    monkeypatch.setattr(oom, "at_memory_limit", lambda: reached)
    assert reached == is_out_of_memory(SystemError("error return without exception set"))
