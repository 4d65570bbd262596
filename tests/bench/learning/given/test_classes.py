"""Which answer of a network each class of a data set is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import io

from bench.errors import UsageError
from bench.learning.given.classes import class_map

ALL = [f"n{9 * i:08d}" for i in range(1000)]


def test_all_thousand_synsets_are_answers_in_their_order_without_any_list() -> None:
    assert tuple(range(999, -1, -1)) == class_map(ALL[::-1], 1000).indices


def test_some_synsets_have_the_places_that_they_have_among_all() -> None:
    assert (281, 0, 967) == class_map(["n02123045", "n01440764", "n07920052"], 1000).indices


def test_some_synsets_without_timm_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm.data", None)
    with pytest.raises(UsageError, match="pip install timm, or --class-map"):
        class_map(["n02123045", "n01440764"], 1000)


def test_a_synset_that_is_none_of_ilsvrc_is_named() -> None:
    with pytest.raises(UsageError, match="lacks 'n00000001'"):
        class_map(["n02123045", "n00000001"], 1000)


def test_numbers_are_indices_whatever_the_order_of_their_folders() -> None:
    assert (0, 10, 2) == class_map(["0", "10", "2"], 1000).indices


def test_numbers_up_to_the_count_of_classes_are_not_taken_for_indices() -> None:
    with pytest.raises(UsageError, match="numbered up to 1000, and answers from 0"):
        class_map([str(i) for i in range(1, 1001)], 1000)


def test_an_index_that_the_weights_do_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="index 10, and the weights tell 10 classes apart"):
        class_map(["0", "10"], 10)


def test_names_are_those_of_torchvision_whatever_their_case_and_underscores() -> None:
    assert (281, 2) == class_map(["Tabby", "great_white_shark"], 1000).indices


def test_a_name_that_torchvision_does_not_have_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="lacks 'kitten'; --class-map"):
        class_map(["tabby", "kitten"], 1000)


def test_names_say_nothing_of_answers_that_are_not_those_of_ilsvrc() -> None:
    with pytest.raises(UsageError, match="which of 2 answers 'cat' is: --class-map"):
        class_map(["cat", "dog"], 2)


def test_a_table_says_the_indices_with_or_without_a_line_of_names(tmp_path: Path) -> None:
    file = tmp_path / "map.csv"
    file.write_text("name,index\ncat,1\ndog,0\n")
    assert (0, 1) == class_map(["dog", "cat"], 2, str(file)).indices
    file.write_text("cat,1\ndog,0\n")
    assert (0, 1) == class_map(["dog", "cat"], 2, str(file)).indices


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cat,1\n", "lacks 'dog'"),
        ("cat,1\ndog,2\n", "has the index 2, and the weights tell 2 classes apart"),
        ("cat,1\ndog,one\n", "has 'dog,one'"),
        ("cat,1\ncat,0\n", "gives 'cat' two indices"),
        ("", "is empty"),
    ],
)
def test_a_table_that_does_not_say_it_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "map.csv"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        class_map(["cat", "dog"], 2, str(file))


def test_the_numbers_of_the_development_kit_are_turned_into_the_places_of_their_synsets(tmp_path: Path) -> None:
    # ILSVRC numbers its classes in another order than that of their synsets, and inner nodes after them
    rows = [(number, synset) for number, synset in enumerate(reversed(ALL), start=1)]
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O")]
    synsets = np.array([*rows, (1001, "n00001740")], dtype=kinds)
    io.savemat(tmp_path / "meta.mat", {"synsets": synsets})
    assert (999, 0) == class_map(["1", "1000"], 1000, str(tmp_path / "meta.mat")).indices
