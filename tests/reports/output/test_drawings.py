"""Charts as files for papers."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from bench.errors import UsageError
from reports.charts import draw, load_charts
from reports.output.drawings import drawings, on_paper
from reports.output.files import write_figures
from reports.tidy.frame import Frames

CHROMES = ("chromium", "chromium-browser", "google-chrome")


def test_a_chart_on_paper_is_dark_on_white(frames: Frames) -> None:
    layout = on_paper(draw(load_charts().get("error_against_year"), frames)).layout.template.layout
    assert ("white", "white", "#1b1f24") == (layout.paper_bgcolor, layout.plot_bgcolor, layout.font.color)


def test_a_chart_on_paper_leaves_that_of_the_page_as_it_is(frames: Frames) -> None:
    figure = draw(load_charts().get("error_against_year"), frames)
    before = figure.layout.to_plotly_json()
    on_paper(figure)
    assert before == figure.layout.to_plotly_json()


def test_without_kaleido_one_line_says_what_to_install(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(UsageError, match=r"needs Kaleido: pip install 'evobench\[figures\]'"):
        drawings(frames, "svg")


def test_without_a_chrome_one_line_says_what_to_install(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kaleido", reason="kaleido is not installed")
    monkeypatch.setenv("BROWSER_PATH", "nowhere/chromium")
    with pytest.raises(UsageError, match="needs a Chrome or Chromium that starts"):
        drawings(frames, "svg")


def test_where_a_loop_runs_already_as_in_notebooks_charts_are_drawn_beside_it(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("kaleido", reason="kaleido is not installed")
    monkeypatch.setenv("BROWSER_PATH", "nowhere/chromium")

    async def notebook() -> None:
        drawings(frames, "svg")

    with pytest.raises(UsageError, match="needs a Chrome or Chromium that starts"):
        asyncio.run(notebook())


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, CHROMES)), reason="no Chromium on this machine")
def test_every_chart_that_has_data_becomes_a_file(tmp_path: Path, frames: Frames) -> None:
    pytest.importorskip("kaleido", reason="kaleido is not installed")
    written = write_figures(frames, tmp_path, "svg")
    assert {item.name for item in load_charts()} == {path.stem for path in written}
    assert all("<svg" in path.read_text(encoding="utf-8")[:200] for path in written)
