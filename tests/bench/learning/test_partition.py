"""What must be there to learn from, to choose by and to be tested on."""

import pytest
import torch

from bench.errors import Unsupported
from bench.learning.data.images import Stored
from bench.learning.partition import TRAIN_MOST, VAL_MOST, Partition, as_folded


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


def test_all_training_images_are_looked_at_where_they_are_few() -> None:
    partition = Partition(stored([0, 0, 0, 1, 2], [0, 1, 1, 0, 0]), None, 0, 0)
    assert partition.train.tolist() == partition.looked_at().tolist()


def test_of_many_training_images_each_class_keeps_its_share() -> None:
    n, labels = 4 * TRAIN_MOST, torch.tensor([0] * TRAIN_MOST + [1] * 3 * TRAIN_MOST + [0, 0])
    partition = Partition(stored([0] * n + [1, 2], labels.tolist()), None, 0, 0)
    seen = partition.looked_at()
    assert [TRAIN_MOST // 4, 3 * TRAIN_MOST // 4] == torch.bincount(labels[seen]).tolist()
    assert TRAIN_MOST == len(set(seen.tolist()) & set(partition.train.tolist()))


def test_after_a_last_fit_validation_images_are_looked_at_too() -> None:
    partition = Partition(stored([0, 0, 1, 2], [0, 1, 1, 0]), None, 0, 0)
    assert {0, 1, 2} == set(partition.looked_at(refit=True).tolist())


def test_what_a_fold_has_split_is_not_dealt_out_anew() -> None:
    data = stored([0] * 8 + [1] * 4 + [2] * 4, [0, 1] * 8)
    with pytest.raises(ValueError, match="the split of a fold cannot be dealt out anew"):
        Partition(as_folded(data, 0, 0, 2), None, 0, 0, folds=2)
