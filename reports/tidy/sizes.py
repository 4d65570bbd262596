"""Of several input sizes the one to show."""

from __future__ import annotations

import pandas as pd

from reports.tidy.frame import Frames
from reports.tidy.headline import headline


def at_own_size(frames: Frames, cells: pd.DataFrame) -> pd.DataFrame:
    """One cell an architecture, in the order of the plan: the first of its declared input size, else its first.

    Only cells under the conditions of the `headline` are looked at.
    """
    cells = cells[cells["key"].isin(headline(frames))]
    own = dict(zip(frames.architectures["name"], frames.architectures["resolution"], strict=True))
    others = cells["resolution"] != cells["architecture"].map(own)
    return cells.loc[others.sort_values(kind="stable").index].drop_duplicates("architecture").sort_index()
