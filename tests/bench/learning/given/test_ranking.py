"""The place of the right answer among a network's."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bench.declare.preprocessing import whole
from bench.learning.data.decode import BadImage, decode
from bench.learning.given.ranking import Ranked, RankingTask, ranked

READ = partial(decode, geometry=whole(2))


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Pictures whose colour is their number."""
    files = [tmp_path / f"{i}.png" for i in range(5)]
    for i, file in enumerate(files):
        Image.new("RGB", (3, 3), (i, 0, 0)).save(file)
    return files


def first_is_its_colour(pixels: torch.Tensor) -> torch.Tensor:
    """Scores of six classes: the nearer to the picture's colour the higher."""
    return -(pixels[:, 0, 0, 0, None].float() - torch.arange(6)).abs()


def ranks(found: list[Ranked]) -> list[tuple[int, int]]:
    return [(item.rank, item.among) for item in found]


def test_a_rank_counts_the_answers_before_the_right_one_among_all_and_among_those_present(
    paths: list[Path],
) -> None:
    task = RankingTask(paths, [0, 1, 2, 0, 2], READ, 2)
    # before 0 stand for the fourth picture 3, 2, 4, 1 and 5, before 2 for the fifth 4, 3 and 5
    assert [(0, 0), (0, 0), (0, 0), (5, 2), (3, 0)] == ranks(ranked(task, first_is_its_colour, lambda _: None))


def test_equal_scores_are_no_hit_for_all_of_them(paths: list[Path]) -> None:
    task = RankingTask(paths[:2], [0, 1], READ, 2)
    found = ranked(task, lambda pixels: torch.zeros(len(pixels), 6), lambda _: None)
    assert [(0, 0), (1, 1)] == ranks(found)


def test_scores_that_are_not_finite_are_an_error(paths: list[Path]) -> None:
    task = RankingTask(paths, [0] * 5, READ, 2)
    with pytest.raises(ValueError, match="not finite"):
        ranked(task, lambda pixels: torch.full((len(pixels), 6), float("nan")), lambda _: None)


def test_a_right_answer_that_the_network_does_not_have_is_an_error(paths: list[Path]) -> None:
    with pytest.raises(ValueError, match="an answer is 6"):
        ranked(RankingTask(paths, [6] * 5, READ, 2), first_is_its_colour, lambda _: None)


def test_a_picture_that_cannot_be_read_is_left_out_with_its_reason(paths: list[Path]) -> None:
    paths[1].write_bytes(b"no image")
    found = ranked(RankingTask(paths, [0, 1, 2, 3, 4], READ, 2), first_is_its_colour, lambda _: None)
    assert ["", "is not an image that can be read", "", "", ""] == [item.wrong for item in found]
    assert [0, -1, 0, 0, 0] == [item.rank for item in found]


def test_a_picture_that_cannot_be_read_ends_what_must_be_whole(paths: list[Path]) -> None:
    paths[3].write_bytes(b"")
    with pytest.raises(BadImage, match=r"'.*3\.png' is empty"):
        ranked(RankingTask(paths, [0, 1, 2, 3, 4], READ, 2, whole=True), first_is_its_colour, lambda _: None)


class Killed(Exception):
    """As a process that ends in between."""


def test_what_was_cut_off_goes_on_after_the_last_whole_batch(paths: list[Path], tmp_path: Path) -> None:
    task, kept = RankingTask(paths, [0, 1, 0, 3, 0], READ, 2), tmp_path / "kept"
    whole_run = ranked(task, first_is_its_colour, lambda _: None)
    seen: list[int] = []

    def counting(pixels: torch.Tensor) -> torch.Tensor:
        if len(seen) == 4:
            raise Killed
        seen.extend(pixels[:, 0, 0, 0].tolist())
        return first_is_its_colour(pixels)

    with pytest.raises(Killed):
        ranked(task, counting, lambda _: None, kept)
    with kept.open("a") as file:
        file.write('{"content": "cut o')
    told: list[int] = []
    found = ranked(task, lambda p: first_is_its_colour(p), lambda word: told.append(word["step"]), kept)
    assert ([0, 1, 2, 3], [5]) == (seen, told)
    assert whole_run == found


def test_pictures_are_read_no_further_ahead_than_a_few_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.learning.data.decoding._AHEAD", 1)
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    Image.fromarray(np.zeros((3, 3, 3), np.uint8)).save(tmp_path / "a.png")
    read, answered = 0, 0

    def counting(data: bytes):  # type: ignore[no-untyped-def]
        nonlocal read
        read += 1
        assert read - answered <= 2 + 4
        return READ(data)

    def answer(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal answered
        answered += len(pixels)
        return first_is_its_colour(pixels)

    ranked(RankingTask([tmp_path / "a.png"] * 40, [0] * 40, counting, 2), answer, lambda _: None)
    assert 40 == answered
