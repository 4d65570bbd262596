"""The table behind the charts of accuracy against cost."""

from __future__ import annotations

from typing import Any

import pytest

from reports.tables import load_tables
from reports.tidy.frame import Frames


@pytest.fixture(scope="module")
def rows(frames: Frames) -> dict[tuple[str, str], dict[str, Any]]:
    """By architecture and kind of accuracy."""
    shown = load_tables().get("accuracy_and_cost").formatted(frames)
    return {
        (row["Architecture"], row["Of"]): {str(k): v for k, v in row.items()} for row in shown.to_dict("records")
    }


def test_published_and_measured_accuracies_are_rows_of_their_own(rows: dict[Any, Any]) -> None:
    assert ("69.8 %", "published") == _told(rows["resnet18", "ImageNet"], "Accuracy", "Provenance")
    assert "measured" == rows["resnet18", "digits8, 5 shots"]["Provenance"]


def test_an_accuracy_of_another_protocol_says_so_and_is_on_no_front(rows: dict[Any, Any]) -> None:
    told = _told(rows["vgg16", "ImageNet"], "On the front of", "Protocol or scenario")
    assert ("", "published under another protocol: 10-crop, 224 px, weights IMAGENET1K_V1") == told


def test_a_row_names_the_costs_on_whose_front_it_lies(rows: dict[Any, Any]) -> None:
    assert "Latency, Peak memory, Parameters" == rows["efficientnet_lite0", "ImageNet"]["On the front of"]
    assert "MACs, Latency, Peak memory, Parameters" == rows["efficientnet_b0", "ImageNet"]["On the front of"]


def test_a_missing_cost_shows_what_became_of_it(rows: dict[Any, Any]) -> None:
    assert "failed" == rows["swin_t", "ImageNet"]["Latency"]


def _told(row: dict[str, Any], *columns: str) -> tuple[str, ...]:
    return tuple(row[column] for column in columns)
