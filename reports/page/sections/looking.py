"""What networks have inside, as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from bench.declare.nature import Nature
from reports.page.section import Page, section
from reports.tidy.frame import rows_of
from reports.tidy.pictures import inside


@dataclass(frozen=True)
class PictureGroup:
    """The pictures of one architecture, with what could not be drawn of it."""

    architecture: str
    pictures: list[dict[str, Any]]
    absent: str


@section(title="Looking inside", order=32, command="evobench run --suite looking")
def looking(page: Page) -> Markup:
    """Filters, feature maps, attention and more, by architecture; nothing where the run planned none of it."""
    frames = page.frames
    planned = frames.records.loc[frames.records["nature"] == Nature.PICTURES]
    pictures = inside(frames.pictures, frames.answers)
    if planned.empty and pictures.empty:
        return Markup("")
    named = pd.concat([pictures["architecture"], planned["architecture"]])
    groups = list(_groups(pictures, planned, list(dict.fromkeys(named))))
    return page.render("looking.html", groups=groups) if groups else Markup("")


def _groups(pictures: pd.DataFrame, planned: pd.DataFrame, names: list[str]) -> Iterator[PictureGroup]:
    for name in names:
        missing = planned[(planned["architecture"] == name) & (planned["status"] != "ok")]
        words = [f"{row.measure} ({row.status}: {row.reason})" for row in missing.itertuples()]
        yield PictureGroup(
            name, rows_of(pictures[pictures["architecture"] == name]), "; ".join(dict.fromkeys(words))
        )
