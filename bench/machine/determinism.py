"""Determinism on a GPU: how it is asked of torch, and which operators report that they cannot give it."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

NOT_DETERMINISTIC = "not_deterministic"
"""Detail of a record with the operators that have no deterministic form; its figures do not repeat to the last
bit."""
WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
_STEADY = (":4096:8", ":16:8")
"""Workspace setting with which cuBLAS gives the same product twice on several streams, by its manual."""
_SAID = re.compile(r"does not have a deterministic|(not|non-) ?deterministic", re.IGNORECASE)


def be_deterministic(device: str) -> None:
    """Ask for deterministic algorithms before CUDA is started in this process; does nothing on a CPU.

    Operators that have none warn, and go on. What torch would do beside that, filling fresh memory, costs time and
    helps those alone who read what they have not written.
    """
    if not device.startswith("cuda"):
        return
    if os.environ.get(WORKSPACE) not in _STEADY:
        os.environ[WORKSPACE] = _STEADY[0]
    import torch

    settings: Any = torch.utils.deterministic  # its types do not tell of the attribute
    settings.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True, warn_only=True)


def determinism_in_force() -> dict[str, Any]:
    """Settings of determinism that hold in this process now."""
    import torch

    return {
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        "cublas_workspace": os.environ.get(WORKSPACE, ""),
    }


@contextmanager
def undetermined(device: str) -> Iterator[dict[str, None]]:
    """Context that collects, each once, warnings of operators without a deterministic form; empty on a CPU.

    Other warnings go their way.
    """
    found: dict[str, None] = {}
    if not device.startswith("cuda"):
        yield found
        return
    import torch

    always = torch.is_warn_always_enabled()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def collect(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if _SAID.search(str(message)):
                found[_short(str(message))] = None
            else:
                show(message, category, filename, lineno, file, line)

        warnings.filterwarnings("default", message=f".*({_SAID.pattern})", category=UserWarning)
        warnings.showwarning = collect
        torch.set_warn_always(True)  # some are said once a process, in which another training may come before
        try:
            yield found
        finally:
            torch.set_warn_always(always)


def as_detail(said: Iterable[str]) -> dict[str, list[str]]:
    """Detail of a record from the warnings that `undetermined` collected; empty where all repeats."""
    words = list(dict.fromkeys(said))
    return {NOT_DETERMINISTIC: words} if words else {}


def _short(text: str) -> str:
    """First sentence of a warning, which names what is not deterministic, without advice on settings."""
    return re.split(r"[.,] (?=You can|To |but you set)", " ".join(text.split()))[0].rstrip(".")
