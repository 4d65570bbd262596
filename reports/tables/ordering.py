"""Choice of the rows of a table that tell most, on its plain values: the best, the largest, each group
together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pandas as pd


def best_first(figure: str, *groups: str, least: bool = False) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Orders rows by a figure within their group; those without one come last, groups as they came.

    Args:
        figure: heading of its column.
        groups: headings of the columns in which rows of a group agree.
        least: whether the least is the best.
    """

    def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
        by_figure = rows.sort_values(figure, ascending=least, na_position="last", kind="stable")
        return together(by_figure, rows, groups)

    return _ordered


def together(rows: pd.DataFrame, before: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """The rows of each group next to each other, the groups in the order that they had before."""
    place = group_of(before, groups)
    first = {group: i for i, group in reversed(list(enumerate(place)))}
    ranks = [first[group] for group in group_of(rows, groups)]
    order = sorted(range(len(rows)), key=lambda i: ranks[i])
    return rows.iloc[order]


def group_of(rows: pd.DataFrame, groups: Sequence[str]) -> list[tuple[str, ...]]:
    """What each row shares with its group."""
    columns = [[str(value) for value in rows[name]] for name in groups]
    return [tuple(column[i] for column in columns) for i in range(len(rows))]


def best_of_each(*groups: str) -> Callable[[pd.DataFrame, int], pd.DataFrame]:
    """Picks the first rows of each group, as many of each as there is room for."""

    def _rows(rows: pd.DataFrame, most: int) -> pd.DataFrame:
        seen: Counter[tuple[str, ...]] = Counter()
        place = []
        for group in group_of(rows, groups):
            place.append(seen[group])
            seen[group] += 1
        chosen = sorted(sorted(range(len(rows)), key=lambda i: place[i])[:most])
        return rows.iloc[chosen]

    return _rows
