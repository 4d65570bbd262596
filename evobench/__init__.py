"""evobench: measures the architectures of image classification.

The public door: all that a catalogue needs to declare things. Importing it loads no torch, pandas or plotly.
"""

from __future__ import annotations

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
