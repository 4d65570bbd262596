"""Which rows come first."""

from __future__ import annotations

import pandas as pd

from reports.tables.ordering import best_first, best_of_each

ROWS = pd.DataFrame(
    {
        "Target": ["textures", "digits", "textures", "digits", "digits"],
        "Accuracy": [50.0, 90.0, 70.0, None, 95.0],
        "Place": [0, 1, 2, 3, 4],
    }
)


def test_the_best_of_each_group_is_its_first_row_and_groups_stay_in_their_order() -> None:
    assert [2, 0, 4, 1, 3] == list(best_first("Accuracy", "Target")(ROWS)["Place"])


def test_without_groups_the_best_of_all_comes_first() -> None:
    assert [4, 1, 2, 0, 3] == list(best_first("Accuracy")(ROWS)["Place"])


def test_where_less_is_better_rows_without_a_figure_come_last_too() -> None:
    assert [0, 2, 1, 4, 3] == list(best_first("Accuracy", "Target", least=True)(ROWS)["Place"])


def test_each_group_has_its_best_rows_among_few() -> None:
    ordered = best_first("Accuracy", "Target")(ROWS)
    assert [2, 4] == list(best_of_each("Target")(ordered, 2)["Place"])
    assert [2, 0, 4] == list(best_of_each("Target")(ordered, 3)["Place"])
