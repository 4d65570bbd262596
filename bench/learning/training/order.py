"""The order in which a training sees its images."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from bench.learning.seeds import stream


class ImageOrder:
    """Endless positions 0..n-1 in full batches, each once before any comes again."""

    def __init__(self, n: int, batch: int, *seed: int) -> None:
        self.n, self.batch = n, batch
        self._generator = torch.Generator().manual_seed(stream("order", *seed))
        self._left = torch.empty(0, dtype=torch.int64)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return self

    def __next__(self) -> torch.Tensor:
        chosen = self.peek()
        self._left = self._left[self.batch :]
        return chosen

    def peek(self) -> torch.Tensor:
        """The next positions, without consuming them."""
        while len(self._left) < self.batch:
            self._left = torch.cat([self._left, torch.randperm(self.n, generator=self._generator)])
        return self._left[: self.batch]

    def epochs(self, steps: int) -> float:
        """Number of epochs in so many steps: how often every position has occurred."""
        return steps * self.batch / self.n

    def state(self) -> tuple[torch.Tensor, torch.Tensor]:
        """State that `restore` needs to continue from here."""
        return self._generator.get_state(), self._left.clone()

    def restore(self, state: tuple[torch.Tensor, torch.Tensor]) -> None:
        """Continue from a state that `state` returned."""
        self._generator.set_state(state[0])
        self._left = state[1]
