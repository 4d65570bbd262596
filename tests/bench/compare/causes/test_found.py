"""What of a difference explains a verdict."""

from __future__ import annotations

import pytest

from bench.compare.causes.difference import OTHERS
from bench.compare.causes.found import causes_of_count, causes_of_memory, causes_of_time
from bench.compare.causes.rows import pruned, rows_of, shows, whole
from tests.bench.compare.causes.profiles import process, row


def test_python_of_a_layer_is_named_with_the_layer_and_its_share() -> None:
    found = causes_of_time(rows_of([process()] * 3, [process(slow=0.002)] * 3))
    assert [("layer", "1 (Block), Python outside operators"), ("operator", "Python outside operators")] == [
        (cause.kind, cause.name) for cause in found
    ]
    assert (0.002, 0.004, 1.0) == pytest.approx((found[0].base, found[0].head, found[0].share))


def test_the_largest_cause_comes_first() -> None:
    found = causes_of_time(rows_of([process()] * 3, [process(slow=0.001, other=0.003)] * 3))
    assert ["0 (Conv2d), aten::conv2d", "1 (Block), Python outside operators"] == [
        cause.name for cause in found if cause.kind == "layer"
    ]


def test_what_the_processes_do_not_agree_on_is_no_cause() -> None:
    head = [process(slow=0.002, other=other) for other in (0.001, -0.001, 0.001)]
    found = causes_of_time(rows_of([process()] * 3, head))
    assert ["1 (Block), Python outside operators"] == [cause.name for cause in found if cause.kind == "layer"]


def test_what_explains_next_to_nothing_is_no_cause() -> None:
    found = causes_of_time(rows_of([process()] * 3, [process(slow=0.002, other=0.00005)] * 3))
    assert not any("conv2d" in cause.name for cause in found)


def test_a_layer_that_base_lacks_has_no_figure_of_base() -> None:
    new = row("2", "aten::conv2d", 0.002)
    found = causes_of_time(rows_of([process()] * 3, [[*process(), new]] * 3))
    assert found[0].base is None
    assert pytest.approx(0.002) == found[0].head


def test_a_renamed_layer_is_told_by_both_names() -> None:
    base, head = [row("stem", "aten::conv2d", 0.001)], [row("first", "aten::conv2d", 0.003)]
    (cause, _) = causes_of_time(rows_of([base] * 3, [head] * 3))
    assert "stem → first (Conv2d), aten::conv2d" == cause.name


@pytest.mark.parametrize("slow", [(0.002, 0.002, 0.002), (0.002, -0.01, 0.0021)])
def test_a_profile_shows_a_difference_of_the_verdict_s_size_though_a_pair_was_held_up(
    slow: tuple[float, ...],
) -> None:
    rows = rows_of([process()] * 3, [process(slow=seconds) for seconds in slow])
    assert shows(whole(rows), 0.0019, 0.0021)


@pytest.mark.parametrize(
    "slow",
    [(0.0, 0.0, 0.0), (0.0001, 0.0001, 0.0001), (0.02, 0.02, 0.02), (-0.004, -0.002, 0.002, 0.006, 0.008)],
)
def test_a_profile_of_another_size_or_of_noise_does_not_show_it(slow: tuple[float, ...]) -> None:
    rows = rows_of([process()] * len(slow), [process(slow=seconds) for seconds in slow])
    assert not shows(whole(rows), 0.0019, 0.0021)


def test_tensors_are_told_by_layer_kind_and_shape() -> None:
    base = [row("0", "activations", 1e6, largest="4x8x32x32 float32")]
    head = [row("0", "activations", 4e6, largest="4x32x32x32 float32")]
    (cause,) = causes_of_memory(rows_of([base], [head]))
    assert ("activations of 0 (Conv2d), 4x32x32x32 float32", 1e6, 4e6, "B") == (
        cause.name,
        cause.base,
        cause.head,
        cause.unit,
    )


def test_layers_explain_a_count() -> None:
    base = [row("0", "macs", 100.0), row("1", "macs", 50.0, "Linear")]
    head = [row("0", "macs", 100.0), row("1", "macs", 150.0, "Linear")]
    (cause,) = causes_of_count(rows_of([base], [head]))
    assert ("1 (Linear)", 50.0, 150.0, 1.0) == (cause.name, cause.base, cause.head, cause.share)


def test_what_is_small_is_kept_as_the_others_of_what_holds_it() -> None:
    rows = [row("a", "aten::conv2d", 1.0), *(row(f"b.{i}", "aten::add", 0.001) for i in range(10))]
    found = pruned(rows_of([rows], [rows]))
    assert [("a", "aten::conv2d"), ("b", OTHERS)] == [(part.path, part.item) for part in found]
    assert pytest.approx(1.01) == sum(part.base or 0.0 for part in found)
