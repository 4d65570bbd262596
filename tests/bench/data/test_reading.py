"""What is chosen for the user's own images."""

import json

import pytest

from bench.data.reading import PLAIN, Reading, chosen_splits
from bench.errors import UsageError

ALL = Reading((".jpg",), (("train", "Training"), ("test", "holdout")), True, True, True)


@pytest.mark.parametrize("reading", [PLAIN, ALL, Reading(follow_links=True)])
def test_a_choice_comes_back_from_plain_data(reading: Reading) -> None:
    assert reading == Reading.from_dict(json.loads(json.dumps(reading.to_dict())))


def test_where_nothing_is_chosen_nothing_is_written() -> None:
    assert {} == PLAIN.to_dict()


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("testing", "test"),
        ("val_set", "val"),
        ("cat", ""),
        ("training data", "train"),
        ("set", ""),
    ],
)
def test_the_name_of_a_folder_says_the_split(name: str, split: str) -> None:
    assert split == PLAIN.split_of(name)


def test_where_splits_are_said_other_names_are_none() -> None:
    assert ("test", "") == (ALL_SPLITS.split_of("holdout"), ALL_SPLITS.split_of("test"))


ALL_SPLITS = Reading(splits=ALL.splits)


def test_splits_are_said_in_pairs() -> None:
    assert (("train", "a=b"), ("val", "c")) == chosen_splits("train=a=b, val=c")


@pytest.mark.parametrize("text", ["", "train", "train=", "tran=a", "test=a", "train=a,train=b", "train=a,x"])
def test_splits_that_are_said_in_another_way_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="train"):
        chosen_splits(text)
