"""Which images are for training, for validation and for testing."""

from collections.abc import Sequence

import numpy as np
import pytest

from bench.learning.data.splits import SPLITS, split_of

TRAIN, VAL, TEST = range(len(SPLITS))


def contents(n: int, seed: int = 0) -> np.ndarray:
    """Of different images."""
    return np.random.default_rng(seed).choice(2**48, n, replace=False).astype(np.int64)


def classes_of(n: int, classes: int = 2) -> np.ndarray:
    return np.arange(n) % classes


def many(content: np.ndarray) -> list[int]:
    """The split of a large data set that prescribes none."""
    return list(map(int, split_of((), content, classes_of(len(content)), few=False)))


def counts(split: np.ndarray, labels: np.ndarray) -> list[list[int]]:
    """For each class its images by split."""
    return [[int(((split == s) & (labels == label)).sum()) for s in range(3)] for label in np.unique(labels)]


def few(counted: Sequence[int], *names: str) -> list[list[int]]:
    """For each class of so many images of the user's own, how many are for training, validation and testing.

    Args:
        counted: images of each class.
        names: of the splits that the images of a class are prescribed, in turn; none: nothing is prescribed.
    """
    labels = np.repeat(np.arange(len(counted)), counted)
    turns = [names[i % len(names)] for n in counted for i in range(n)] if names else []
    return counts(split_of(turns, contents(len(labels)), labels, few=True), labels)


def test_equal_images_fall_into_the_same_split() -> None:
    once = contents(100)
    split = many(np.concatenate([once, once]))
    assert split[:100] == split[100:]


def test_adding_images_moves_no_other_to_another_split() -> None:
    some = contents(150)
    assert many(some[50:]) == many(some)[50:]


def test_half_of_the_images_are_for_training_and_three_tenths_for_testing() -> None:
    shares = np.bincount(many(contents(4000))) / 4000
    assert [0.5, 0.2, 0.3] == pytest.approx(shares.tolist(), abs=0.03)


def test_each_class_of_few_images_has_its_share_of_every_split() -> None:
    assert [[5, 2, 3]] * 3 == few([10, 10, 10])


def test_a_folder_of_training_images_alone_is_divided_as_one_without_splits() -> None:
    assert [[5, 2, 3]] * 2 == few([10, 10], "train")


@pytest.mark.parametrize(("n", "expected"), [(1, [1, 0, 0]), (2, [1, 0, 1]), (3, [1, 1, 1])])
def test_a_class_of_one_to_three_images_has_one_for_training(n: int, expected: list[int]) -> None:
    assert expected == few([n, 10])[0]


@pytest.mark.parametrize(("n", "validation"), [(1, 0), (2, 0), (3, 1), (5, 1), (10, 2)])
def test_a_fifth_of_each_class_is_for_validation_where_testing_alone_is_prescribed(
    n: int, validation: int
) -> None:
    # of every class the first half are for training, the others for testing
    assert [n - validation, validation, n] == few([2 * n, 20], "train", "test")[0]


def test_where_validation_alone_is_prescribed_it_is_tested_on() -> None:
    assert [[4, 1, 5]] * 2 == few([10, 10], "train", "val")


def test_what_is_prescribed_for_validation_stays_so() -> None:
    assert [[2, 2, 2]] * 2 == few([6, 6], "train", "val", "test")


def test_equal_images_of_a_class_fall_into_the_same_split() -> None:
    once = contents(20)
    split = split_of((), np.concatenate([once, once]), classes_of(40), few=True)
    assert split[:20].tolist() == split[20:].tolist()


def test_a_class_of_a_large_data_set_keeps_a_training_image_though_all_are_drawn_for_validation() -> None:
    # the first two stand at 0.1 and 0.15 of all, where a fifth is for validation
    place = np.array([0.1, 0.15, 0.3, 0.5, 0.7])
    content, labels = (place * 2**48).astype(np.int64), np.array([0, 0, 1, 1, 1])
    split = split_of(["train"] * 4 + ["test"], content, labels, few=False)
    assert [VAL, TRAIN, TRAIN, TRAIN, TEST] == split.tolist()


def test_validation_is_drawn_from_what_is_not_tested_on() -> None:
    # of the three training images of the class one is also tested on: of two, none is spared for validation
    content, labels = np.array([1, 2, 3, 3, 4, 5]), np.array([0, 0, 0, 0, 1, 1])
    split = split_of(["train", "train", "train", "test", "train", "test"], content, labels, few=True)
    assert [TRAIN, TRAIN, -1, TEST, TRAIN, TEST] == split.tolist()


def test_a_split_of_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="splits are train, val, test, not dev"):
        split_of(["train", "dev"], contents(2), classes_of(2), few=True)
