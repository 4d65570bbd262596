"""Where data and figures come from."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Data & provenance", order=40, part="appendix")
def provenance(page: Page) -> Markup:
    """Data sets with their licences, published figures with their sources, measures, shared artifacts."""
    frames = page.frames
    grids = (
        ("Data sets", "What the models were trained and tested on.", frames.datasets),
        ("Measures", "What was measured, in SI units.", frames.measures),
        (
            "Artifacts",
            "Intermediate results that several cells share: made here, or kept from before.",
            frames.artifacts.round({"seconds": 2}),
        ),
    )
    shown = [page.grid(title, about, _headed(frame)) for title, about, frame in grids if len(frame)]
    return Markup("").join([*shown, page.tables("provenance")])


def _headed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=lambda name: str(name).replace("_", " ").capitalize())
