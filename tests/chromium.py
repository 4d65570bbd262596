"""The machine's Chromium, which the tests of the page and the pictures of it use."""

from __future__ import annotations

import shutil
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in _NAMES if (path := shutil.which(name))), None)
"""Its path; None where there is none."""
PATIENCE = 300_000
"""Milliseconds after which it is taken for stuck, however busy the machine is."""
_PAUSE = 50
"""Milliseconds."""


def launch(playwright: Any) -> Any:
    """Start it, without a window.

    Raises:
        RuntimeError: there is none on this machine.
    """
    if CHROMIUM is None:
        raise RuntimeError("no Chromium on this machine")
    arguments = ["--no-sandbox", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments, timeout=PATIENCE)


def open_tab(browser: Any, width: int = 1280, height: int = 900, scheme: str = "light") -> Any:
    """A new page of that many pixels, in light or dark."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    return page


def wait_until(page: Any, holds: str) -> None:
    """Wait until an expression of JavaScript is true: the page's own policy forbids what waits inside it.

    Raises:
        TimeoutError: it never is.
    """
    for _ in range(PATIENCE // _PAUSE):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(_PAUSE)
    raise TimeoutError(f"never true on the page: {holds}")
