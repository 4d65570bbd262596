"""Which layer of base is which of head."""

from __future__ import annotations

from bench.compare.causes.layers import ProfiledLayer, aligned

FIRST = ProfiledLayer("0", "Conv2d", "3, 8")
SECOND = ProfiledLayer("1", "Conv2d", "8, 16")
LAST = ProfiledLayer("2", "Linear", "16, 10")


def test_equal_layers_are_paired() -> None:
    assert [(FIRST, FIRST), (LAST, LAST)] == aligned([FIRST, LAST], [FIRST, LAST])


def test_a_layer_that_one_side_has_alone_has_no_counterpart() -> None:
    assert (None, SECOND) in aligned([FIRST], [FIRST, SECOND])
    assert (SECOND, None) in aligned([FIRST, SECOND], [FIRST])


def test_layers_behind_a_new_one_are_the_same_though_their_numbers_have_moved() -> None:
    new = ProfiledLayer("1", "Conv2d", "8, 8")
    moved = [ProfiledLayer("2", "Conv2d", "8, 16"), ProfiledLayer("3", "Linear", "16, 10")]
    found = aligned([FIRST, SECOND, LAST], [FIRST, new, *moved])
    assert {(FIRST, FIRST), (SECOND, moved[0]), (LAST, moved[1]), (None, new)} == set(found)


def test_a_renamed_layer_is_paired_with_what_it_was() -> None:
    renamed = ProfiledLayer("stem.conv", "Conv2d", "3, 8")
    assert [(FIRST, renamed)] == aligned([FIRST], [renamed])


def test_a_layer_of_another_width_keeps_its_place() -> None:
    wider = ProfiledLayer("1", "Conv2d", "8, 64")
    assert (SECOND, wider) in aligned([FIRST, SECOND, LAST], [FIRST, wider, LAST])


def test_what_took_the_place_of_another_class_is_paired_with_it() -> None:
    other = ProfiledLayer("1", "Mixer")
    assert (SECOND, other) in aligned([FIRST, SECOND], [FIRST, other])


def test_parts_that_are_no_modules_are_never_renamed() -> None:
    assert {(ProfiledLayer("backward", ""), None), (None, ProfiledLayer("outside", ""))} == set(
        aligned([ProfiledLayer("backward", "")], [ProfiledLayer("outside", "")])
    )
