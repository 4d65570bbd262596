"""The layer of a network that runs at a moment. It runs in the interpreter of any revision."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.remote import load

LONGEST = 80
"""Characters of what a module says of itself."""


@dataclass(frozen=True)
class RunningLayer:
    """A module of a network, or a part of a step that is none."""

    path: str
    """Dotted; empty for the network itself."""
    type: str
    """Name of its class; empty for what is not a module."""
    about: str = ""
    """The layer's own description, such as its channels (`extra_repr`)."""


OUTSIDE = RunningLayer("outside the network", "")
BACKWARD = RunningLayer("backward, layer unknown", "")


class Names:
    """Names the modules that run. The first one that runs within no other is the network; it is not kept alive."""

    def __init__(self) -> None:
        self._network: weakref.ref[Any] | None = None
        self._known: dict[int, RunningLayer] = {}

    @property
    def empty(self) -> bool:
        """Whether the next module is the network."""
        return self._network is None or self._network() is None

    def of(self, module: Any, within: RunningLayer | None) -> RunningLayer:
        """The layer that a module is, by its path in the network; of a stranger, by its class and who calls it."""
        if self.empty:
            self._network = weakref.ref(module)
            self._known = {id(part): _layer(path, part) for path, part in module.named_modules()}
        known = self._known.get(id(module))
        if known is not None:
            return known
        place = within.path if within else OUTSIDE.path
        return _layer(f"{place}.({type(module).__name__})".lstrip("."), module)


def _layer(path: str, module: Any) -> RunningLayer:
    about = " ".join(str(module.extra_repr()).split())
    return RunningLayer(
        path, type(module).__name__, about if len(about) <= LONGEST else f"{about[: LONGEST - 1]}…"
    )


@contextmanager
def watched(enter: Callable[[Any], None], leave: Callable[[], None]) -> Iterator[None]:
    """Tell of every module when its forward begins and when it ends, by an error, too.

    Hooks for all modules, not on each: torch's transformer layers take another path where one has its own hook.
    """
    modules = load("torch").nn.modules.module

    def before(module: Any, given: object) -> None:
        enter(module)

    def after(module: Any, given: object, output: object) -> None:
        leave()

    hooks = (
        modules.register_module_forward_pre_hook(before),
        modules.register_module_forward_hook(after, always_call=True),
    )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
