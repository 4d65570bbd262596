"""Progress in the output of a notebook's cell."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType

from bench.clock import Stopwatch
from bench.lazy import lazy

ipython = lazy("IPython.display")

_EVERY = 0.25
"""Seconds between two pictures of the progress: a training tells of many steps a second."""
_FORM = '<pre style="background: none; line-height: normal; margin: 0">{code}</pre>'


class Output:
    """A part of the cell's output that shows one thing, in the place of what it showed before."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._handle: Any = None
        self._shown: Stopwatch | None = None

    def start(self) -> None:
        """Take a place in the output."""
        self._handle = ipython.display(ipython.HTML(""), display_id=True)

    def stop(self) -> None:
        """Leave nothing there."""
        if self._handle is not None:
            self._handle.update(ipython.HTML(""))

    def update(self, renderable: RenderableType, *, refresh: bool = False) -> None:
        """Show this instead, unless what is there is too new."""
        if self._handle is None or (self._shown is not None and self._shown.seconds < _EVERY):
            return
        self._shown = Stopwatch()
        console = Console(file=io.StringIO(), record=True, width=self._width, force_jupyter=False)
        console.print(renderable)
        self._handle.update(ipython.HTML(console.export_html(code_format=_FORM, inline_styles=True)))
