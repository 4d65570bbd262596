"""A network that waits in the midst of an evaluation, once, until its process is ended."""

import os
import time
from pathlib import Path

from evobench import architecture, lazy

torch = lazy("torch")


@architecture(family="Tiny", year=2026, paper="none", resolution=8, min_resolution=3)
def waiting_once(num_classes: int):  # type: ignore[no-untyped-def]
    """One linear layer; at its third batch it makes the file that $WAITS names and waits, unless that is there."""
    nn = torch.nn
    net = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, num_classes))
    calls = 0

    def count(module, inputs) -> None:  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        mark = Path(os.environ.get("WAITS", os.devnull))
        if calls == 3 and not mark.exists():
            mark.touch()
            while True:
                time.sleep(60)

    net.register_forward_pre_hook(count)
    return net
