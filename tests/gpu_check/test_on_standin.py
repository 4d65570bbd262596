"""The steps of the check on a GPU that is made up: jobs run in this process, bare loops are answered for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from bench.cell import Cost
from bench.execute.frames import Frame
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome, outcome_of
from bench.execute.underway import Progress
from bench.execute.work import worker
from tests.answering import Answering
from tests.gpu_check import machine
from tests.gpu_check import session as session_module
from tests.gpu_check.bare import Asked
from tests.gpu_check.conftest import quick_session
from tests.gpu_check.costs import cost, device_time, energy, memory, records
from tests.gpu_check.judged import judged
from tests.gpu_check.lines import Line
from tests.gpu_check.session import Session, precisions_of
from tests.standin.card import Card, Neighbour
from tests.standin.cuda import StandIn, stand_in


class InProcess(Answering):
    """An executor that does each job where it is asked to."""

    def __init__(self, catalogs: Sequence[str] = ()) -> None:
        """Catalogues are loaded already."""
        super().__init__()

    def answer(self, job: Job, progress: Progress) -> Outcome:
        """What becomes of it."""
        frames: list[Frame] = []

        def send(frame: Frame) -> None:
            frames.append(frame)
            if frame["event"] == "progress":
                progress(frame)

        worker.perform(job, send)
        return outcome_of(frames[-1])


class Loops:
    """Stands for the process of bare loops."""

    def seconds(self, asked: Asked, limit: float) -> list[float]:
        return [0.001]

    def start(self, device: str, limit: float) -> tuple[float, float]:
        return 1.0, 2.0

    def close(self) -> None:
        """There is no process to end."""


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions do their jobs in this process."""
    monkeypatch.setattr(session_module, "LocalExecutor", InProcess)


@pytest.fixture
def session(cuda: StandIn, kept_process: None, executor: None, tmp_path: Path) -> Iterator[Session]:
    with quick_session("cuda", tmp_path) as made:
        made.bare = Loops()  # type: ignore[assignment]
        yield made


Step = Callable[[Session, float], Iterable[Line]]
slow = pytest.mark.slow


@pytest.mark.parametrize(
    "step", [device_time, energy, judged, *(pytest.param(step, marks=slow) for step in (machine.machine, memory))]
)
def test_a_step_goes_through_on_a_gpu(session: Session, step: Step) -> None:
    lines = list(step(session, 100.0))
    assert {"pass", "note"} >= {line.verdict for line in lines}, lines
    assert all(line.value for line in lines)


@slow
def test_each_cell_of_cost_has_a_figure_on_a_gpu(session: Session, cuda: StandIn) -> None:
    cuda.launching = 0.002  # ten samples and more in the seconds of a cell
    lines = list(cost(session, 1000.0))
    assert len(session.grid.cost) == len(lines)
    assert all(line.value for line in lines)
    assert {"pass", "note"} == {line.verdict for line in records(session, 1.0)}


@pytest.mark.parametrize(("neighbours", "expected"), [([], ("pass", "0")), ([Neighbour(7)], ("note", "1"))])
def test_who_else_is_on_the_gpu_is_counted(
    session: Session, cuda: StandIn, neighbours: list[Neighbour], expected: tuple[str, str]
) -> None:
    cuda.cards[0].neighbours += neighbours
    line = machine._neighbours(session, 100.0)
    assert expected == (line.verdict, line.value)


def test_the_check_begins_on_a_second_gpu_too(kept_process: None, tmp_path: Path, executor: None) -> None:
    with stand_in(Card(), Card("Tesla T4", (7, 5))), quick_session("cuda:1", tmp_path) as made:
        assert ["fp32", "fp16"] == precisions_of(made.seen, made.device)
        scenarios = [step.planned.cell.scenario for step in made.grid.cost]
        assert {"fp32", "fp16"} == {where.precision for where in scenarios if isinstance(where, Cost)}
