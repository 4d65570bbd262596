"""What must be there to learn from, to choose by and to be tested on."""

import pytest
import torch

from bench.errors import Unsupported
from bench.learning.data.images import Stored
from bench.learning.partition import VAL_MOST, Partition


def stored(split: list[int], labels: list[int]) -> Stored:
    n = len(split)
    return Stored(torch.zeros(n, 1, 2, 2), torch.tensor(labels), torch.tensor(split), torch.arange(n))


@pytest.mark.parametrize(
    ("split", "labels", "words"),
    [
        ([0, 1, 2, 2], [0, 0, 0, 1], "class 1 has no training image"),
        ([0, 0, 2, 2], [0, 1, 0, 1], "no image is left for validation"),
        ([0, 0, 1, 1], [0, 1, 0, 1], "no image is left for test"),
    ],
)
def test_data_that_are_too_few_are_unsupported(split: list[int], labels: list[int], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        Partition(stored(split, labels), 0, 0, 0)


def test_how_many_test_images_are_among_others_is_told_without_opening_them() -> None:
    partition = Partition(stored([0, 0, 1, 2, 2, 2], [0, 1, 0, 0, 1, 1]), 0, 0, 0)
    assert 2 == partition.tested_among(torch.tensor([0, 3, 5]))
    assert 3 == len(partition.open_test())


def test_a_last_fit_takes_validation_images_that_are_not_looked_at_too() -> None:
    n = VAL_MOST + 30
    partition = Partition(stored([0] * 4 + [1] * n + [2], [0] * (n + 5)), None, 0, 0)
    assert VAL_MOST == len(partition.val)
    assert list(range(4 + n)) == sorted(partition.train_and_val.tolist())
