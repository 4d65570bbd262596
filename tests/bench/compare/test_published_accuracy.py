"""An accuracy beside the published one."""

import pytest

from bench.compare.published import agreement


def test_a_published_figure_within_a_narrow_interval_agrees() -> None:
    assert "agrees" == agreement(37_400, 50_000, 0.7485)


def test_a_published_figure_outside_the_interval_disagrees() -> None:
    assert "disagrees" == agreement(37_400, 50_000, 0.76)


def test_a_published_figure_within_a_wide_interval_is_not_confirmed() -> None:
    assert "too few pictures to tell" == agreement(75, 100, 0.748)


def test_few_pictures_can_disagree_all_the_same() -> None:
    assert "disagrees" == agreement(0, 100, 0.748)


def test_no_pictures_have_no_accuracy() -> None:
    with pytest.raises(ValueError, match="no pictures"):
        agreement(0, 0, 0.5)
