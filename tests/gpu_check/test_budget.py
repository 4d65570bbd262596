"""How the minutes are divided."""

from tests.gpu_check.budget import Budget


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_step_has_its_share_of_the_time() -> None:
    clock = Clock()
    budget = Budget(80.0, [1, 3], clock)
    assert 20.0 == budget.granted(0)
    clock.now += 20
    assert 60.0 == budget.granted(1)


def test_what_a_step_leaves_over_goes_to_those_after_it() -> None:
    clock = Clock()
    budget = Budget(80.0, [2, 1, 1], clock)
    clock.now += 10
    assert 35.0 == budget.granted(1)


def test_a_step_that_took_too_long_takes_from_those_after_it() -> None:
    clock = Clock()
    budget = Budget(80.0, [1, 1, 1], clock)
    clock.now += 70
    assert 5.0 == budget.granted(1)


def test_after_the_deadline_nothing_is_granted() -> None:
    clock = Clock()
    budget = Budget(80.0, [1, 1], clock)
    clock.now += 81
    assert 0.0 == budget.granted(1)
