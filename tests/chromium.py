"""The machine's Chromium, which the tests of the page and the pictures of it use."""

from __future__ import annotations

import shutil
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in _NAMES if (path := shutil.which(name))), None)
"""Its path; None where there is none."""


def launch(playwright: Any) -> Any:
    """Start it, without a window.

    Raises:
        RuntimeError: there is none on this machine.
    """
    if CHROMIUM is None:
        raise RuntimeError("no Chromium on this machine")
    arguments = ["--no-sandbox", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
