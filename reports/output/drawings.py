"""Charts as files for papers: through Kaleido, which has a Chrome of the machine draw them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Literal

import plotly.graph_objects as go

from bench.errors import UsageError
from reports.charts import NoData, draw, load_charts
from reports.drawing.style import TEMPLATE
from reports.tidy.frame import Frames

Form = Literal["svg", "png", "pdf"]
FORMS: tuple[Form, ...] = ("svg", "png", "pdf")
_WIDTH = 900
"""Pixels of the page's column: labels were placed for it."""
_SCALE = {"png": 2}
"""Pixels of a bitmap a pixel of the page."""
_INK, _LINE, _GRID = "#1b1f24", "#8a929c", "#e6e9ed"


def drawings(frames: Frames, form: Form) -> tuple[tuple[str, bytes], ...]:
    """Every chart that the run has data for, as its name and the content of its file.

    Raises:
        UsageError: Kaleido or a Chrome is missing; the message says what to install.
    """
    charts = [(item.name, figure) for item in load_charts() if (figure := _drawn(item, frames)) is not None]
    if not charts:
        return ()
    try:
        kaleido = importlib.import_module("kaleido")
        failures = importlib.import_module("choreographer.errors")
    except ImportError as error:
        raise UsageError("drawing figures needs Kaleido: pip install 'evobench[figures]'") from error
    try:
        with ThreadPoolExecutor(1) as apart:  # where the caller runs a loop already, as notebooks do
            return apart.submit(asyncio.run, _files(kaleido, charts, form)).result()
    except (failures.ChromeNotFoundError, failures.BrowserFailedError, OSError) as error:
        raise UsageError(
            "drawing figures needs a Chrome or Chromium that starts: install one (Debian: apt install chromium),"
            " or name it in the environment variable BROWSER_PATH"
        ) from error


async def _files(
    kaleido: ModuleType, charts: Sequence[tuple[str, go.Figure]], form: Form
) -> tuple[tuple[str, bytes], ...]:
    """Drawn by one Chrome, which loads nothing from a network: plotly.js is that of the installed package."""
    async with kaleido.Kaleido(n=1, page_generator=kaleido.PageGenerator(mathjax=False)) as drawer:
        return tuple(
            [
                (name, await drawer.calc_fig(on_paper(figure).to_dict(), _options(figure, form)))
                for name, figure in charts
            ]
        )


def _options(figure: go.Figure, form: Form) -> dict[str, Any]:
    height = figure.layout.height or 450
    return {"format": form, "width": _WIDTH, "height": height, "scale": _SCALE.get(form, 1)}


def on_paper(figure: go.Figure) -> go.Figure:
    """A copy of the chart in the report's style, dark on white."""
    copy = go.Figure(figure)
    template = go.layout.Template(TEMPLATE)
    template.layout.update(paper_bgcolor="white", plot_bgcolor="white", font_color=_INK)
    for axis in (template.layout.xaxis, template.layout.yaxis):
        axis.update(gridcolor=_GRID, linecolor=_LINE, tickcolor=_LINE)
    copy.update_layout(template=template)
    return copy


def _drawn(item: Any, frames: Frames) -> go.Figure | None:
    try:
        return draw(item, frames)
    except NoData:
        return None
