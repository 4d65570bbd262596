"""How many pictures a data set has, as records tell it."""

from __future__ import annotations

import pytest

from bench.run.model.pictures import BY_CLASS, CLASSES, PictureCounts, classes_of

pytestmark = pytest.mark.usefixtures("no_declarations")


def test_a_record_tells_the_sizes_of_the_splits() -> None:
    known = PictureCounts()
    known.note("digits", None, {"n_train": 900, "n_val": 100, "n_test": 500})
    assert (500.0, 1500.0) == (known.of("digits", "n_test"), known.all("digits"))


def test_the_training_pictures_of_a_budget_are_not_all_that_there_are() -> None:
    known = PictureCounts()
    known.note("digits", 5, {"n_train": 50})
    assert BY_CLASS["n_train"] * CLASSES == known.of("digits", "n_train")


def test_a_budget_is_of_so_many_pictures_a_class() -> None:
    assert 5.0 * CLASSES == PictureCounts().learned("digits", 5)
    assert PictureCounts().of("digits", "n_train") == PictureCounts().learned("digits", None)


def test_a_data_set_that_is_not_declared_any_more_has_a_usual_number_of_classes() -> None:
    assert CLASSES == classes_of("digits")
