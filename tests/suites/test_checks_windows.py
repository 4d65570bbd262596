"""How far attention reaches, what it costs, and which patches move."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks.deformable import patches_follow_the_picture, patches_learn
from suites.checks.windows import grows_slower, is_hierarchical, reach_of_a_window, windows_are


@pytest.mark.parametrize(("shifted", "reach", "windows"), [(False, "inside", 1), (True, "across", 4)])
def test_a_change_leaves_its_window_only_by_the_shift(shifted: bool, reach: str, windows: int) -> None:
    found = reach_of_a_window(shifted=shifted)
    assert (reach, f"the change shows in {windows} of 9 windows") == (found.value, found.note)


@pytest.mark.parametrize("shifted", [False, True])
def test_windows_of_one_layer_do_not_overlap(shifted: bool) -> None:
    assert "non-overlapping" == windows_are(shifted=shifted).value


def test_attention_in_windows_grows_with_the_pixels_alone() -> None:
    found = grows_slower(architecture="attention_window", than="attention_global", sides=[28, 56])
    assert found.value is True
    assert "1.00 in attention_window" in found.note


def test_nothing_grows_slower_than_itself() -> None:
    assert grows_slower(architecture="attention_window", than="attention_window", sides=[28, 56]).value is False


@pytest.mark.parametrize(("module", "stages"), [("features", True), ("features.1", False)])
def test_maps_shrink_between_stages_and_not_inside_one(module: str, stages: bool) -> None:
    assert stages is is_hierarchical(architecture="swin_reduced", module=module).value


def test_both_predictors_of_a_deformable_patch_learn() -> None:
    assert ["positions", "scales"] == patches_learn().value


@pytest.mark.parametrize(("trained", "moving"), [(True, ["positions", "scales"]), (False, [])])
def test_patches_follow_the_picture_once_their_predictors_have_weights(trained: bool, moving: list[str]) -> None:
    assert moving == patches_follow_the_picture(trained=trained).value
