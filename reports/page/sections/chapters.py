"""The evolution in chapters: problem, idea and block of each network, its price and its gain."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from bench.declare.groups import Side
from reports.drawing.eras import Era, eras
from reports.drawing.style import ERA_COLOURS
from reports.highlights.cards import address_of
from reports.page.diagram import drawing, sheet_of
from reports.page.section import Page, section
from reports.story.chapters import USUAL, ToldChapter, declared, has_own
from reports.story.chapters import chapters as told_chapters
from reports.story.milestones import keeps_none

_TALLEST = 4
"""Boxes of a column of a drawing, beyond which a chain is folded."""
_NARROW = 260
"""Width of a drawing, in pixels, below which it stands beside the words."""
_APART = re.compile(r"(?<=\d) (?=(?:[kMGT]|[mµn]?s|%|×)(?:\W|$))|(?<=×) (?=\d)")
_OLDER = "This run keeps no chapters: their text comes from the version of evobench that made this report."


@section(
    title="The evolution in chapters",
    order=20,
    command="evobench run --suite evolution",
    part="story",
)
def chapters(page: Page) -> Markup:
    """One card per chapter of which the run has a figure."""
    told = told_chapters(page.frames)
    if not told:
        return Markup("")
    shown = {item.chapter.name for item in told}
    found = eras(page.frames)
    absent = [item.title for item in declared(page.frames) if item.name not in shown]
    return page.render(
        "chapters.html",
        chapters=[_chapter(page, item, found.get(item.lines[0].side.architecture)) for item in told],
        absent=absent,
        older="" if has_own(page.frames) or keeps_none(page.frames) else _OLDER,
        usual=USUAL,
        host=" and ".join(page.frames.hosts),
        sources=list(dict.fromkeys(source for item in told for source in item.sources)),
    )


def _chapter(page: Page, item: ToldChapter, era: Era | None) -> dict[str, Any]:
    return {
        "chapter": item.chapter,
        "years": item.years,
        "problem": _unbroken(item.chapter.problem),
        "idea": _unbroken(item.chapter.idea),
        "lines": [(line, _unbroken(line.figures)) for line in item.lines],
        "papers": [(paper, address_of(paper)) for paper in item.papers],
        "era": era or "",
        "colour": ERA_COLOURS[era] if era else "",
        "drawn": _drawn(page, item.drawn),
    }


def _unbroken(text: str) -> str:
    """The text with numbers that no end of a line parts from their units: `3 × 3`, `4.09 G`, `7.1 %`."""
    return _APART.sub("\N{NO-BREAK SPACE}", text)


def _drawn(page: Page, side: Side | None) -> dict[str, Any] | None:
    network = page.frames.networks[side.architecture] if side else None
    if side is None or network is None or network.block is None:
        return None
    sheet = sheet_of(network.block, _TALLEST)
    picture = drawing(page, side.architecture, network.block, sheet)
    return {"caption": side.label, "drawing": picture, "beside": sheet.width < _NARROW}
