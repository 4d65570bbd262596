"""State of an unfinished training: kept beside the artifacts every half minute, removed at the end."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from bench.files import replacing
from bench.learning.training.order import ImageOrder
from bench.learning.training.watch import Watch

EVERY = 30.0
"""Seconds of training between two writes, which a kill may cost."""


class Drawing(Protocol):
    """A source of randomness that can be stopped and restored."""

    def state(self) -> Any:
        """Tensors for `torch.save` with the present state."""
        ...

    def restore(self, state: Any) -> None:
        """Restore a state."""
        ...


class Drawings:
    """Several drawings that are kept as one."""

    def __init__(self, *some: Drawing) -> None:
        self._some = some

    def state(self) -> list[Any]:
        """State of each drawing."""
        return [one.state() for one in self._some]

    def restore(self, state: list[Any]) -> None:
        """Restore the state of each drawing."""
        for one, its in zip(self._some, state, strict=True):
            one.restore(its)


class Unfinished:
    """The state of one training on disk. A short training never writes one."""

    def __init__(self, path: Path, model: nn.Module, drawing: Drawing) -> None:
        self._path, self._model, self._drawing = path, model, drawing
        self._device = next(model.parameters()).device
        self._resumed = False
        self._kept = time.perf_counter()

    def resume(
        self, optimizer: torch.optim.Optimizer, order: ImageOrder, watch: Watch, scaler: torch.amp.GradScaler
    ) -> int:
        """Restore the kept state; returns the number of steps done, 0 where none is kept."""
        kept = kept_in(self._path)
        if kept is None:
            return 0
        self._resumed = True
        self._model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        scaler.load_state_dict(kept["scaler"])
        order.restore(kept["order"])
        watch.restore(kept["watch"])
        self._drawing.restore(kept["drawing"])
        torch.set_rng_state(kept["random"])
        if kept["random_of_gpu"] is not None:
            torch.cuda.set_rng_state(kept["random_of_gpu"], self._device)
        return int(kept["step"])

    def keep(
        self,
        step: int,
        optimizer: torch.optim.Optimizer,
        order: ImageOrder,
        watch: Watch,
        scaler: torch.amp.GradScaler,
    ) -> None:
        """Write the state, if half a minute has passed since the last time."""
        if time.perf_counter() - self._kept < EVERY:
            return
        state = {
            "step": step,
            "model": self._model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scaler": scaler.state_dict(),
            "order": order.state(),
            "watch": watch.state(),
            "drawing": self._drawing.state(),
            "random": torch.get_rng_state(),
            "random_of_gpu": torch.cuda.get_rng_state(self._device) if self._device.type == "cuda" else None,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as draft:
            torch.save(state, draft)
        self._kept = time.perf_counter()

    @contextmanager
    def dropped_on_failure(self) -> Iterator[None]:
        """Context in which a failing training that resumed from a file removes it: the next attempt starts afresh.

        Else what is wrong with the file would fail every attempt. A full disk is not the file's fault.
        """
        try:
            yield
        except OSError:
            raise
        except Exception:
            if self._resumed:
                self.end()
            raise

    def end(self) -> None:
        """Remove the kept state: the training is over."""
        self._path.unlink(missing_ok=True)


def kept_in(path: Path) -> dict[str, Any] | None:
    """Content of a kept file, None where it is missing or damaged: then the training begins anew."""
    if not path.is_file():
        return None
    try:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError):
        path.unlink(missing_ok=True)
        return None
    return kept
