"""Where the search for the best batch ends."""

import pytest

from bench.measures._search import LARGEST, MOST, largest


@pytest.mark.parametrize("elements", [28 * 28, 3 * 600 * 600])
def test_on_a_cpu_the_largest_batch_is_the_same_for_all(elements: int) -> None:
    assert LARGEST == largest("cpu", elements)


@pytest.mark.parametrize(
    ("elements", "batch"),
    [
        pytest.param(3 * 224 * 224, 1024, id="224 px"),
        pytest.param(3 * 600 * 600, 128, id="600 px"),
        pytest.param(1 * 32 * 32, MOST, id="digits"),
        pytest.param(1 << 40, 1, id="more than a batch may have"),
    ],
)
def test_on_cuda_it_is_told_by_the_numbers_of_the_images(elements: int, batch: int) -> None:
    assert batch == largest("cuda:1", elements)
