"""CUDA graphs: recorded at the first call, replayed at each, and what cannot be one."""

from collections.abc import Callable

import pytest
import torch

from bench.errors import Unsupported
from bench.network.graphs import BEFORE, Recorded, require_graphs
from tests.standin.cuda import StandIn

CALL = "call"


@pytest.fixture
def call(cuda: StandIn) -> Callable[[], torch.Tensor]:
    """Doubles what a tensor holds into another."""
    there = torch.ones(2, device="cuda")

    def double() -> torch.Tensor:
        cuda.note(CALL)
        return there * 2

    return double


def test_calls_on_a_stream_of_their_own_precede_the_recording(
    cuda: StandIn, call: Callable[[], torch.Tensor]
) -> None:
    Recorded(call, "cuda")()
    names = ("Stream.wait_stream", "stream", CALL, "synchronize", "graph", "CUDAGraph.replay")
    before = ["Stream.wait_stream", "stream", *[CALL] * BEFORE, "Stream.wait_stream", "synchronize"]
    assert [*before, "graph", CALL, "CUDAGraph.replay"] == [name for name, _ in cuda.named(*names)]


def test_what_was_recorded_is_replayed_and_not_called_again(
    cuda: StandIn, call: Callable[[], torch.Tensor]
) -> None:
    recorded = Recorded(call, "cuda")
    for _ in range(4):
        recorded()
    assert (4, BEFORE + 1) == (len(cuda.named("CUDAGraph.replay")), len(cuda.named(CALL)))


def test_a_replay_gives_what_the_call_gives(call: Callable[[], torch.Tensor]) -> None:
    result = Recorded(call, "cuda")()
    assert isinstance(result, torch.Tensor)
    assert [2.0, 2.0] == result.tolist()


def test_what_reads_a_value_is_unsupported_with_torchs_words(cuda: StandIn) -> None:
    there = torch.ones(2, device="cuda")
    with pytest.raises(Unsupported, match="cannot be recorded as a CUDA graph: CUDA error: operation not"):
        Recorded(lambda: there.sum().item(), "cuda")()


def test_the_words_are_those_of_the_cause_where_breaking_off_fails_too(
    cuda: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        """Ends a recording as torch does after an error in it."""

        def __init__(self, graph: object, stream: object) -> None:
            pass

        def __enter__(self) -> None:
            cuda.captured = []

        def __exit__(self, *_: object) -> None:
            cuda.captured = None
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")

    monkeypatch.setattr(torch.cuda, "graph", Broken)
    there = torch.ones(2, device="cuda")
    with pytest.raises(Unsupported, match="operation not permitted when stream is capturing"):
        Recorded(lambda: there.sum().item(), "cuda")()


def test_want_of_memory_while_recording_is_no_lack_of_support(
    cuda: StandIn, call: Callable[[], torch.Tensor]
) -> None:
    cuda.refusing = lambda gpu, size: None if cuda.captured is None else torch.OutOfMemoryError("full")
    with pytest.raises(torch.OutOfMemoryError, match="full"):
        Recorded(call, "cuda")()


def test_an_error_of_the_calls_before_is_not_one_of_the_recording(cuda: StandIn) -> None:
    def fail() -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        Recorded(fail, "cuda")()


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_elsewhere_graphs_are_unsupported(device: str) -> None:
    with pytest.raises(Unsupported, match=f"{device} has none"):
        require_graphs(device)
