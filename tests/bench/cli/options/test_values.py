"""Values of the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.cell import BEST, PRECISIONS
from bench.cli.options import values
from bench.errors import UsageError

precision = values.listed(values.one_of("precision", PRECISIONS))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("1.5m", 90),
        ("1h", 3600),
        ("5ms", 0.005),
        ("20us", 2e-5),
        ("20µs", 2e-5),
        ("20\u03bcs", 2e-5),
    ],
)
def test_a_time_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert seconds == values.seconds(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("3000000", 3_000_000),
        ("2000KB", 2_000_000),
        ("1.5GB", 1_500_000_000),
        ("2MiB", 2 << 20),
        ("3gib", 3 << 30),
    ],
)
def test_a_size_is_a_number_and_a_unit_of_thousands_or_of_1024s(text: str, size: int) -> None:
    assert size == values.size(text)


@pytest.mark.parametrize(
    ("text", "count"), [("500K", 5e5), ("10M", 1e7), ("2g", 2e9), ("1.5T", 1.5e12), ("7e3", 7e3)]
)
def test_a_count_is_a_number_and_a_prefix(text: str, count: float) -> None:
    assert count == values.count(text)


@pytest.mark.parametrize(("text", "share"), [("0.9", 0.9), ("90%", 0.9), ("57%", 0.57), ("1", 1.0)])
def test_a_share_is_a_number_up_to_one_or_a_percentage(text: str, share: float) -> None:
    assert share == values.share(text)


@pytest.mark.parametrize(("text", "points"), [("0.5", 0.5), ("1", 1.0), ("50", 50.0)])
def test_a_margin_is_in_percentage_points(text: str, points: float) -> None:
    assert points == values.points(text)


@pytest.mark.parametrize("text", ["0", "-1", "50.1", "nan", "1%", "much"])
def test_a_margin_of_nothing_or_of_more_than_half_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="is not a margin: percentage points above zero, 50 at most"):
        values.points(text)


def test_values_are_listed_with_commas() -> None:
    assert ("fp32", "bf16") == precision("fp32, bf16")


def test_a_repeated_option_joins_its_lists_and_takes_each_value_once() -> None:
    assert (1, 8, 4) == values.joined([(1, 8), (8, 4)])
    assert () == values.joined(None)


def test_the_best_batch_has_a_word() -> None:
    assert (1, BEST) == values.listed(values.batch)("1,best")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("resnet50, efficientnet_b0", ("resnet50", "efficientnet_b0")),
        ("vit_simple:heads=6,patch_size=32", ("vit_simple:heads=6,patch_size=32",)),
        ("net:a=1,b=2,resnet18,cnn:k=7", ("net:a=1,b=2", "resnet18", "cnn:k=7")),
        ("resnet18,heads=6", ("resnet18", "heads=6")),
    ],
)
def test_architectures_are_listed_with_commas_which_the_options_of_a_variant_have_too(
    text: str, names: tuple[str, ...]
) -> None:
    assert names == values.architecture_names(text)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (values.seconds, "soon", "'soon' is not a time"),
        (values.seconds, "0s", "above zero"),
        (values.seconds, "nan", "is not a time"),
        (values.seconds, "5xs", "'5xs' is not a time"),
        (values.seconds, "ms", "'ms' is not a time"),
        (values.count, "many", "'many' is not a number above zero"),
        (values.count, "-2M", "'-2M' is not a number above zero"),
        (values.count, "infG", "is not a number above zero"),
        (values.count, "nan", "is not a number above zero"),
        (values.share, "90", "'90' is not a share above zero and up to one"),
        (values.share, "0%", "is not a share"),
        (values.share, "most", "is not a share"),
        (values.size, "much", "'much' is not a size"),
        (values.size, "2XB", "'2XB' is not a size"),
        (values.size, "-1MB", "1 MB or more"),
        (values.size, "2", "1 MB or more"),
        (values.positive("pixels", 100), "101", "'101' is too large a number of pixels: 100 at most"),
        (values.size, "infGB", "is not a size"),
        (values.batch, "0", "'0' is not a number of images"),
        (values.batch, "-1", "1 or more"),
        (values.positive("pixels", 100), "2.5", "'2.5' is not a number of pixels: 1 or more"),
        (values.positive("pixels", 100), "²", "is not a number of pixels"),
        (values.at_least(2, "folds", 9), "1", "'1' is not a number of folds: 2 to 9"),
        (values.at_least(2, "folds", 9), "10", "2 to 9"),
        (values.rate, "fast", "'fast' is not a learning rate"),
        (values.rate, "0", "above zero"),
        (values.rate, "nan", "above zero"),
        (precision, "fp33", "unknown precision 'fp33'; did you mean 'fp32'?"),
        (precision, "fp32,", "unknown precision ''"),
    ],
)
def test_what_is_no_value_gets_one_line(read: Callable[[str], object], text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert said in str(raised.value)
