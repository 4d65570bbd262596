"""Which loops the check runs beside each other, and what it says of them."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.gpu_check.bare import Asked
from tests.gpu_check.grid import QUICK, WHOLE
from tests.gpu_check.judged import CAST, LAYOUT, TUNED, Question, judged, questions
from tests.gpu_check.lines import NOT_REACHED, Line

pytestmark = pytest.mark.usefixtures("declared")
ALL = ["fp32", "tf32", "bf16", "fp16"]


class Loops:
    """Stands for the process of bare loops: a loop takes a hundredth of a second an image."""

    def __init__(self, fault: Callable[[Asked], Exception | None] = lambda asked: None) -> None:
        self.asked: list[Asked] = []
        self._fault = fault

    def seconds(self, asked: Asked, limit: float) -> list[float]:
        self.asked.append(asked)
        if error := self._fault(asked):
            raise error
        return [asked.batch / 100]


def session(kinds: list[str] = ALL, device: str = "cuda", loops: Loops | None = None) -> SimpleNamespace:
    extent = QUICK if device == "cpu" else WHOLE
    seen = {"precisions": {"cpu": kinds, "cuda:0": kinds}}
    return SimpleNamespace(extent=extent, device=device, on_cpu=device == "cpu", seen=seen, bare=loops or Loops())


def asked(*arguments: object, **more: object) -> list[Question]:
    return list(questions(session(*arguments, **more)))  # type: ignore[arg-type]


def said(loops: Loops, seconds: float = 100.0) -> list[Line]:
    return list(judged(session(loops=loops), seconds))  # type: ignore[arg-type]


def test_on_a_gpu_casting_autotuning_and_the_order_of_memory_are_asked_about() -> None:
    assert {CAST, TUNED, LAYOUT} == {question.what for question in asked()}


def test_the_two_loops_of_a_question_differ_in_one_condition() -> None:
    pairs = [(vars(question.one), vars(question.other)) for question in asked()]
    assert {1} == {sum(one[name] != other[name] for name in one) for one, other in pairs}


def test_a_gpu_without_bf16_is_asked_about_fp16() -> None:
    found = {q.one.precision for q in asked(["fp32", "fp16"]) if q.what == CAST}
    assert {"fp16_weights"} == found


def test_a_cpu_is_asked_about_what_it_can_answer() -> None:
    found = asked(["fp32", "bf16"], device="cpu")
    assert {CAST, LAYOUT} == {question.what for question in found}
    assert {"lenet5", "resnet18"} >= {question.one.architecture for question in found}


def test_a_loop_that_two_questions_need_runs_once() -> None:
    loops = Loops()
    said(loops)
    assert len(set(loops.asked)) == len(loops.asked) < 2 * len(asked())


def test_an_answer_is_told_and_not_judged() -> None:
    assert {("note", 1.0)} == {(line.verdict, line.ratio) for line in said(Loops())}


def test_what_there_was_no_time_for_is_not_reached() -> None:
    assert {("skip", NOT_REACHED)} == {(line.verdict, line.why) for line in said(Loops(), 0.5)}


def test_a_loop_that_fails_is_told_with_its_reason() -> None:
    def fault(asked: Asked) -> Exception | None:
        return OSError("the bare loop failed: no engine") if asked.autotune else None

    failed = [line for line in said(Loops(fault)) if line.verdict == "fail"]
    assert ["the bare loop failed: no engine"] * len(failed) == [line.why for line in failed]
    assert {TUNED} == {line.what.rpartition(": ")[2] for line in failed}
