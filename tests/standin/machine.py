"""A machine with GPUs that are made up: what `torch.cuda`'s functions do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import torch

from tests.standin.card import Card, Hands, Memory, Work
from tests.standin.nvml import StandInNvml
from tests.standin.streams import Event, Graph, Stream
from tests.standin.tensors import HOST, Generator, Placement

CONTEXT = 500_000_000
"""Bytes that a process's context takes of a GPU."""
PRODUCTS = ("linear", "matmul", "mm", "bmm", "addmm", "__matmul__")
"""Functions that cuBLAS computes."""


class StandIn:
    """A machine with GPUs that are made up."""

    def __init__(self, cards: Sequence[Card], lies_on: str) -> None:
        self.cards = list(cards)
        self.calls: list[tuple[str, int | None]] = []
        """What was called, in order, and for which GPU; a test may put marks of its own in between."""
        self.copies: list[tuple[int | None, int | None, bool]] = []
        """From which GPU, to which (None: the host), and whether the host waited."""
        self.time = Hands()
        """The time of the host, as the stand-in knows it."""
        self.launching = 5e-3
        """Seconds of the host that it takes to launch a kernel: so many that few calls fill a cell's seconds."""
        self.running: Callable[[str, int], float] = lambda name, elements: 1e-3 + 1e-8 * elements
        """Seconds that a kernel runs, by its function's name and the elements of its result."""
        self.refusing: Callable[[int, int], Exception | None] = lambda gpu, size: None
        """What a GPU answers to a new tensor of so many bytes, beside want of memory; None: nothing is wrong."""
        self.current = 0
        self.captured: list[tuple[float, Callable[[], None]]] | None = None
        """Seconds of each kernel of the graph that is being captured, and how it is done again."""
        self._contexts: set[int] = set()
        self._with_workspace: set[int] = set()
        self._work = [Work() for _ in self.cards]
        self._fraction = [1.0] * len(self.cards)
        self._memory = [Memory() for _ in self.cards]
        self.placement = Placement(lies_on, self)
        self.nvml = StandInNvml(self.cards, self.note, self.joules, self.held)

    def note(self, name: str, gpu: int | None = None) -> None:
        """Put a call down."""
        self.calls.append((name, gpu))

    def named(self, *names: str) -> list[tuple[str, int | None]]:
        """The calls of these names, in order."""
        return [call for call in self.calls if call[0] in names]

    def held(self, gpu: int) -> int:
        """Bytes that this process holds of a GPU, as the driver counts them."""
        return (CONTEXT if gpu in self._contexts else 0) + self._memory[gpu].reserved

    def joules(self, gpu: int) -> float:
        """What a GPU has taken since the test began, as its counter shows it."""
        card = self.cards[gpu]
        steps = int(self.time.seconds / card.counter_step + 1e-9)
        now = steps * card.counter_step
        return card.idle_watts * now + (card.busy_watts - card.idle_watts) * self._work[gpu].done(now)

    def index_of(self, device: Any) -> int:
        """The GPU that torch means by a device."""
        if device is None:
            return self.current
        if isinstance(device, int):
            return device
        index = torch.device(device).index
        if torch.device(device).type != "cuda":
            raise ValueError(f"Expected a cuda device, but got: {device}")
        return self.current if index is None else index

    def placed(self, gpu: int, size: int) -> None:
        """A new tensor takes so many bytes of a GPU."""
        self.start(gpu)
        if error := self.refusing(gpu, size):
            raise error
        wanted, memory = self._memory[gpu].allocated + size, self.cards[gpu].memory
        # the share is that of torch's allocator, which knows of no context
        if wanted > self._fraction[gpu] * memory or wanted + CONTEXT > memory:
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes. GPU {gpu} is full")
        self._memory[gpu].add(size)

    def freed(self, gpu: int, size: int) -> None:
        """The last tensor of a storage is gone."""
        self._memory[gpu].allocated -= size

    def launched(self, gpu: int, name: str, elements: int, again: Callable[[], None]) -> None:
        """A kernel is launched, or captured."""
        if name in PRODUCTS and gpu not in self._with_workspace:
            self._with_workspace.add(gpu)
            self._memory[gpu].add(self.cards[gpu].workspace)
        seconds = self.running(name, elements)
        if self.captured is not None:
            self.captured.append((seconds, again))
            return
        self.launched_together(gpu, seconds)

    def launched_together(self, gpu: int, seconds: float) -> None:
        """Kernels of so many seconds are launched at once."""
        self.time.seconds += self.launching
        self._work[gpu].add(self.time.seconds, seconds)

    def copied(self, source: int | None, target: int | None, waits: bool) -> None:
        """Values go from one device to another."""
        if self.captured is not None:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")
        self.copies.append((source, target, waits))
        for gpu in (source, target):
            if waits and gpu is not HOST:
                self.wait(gpu)

    def wait(self, gpu: int) -> None:
        """Let the host wait until a GPU has done all that it was given."""
        self.time.seconds = max(self.time.seconds, self._work[gpu].until)

    def until(self, gpu: int) -> float:
        """When a GPU will have done all that it was given, in seconds."""
        return max(self.time.seconds, self._work[gpu].until)

    def start(self, gpu: int) -> None:
        """Make a GPU's context, where there is none."""
        if gpu not in self._contexts:
            if gpu >= len(self.cards):
                raise RuntimeError("CUDA error: invalid device ordinal")
            self._contexts.add(gpu)
            self.note("context", gpu)

    def functions(self) -> dict[str, Any]:
        """What stands for the functions and classes of `torch.cuda`, by name."""
        cards = self.cards
        return {
            "is_available": lambda: bool(cards),
            "is_initialized": lambda: bool(self._contexts),
            "_lazy_init": lambda: None,
            "default_generators": tuple(Generator("cuda") for _ in cards),
            "device_count": lambda: len(cards),
            "current_device": lambda: self.current,
            "set_device": self._set_device,
            "_exchange_device": self._exchange,
            "_maybe_exchange_device": self._exchange,
            "get_device_name": lambda device=None: cards[self.index_of(device)].name,
            "get_device_capability": lambda device=None: cards[self.index_of(device)].capability,
            "get_device_properties": lambda device=None: _properties(cards[self.index_of(device)]),
            "is_bf16_supported": lambda including_emulation=True: cards[self.current].capability >= (8, 0),
            "synchronize": self._counted("synchronize", self.wait),
            "memory_allocated": self._counted("memory_allocated", lambda gpu: self._memory[gpu].allocated),
            "memory_reserved": self._counted("memory_reserved", lambda gpu: self._memory[gpu].reserved),
            "max_memory_allocated": self._counted("max_memory_allocated", lambda gpu: self._memory[gpu].peak),
            "max_memory_reserved": self._counted(
                "max_memory_reserved", lambda gpu: self._memory[gpu].peak_reserved
            ),
            "reset_peak_memory_stats": self._counted(
                "reset_peak_memory_stats", lambda gpu: self._memory[gpu].reset_peak()
            ),
            "mem_get_info": self._counted("mem_get_info", self._free_and_total),
            "memory_stats": self._counted("memory_stats", lambda gpu: self._memory[gpu].stats()),
            "empty_cache": self._empty_cache,
            "set_per_process_memory_fraction": self._set_fraction,
            "get_per_process_memory_fraction": lambda device=None: self._fraction[self.index_of(device)],
            "utilization": lambda device=None: self.nvml._utilisation(self.index_of(device)),
            "current_stream": lambda device=None: Stream(self, device),
            "default_stream": lambda device=None: Stream(self, device),
            "Stream": lambda device=None, priority=0: Stream(self, device),
            "stream": self._on_stream,
            "Event": lambda enable_timing=False, blocking=False, interprocess=False: Event(self, enable_timing),
            "CUDAGraph": lambda keep_graph=False: Graph(self),
            "graph": self._graph,
            "graph_pool_handle": lambda: (0, 0),
            "_sleep": lambda cycles: self.launched_together(
                self.current, cycles / cards[self.current].clock / 1e6
            ),
            "is_current_stream_capturing": lambda: self.captured is not None,
        }

    def _counted(self, name: str, answer: Callable[[int], Any]) -> Callable[..., Any]:
        def call(device: Any = None) -> Any:
            gpu = self.index_of(device)
            self.note(name, gpu)
            return answer(gpu)

        return call

    def _set_device(self, device: Any) -> None:
        if not isinstance(device, int) and torch.device(device).index is None:
            raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
        gpu = self.index_of(device)
        self.note("set_device", gpu)
        self.start(gpu)
        self.current = gpu

    def _exchange(self, gpu: int) -> int:
        before, self.current = self.current, gpu if gpu >= 0 else self.current
        return before

    def _free_and_total(self, gpu: int) -> tuple[int, int]:
        memory = self.nvml._memory(gpu)
        return memory.free, memory.total

    def _empty_cache(self) -> None:
        self.note("empty_cache")
        for memory in self._memory:
            memory.reserved = memory.allocated

    def _set_fraction(self, fraction: float, device: Any = None) -> None:
        self.note("set_per_process_memory_fraction", self.index_of(device))
        self._fraction[self.index_of(device)] = fraction

    def clear_workspaces(self) -> None:
        """What `torch._C` has under a name of its own: cuBLAS gives its memory back."""
        self.note("clear_workspaces")
        for gpu in self._with_workspace:
            self._memory[gpu].allocated -= self.cards[gpu].workspace
        self._with_workspace.clear()

    @contextmanager
    def _on_stream(self, stream: Any) -> Iterator[None]:
        self.note("stream", stream.gpu)
        yield

    @contextmanager
    def _graph(self, graph: Graph, pool: Any = None, stream: Any = None, **_: Any) -> Iterator[None]:
        self.note("graph", self.current)
        self.captured = graph.kernels
        try:
            yield
        finally:
            self.captured = None


def _properties(card: Card) -> SimpleNamespace:
    major, minor = card.capability
    return SimpleNamespace(
        name=card.name,
        major=major,
        minor=minor,
        total_memory=card.memory,
        multi_processor_count=card.multiprocessors,
        uuid=card.uuid,
        L2_cache_size=card.l2,
    )
