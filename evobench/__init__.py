"""evobench: measures the architectures of image classification.

The public door: what a notebook needs to measure and to look at runs, what a catalogue needs to declare things.
Importing it loads no torch, pandas or plotly.

Example:
    ```python
    import evobench

    run = evobench.run(suite="counts", arch=["lenet5", "alexnet", "resnet18"])
    run.tables["evolution"]
    run.figures["evolution"]
    run.compare("main")
    ```
"""

from __future__ import annotations

from evobench import interruption

if interruption.is_command():
    interruption.leave_at_once()

import importlib
from typing import TYPE_CHECKING, Any

from evobench import own

if TYPE_CHECKING:
    from evobench.names import *  # noqa: F403
    from evobench.names import __all__ as __all__

else:

    def __getattr__(name: str) -> Any:
        # at first use: the command must be able to say in one line what is wrong with the packages behind it
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        own.refuse_strangers()
        return getattr(importlib.import_module("evobench.names"), name)


def __dir__() -> list[str]:
    return list(importlib.import_module("evobench.names").__all__)


own.come_first()
