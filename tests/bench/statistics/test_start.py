"""Whether a training has left chance: three answers, each of which can be reached."""

import pytest

from bench.statistics.start import STALLED, STARTED, TOO_FEW, Start, by_chance, start_of


def test_six_heads_in_six_have_the_chance_of_one_in_sixty_four() -> None:
    assert 1 / 64 == pytest.approx(by_chance(6, 6, 0.5))


def test_no_right_answer_or_more_is_certain() -> None:
    assert 1.0 == by_chance(0, 6, 0.5)


@pytest.mark.parametrize(
    ("right", "n", "chance", "expected"),
    [
        pytest.param(6, 6, 0.5, TOO_FEW, id="all right, which one in 64 is by chance"),
        pytest.param(0, 6, 0.5, TOO_FEW, id="all wrong, where all right would not tell"),
        pytest.param(12, 12, 0.5, STARTED, id="all right, which one in 4096 is by chance"),
        pytest.param(7, 7, 0.5, STARTED, id="the smallest test that all right decides"),
        pytest.param(6, 7, 0.5, TOO_FEW, id="one wrong of it"),
        pytest.param(15, 20, 0.5, TOO_FEW, id="p of chance 0.021, but halfway would not give more"),
        pytest.param(16, 20, 0.5, STARTED, id="p of chance 0.006"),
        pytest.param(10, 20, 0.5, TOO_FEW, id="at chance, p of halfway 0.014"),
        pytest.param(9, 20, 0.5, STALLED, id="below chance, p of halfway 0.004"),
        pytest.param(55, 100, 0.5, STALLED, id="near chance"),
        pytest.param(10, 100, 0.1, STALLED, id="at chance of ten classes"),
        pytest.param(100, 100, 0.95, STARTED, id="all right where one class is nearly all"),
        pytest.param(98, 100, 0.95, TOO_FEW, id="two wrong of it"),
        pytest.param(1, 1, 1.0, TOO_FEW, id="one image is always of the largest class"),
        pytest.param(0, 50, 1.0, TOO_FEW, id="one class alone is no task"),
    ],
)
def test_a_training_has_started_has_not_or_has_too_few_answers(
    right: int, n: int, chance: float, expected: Start
) -> None:
    assert expected == start_of(right, n, chance)
