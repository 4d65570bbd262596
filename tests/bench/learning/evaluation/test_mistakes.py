"""Which single answers a record keeps, and what its pictures are of."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.learning.data.images import Stored
from bench.learning.evaluation.mistakes import DOUBTED, EACH, MOST, SIDE, answers_of, pictures_of
from bench.statistics.answers.kept import Answers


def stored(labels: list[int], side: int = 8, channels: int = 1, **about: Any) -> Stored:
    """Noise with these labels."""
    n = len(labels)
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (n, channels, side, side), dtype=torch.uint8, generator=generator)
    return Stored(pixels, torch.tensor(labels), torch.zeros(n, dtype=torch.int64), torch.arange(n), **about)


def logits(rows: list[list[float]]) -> torch.Tensor:
    """Of these probabilities."""
    return torch.tensor(rows, dtype=torch.float64).log()


def kept(labels: list[int], scores: torch.Tensor, **how: Any) -> Answers:
    """Of all images of a data set as its test images."""
    return answers_of(
        stored(labels), torch.arange(len(labels)), scores, **{"probabilistic": True, "folded": False, **how}
    )


ROWS = [[0.1, 0.9, 0.0], [0.3, 0.3, 0.4], [0.55, 0.35, 0.1], [0.96, 0.03, 0.01]]
LABELS = [0, 0, 1, 0]


def test_the_mistake_whose_label_lies_furthest_behind_leads() -> None:
    assert [0, 2, 1] == [answer.place for answer in kept(LABELS, logits(ROWS)).wrong]


def test_the_answer_with_the_smallest_margin_is_the_most_unsure_right_or_wrong() -> None:
    assert [1, 2, 0, 3] == [answer.place for answer in kept(LABELS, logits(ROWS)).unsure]


def test_an_answer_tells_the_probabilities_of_the_named_class_of_its_label_and_of_others() -> None:
    answer = kept(LABELS, logits(ROWS)).wrong[2]
    assert (0, 2, 0.4, 0.3, 0.1) == (answer.label, answer.named, answer.confidence, answer.own, answer.margin)
    assert ((1, 0.3),) == answer.others


def test_of_scores_that_are_no_logits_the_margin_alone_is_told() -> None:
    answers = kept([0, 1], torch.tensor([[-1.0, 2.5], [0.5, 1.0]]), probabilistic=False, folded=True)
    (answer,) = answers.wrong
    assert (None, None, 3.5, ()) == (answer.confidence, answer.own, answer.margin, answer.others)
    assert () == answers.self_confidence


def test_a_place_is_the_position_in_the_data_set_and_has_its_path() -> None:
    data = stored([0, 0, 1], paths=("a/0.png", "a/1.png", "b/0.png"), names=("a", "b"))
    answers = answers_of(data, torch.tensor([2]), logits([[0.8, 0.2]]), probabilistic=True, folded=False)
    assert (2, "b/0.png") == (answers.wrong[0].place, answers.wrong[0].path)
    assert {"0": "a", "1": "b"} == answers.names


def test_what_is_kept_of_many_mistakes_is_bounded_and_their_number_is_told() -> None:
    n = 400
    scores = torch.randn(n, 3, generator=torch.Generator().manual_seed(1))
    answers = kept([0] * n, scores, folded=True)
    assert answers.errors > MOST + EACH
    assert answers.is_cut
    assert MOST <= len(answers.wrong) <= MOST + EACH
    assert len(answers.pictured) <= 2 * EACH + DOUBTED


def test_the_most_confident_mistakes_are_kept_and_pictured_even_where_others_lie_further_behind() -> None:
    sure = [0.6, 0.4, 0.0]  # its label lies 0.2 behind, those of the others 0.5
    answers = kept([0] * (MOST + 1) + [1], logits([[0.0, 0.5, 0.5 - 1e-9]] * (MOST + 1) + [sure]))
    assert MOST + 1 in [answer.place for answer in answers.wrong]
    assert MOST + 1 in answers.pictured


def test_self_confidence_is_summed_by_label_over_right_and_wrong_answers_of_a_fold() -> None:
    found = kept(LABELS, logits(ROWS), folded=True).self_confidence
    assert ((0, 3, round(0.1 + 0.3 + 0.96, 6)), (1, 1, 0.35)) == found


def test_without_folds_no_label_can_be_doubted() -> None:
    assert () == kept(LABELS, logits(ROWS)).self_confidence


def test_images_whose_scores_are_not_finite_are_passed_over() -> None:
    answers = kept([0, 0, 0], torch.tensor([[math.nan, 1.0], [math.inf, 0.0], [0.0, 1.0]]))
    assert ([2], [2], 1) == ([a.place for a in answers.wrong], [a.place for a in answers.unsure], answers.errors)


def test_without_any_finite_score_nothing_is_kept() -> None:
    answers = kept([0, 1], torch.full((2, 2), math.nan), folded=True)
    assert (0, (), (), ()) == (answers.errors, answers.wrong, answers.unsure, answers.pictured)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_a_record_has_a_picture_of_each_pictured_image_as_it_is_stored() -> None:
    data = stored(LABELS)
    answers = answers_of(data, torch.arange(4), logits(ROWS), probabilistic=True, folded=False)
    pictures = pictures_of(answers, data)
    assert len(answers.pictured) == len(pictures)
    for place, picture in zip(answers.pictured, pictures, strict=True):
        assert np.array_equal(data.pixels[place, 0].numpy(), np.asarray(opened(picture.png)))


def test_a_picture_says_what_it_is_and_what_was_said_of_it() -> None:
    data = stored([0, 1], paths=("a/<b>.png", "b/0.png"), names=("a", "b"))
    answers = answers_of(data, torch.arange(2), logits([[0.2, 0.8], [0.1, 0.9]]), probabilistic=True, folded=False)
    picture = pictures_of(answers, data)[0]
    assert ("answer", "a named b") == (picture.name, picture.title)
    assert "a/<b>.png: its label is a, it was named b, probability 0.800." == picture.caption


def test_a_large_picture_is_made_small() -> None:
    data = stored([0, 1], side=224, channels=3)
    answers = answers_of(data, torch.arange(2), torch.eye(2), probabilistic=True, folded=False)
    sizes = {opened(picture.png).size for picture in pictures_of(answers, data)}
    assert {(SIDE, SIDE)} == sizes


def test_images_of_other_than_one_or_three_channels_have_pictures_too() -> None:
    for channels in (2, 4):
        data = stored([0, 1], channels=channels)
        answers = answers_of(data, torch.arange(2), torch.eye(2), probabilistic=True, folded=False)
        assert 2 == len(pictures_of(answers, data))
