"""Class maps that were made to hang or to break their reader: one line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from scipy import io

from bench.errors import UsageError
from bench.learning.given.classes import class_map
from tests.bench.hostile import each_without_end, sparse

NAMES = ["cat", "dog"]


@each_without_end
@pytest.mark.parametrize("suffix", [".csv", ".mat"])
def test_a_class_map_must_be_a_regular_file(tmp_path: Path, make: Callable[[Path], Path], suffix: str) -> None:
    with pytest.raises(UsageError, match="it is not a regular file"):
        class_map(NAMES, 10, str(make(tmp_path / f"map{suffix}")))


@pytest.mark.parametrize("suffix", [".csv", ".mat"])
def test_a_class_map_that_is_too_large_is_not_read(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UsageError, match="bytes, which none may have"):
        class_map(NAMES, 10, str(sparse(tmp_path / f"map{suffix}", 1 << 40)))


@pytest.mark.parametrize(
    "text",
    ["cat,1\ndog," + "9" * 5000, "cat,\u0663\ndog,1", "cat," + "x" * 200_000, '"cat,1\n' * 9, "\0", "cat,1,2"],
)
def test_a_hostile_class_map_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.csv").write_text(text)
    with pytest.raises(UsageError, match="class map"):
        class_map(NAMES, 10, str(tmp_path / "map.csv"))


@pytest.mark.parametrize("at", range(0, 200, 8))
def test_a_damaged_development_kit_is_refused_in_one_line(tmp_path: Path, at: int) -> None:
    io.savemat(tmp_path / "meta.mat", {"synsets": [1]}, do_compression=True)
    whole = (tmp_path / "meta.mat").read_bytes()
    (tmp_path / "meta.mat").write_bytes(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    with pytest.raises(UsageError, match=r"is not ILSVRC's meta.mat") as raised:
        class_map(NAMES, 10, str(tmp_path / "meta.mat"))
    assert len(str(raised.value).splitlines()) == 1


def test_names_of_more_digits_than_any_index_are_not_indices() -> None:
    with pytest.raises(UsageError, match="nothing says which of 10 answers"):
        class_map(["9" * 5000, "1"], 10)
