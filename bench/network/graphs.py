"""CUDA graphs: the work of a GPU is recorded once and replayed as a whole."""

from __future__ import annotations

from collections.abc import Callable

from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.oom import is_out_of_memory
from bench.words import shortened

torch = lazy("torch")

BEFORE = 3
"""Calls before the recorded one: libraries are set up, convolutions autotuned, momentum allocated."""
LONGEST = 300
"""Most characters of torch's message that a reason repeats."""


def require_graphs(device: str) -> None:
    """Make sure that a device has CUDA graphs.

    Raises:
        Unsupported: it does not.
    """
    if not device.startswith("cuda"):
        raise Unsupported(f"CUDA graphs need a GPU of CUDA: {device} has none")


class Recorded:
    """A call that is recorded as a CUDA graph at its first use and replayed at each use.

    It must use the same tensors each time. What it does on the host is not replayed: its Python runs while it
    is recorded, and never again.
    """

    def __init__(self, call: Callable[[], object], device: str) -> None:
        self._call = call
        self._device = device
        self._replay: Callable[[], None] | None = None
        self._result: object = None
        """Result of the call, which lies in the graph's memory and must be kept."""

    def __call__(self) -> object:
        """Replay the call, after recording it if that has not happened yet.

        Raises:
            Unsupported: the pass cannot be recorded; the message has torch's words.
        """
        if self._replay is None:
            self._replay = self._recorded()
        self._replay()
        return self._result

    def _recorded(self) -> Callable[[], None]:
        aside = torch.cuda.Stream(self._device)
        here = torch.cuda.current_stream(self._device)
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(BEFORE):
                self._call()
        here.wait_stream(aside)
        torch.cuda.synchronize(self._device)  # what fails in those calls says so here, not as of the recording
        graph = torch.cuda.CUDAGraph()
        cause: RuntimeError | None = None
        try:
            with torch.cuda.graph(graph, stream=aside):
                try:
                    self._result = self._call()
                except RuntimeError as error:
                    cause = error  # that the recording was broken off is raised as an error of its own
                    raise
        except RuntimeError as error:
            cause = cause or error
            if is_out_of_memory(cause):
                raise cause from None
            words = shortened(str(cause).partition("\n")[0], LONGEST)
            raise Unsupported(f"it cannot be recorded as a CUDA graph: {words}") from error
        replay: Callable[[], None] = graph.replay
        return replay
