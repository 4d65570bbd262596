"""What the steps make of records and reports."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bench.cell import Cell
from bench.execute.outcome import Outcome
from bench.store.rows import RecordRow
from tests.gpu_check.__main__ import STEPS, Step, _lines
from tests.gpu_check.bare import Asked
from tests.gpu_check.conftest import quick_session
from tests.gpu_check.costs import alone, device_time
from tests.gpu_check.grid import QUICK, grid
from tests.gpu_check.lines import NOT_REACHED, Line
from tests.gpu_check.machine import lines_of_tests, noticed
from tests.gpu_check.session import CATALOG, Found, memory_of, precisions_of
from tests.gpu_check.trainings import resumed, twice
from tests.rooms import ROOT

REPORT = """<testsuites><testsuite>
<testcase name="good"/><testcase name="bad"><failure message="1 is not 2"/></testcase>
<testcase time="0.000"/><testcase name="none"><skipped message="no CUDA device is seen"/></testcase>
</testsuite></testsuites>"""


def record(cell: Cell, status: str, reason: str = "") -> RecordRow:
    figures = dict.fromkeys(("median", "mean", "p5", "p95", "lowest", "highest"), 0.01 if status == "ok" else None)
    row = {"run": "r", "cell_key": cell.key, "replicate": 0, "status": status, "reason": reason, "unit": "s"}
    rest = {"provenance": "measured", "n": 1, "details": {}, "started": "", "seconds": 1.0, "reused_from": ""}
    return RecordRow(**row, **figures, **rest)  # type: ignore[arg-type]


def test_a_failed_test_has_a_line_of_its_own() -> None:
    lines = {line.what: line for line in lines_of_tests(ElementTree.fromstring(REPORT)) if line.verdict == "fail"}
    assert {"bad": "1 is not 2"} == {name: line.why for name, line in lines.items()}


def test_tests_that_were_skipped_give_their_reason_beside_those_that_passed() -> None:
    found = [
        (n.verdict, n.value, n.why) for n in lines_of_tests(ElementTree.fromstring(REPORT)) if n.verdict != "fail"
    ]
    assert [("pass", "1 passed", ""), ("skip", "1 skipped", "no CUDA device is seen")] == found


def test_a_test_that_was_interrupted_has_not_passed() -> None:
    report = ElementTree.fromstring('<testsuites><testsuite><testcase time="0.000"/></testsuite></testsuites>')
    assert [("note", "0 passed")] == [(line.verdict, line.value) for line in lines_of_tests(report)]


@pytest.mark.parametrize(
    ("status", "verdict"), [("ok", "pass"), ("unsupported", "skip"), ("failed", "fail"), ("oom", "fail")]
)
def test_a_record_decides_about_its_line(status: str, verdict: str, cell: Cell) -> None:
    assert verdict == alone("cost", Found(cell, (record(cell, status),)), "s").verdict


def test_a_cell_without_a_record_was_not_reached(cell: Cell) -> None:
    line = alone("cost", Found(cell, ()), "s")
    assert ("skip", NOT_REACHED) == (line.verdict, line.why)


def test_a_fault_in_a_step_is_a_line_and_keeps_those_before_it() -> None:
    def broken(*_: object) -> Iterator[Line]:
        yield Line("x", "first", "pass")
        raise ZeroDivisionError("no samples")

    found = _lines(Step("x", 1, broken), None, 60.0)  # type: ignore[arg-type]
    assert [("pass", ""), ("fail", "ZeroDivisionError: no samples")] == [(n.verdict, n.why) for n in found]


def test_the_steps_fit_into_the_time() -> None:
    assert 540 >= sum(step.share for step in STEPS)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is seen")
def test_a_device_that_is_not_there_is_wrong_use() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.gpu_check"], capture_output=True, text=True)
    assert (2, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert "no device 'cuda' here" in done.stderr


@pytest.mark.slow
def test_a_training_that_is_killed_goes_on_where_it_was_and_ends_alike(tmp_path: Path) -> None:
    with quick_session("cpu", tmp_path) as session:
        lines = [*twice(session, 120.0), *resumed(session, 120.0)]
    assert ["pass"] * 3 == [line.verdict for line in lines]


@pytest.mark.slow
def test_the_quick_check_of_a_cpu_reaches_every_step_and_writes_its_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.gpu_check", "--device", "cpu", "--quick", "--into", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (0, "") == (done.returncode, done.stderr)
    (folder,) = tmp_path.iterdir()
    rows = (folder / "table.md").read_text().splitlines()[6:]
    assert [step.name for step in STEPS] == list(dict.fromkeys(row.split(" | ")[0].strip("| ") for row in rows))


class Answering:
    """Stands for the process of bare loops: a queued pass takes a fifth of one that is waited for."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def seconds(self, asked: Asked, limit: float) -> list[float]:
        self.asked.append(asked)
        return [0.001 if asked.pipelined else 0.005]


def seen(on_cpu: bool) -> list[Line]:
    """Lines of the step for the quick cells."""
    cells = grid(QUICK, "cpu", 1, ("fp32", "bf16"))
    session = SimpleNamespace(grid=cells, extent=QUICK, on_cpu=on_cpu, bare=Answering())
    return list(device_time(session, 10.0))  # type: ignore[arg-type]


@pytest.mark.usefixtures("declared")
def test_a_pass_that_mostly_waits_for_its_launches_shows_as_a_small_share_of_device_time() -> None:
    assert [("note", 0.2)] * 2 == [(line.verdict, line.ratio) for line in seen(on_cpu=False)]


@pytest.mark.usefixtures("declared")
def test_device_time_is_that_of_the_watched_architecture_in_its_main_precision() -> None:
    assert [(True, True)] * 2 == [("lenet5" in line.what, "bf16" in line.what) for line in seen(on_cpu=False)]


@pytest.mark.usefixtures("declared")
def test_a_cpu_has_no_device_time() -> None:
    assert ["skip"] == [line.verdict for line in seen(on_cpu=True)]


def test_from_a_checkout_that_is_not_installed_the_suites_are_there() -> None:
    script = (
        "import evobench\n"
        "from bench.declare.loading import discovery\n"
        "discovery.entry_points = lambda group: []\n"
        "from bench.declare.catalog import ARCHITECTURES, SUITES\n"
        f"discovery.load_catalogs([{CATALOG!r}])\n"
        "print('resnet50' in ARCHITECTURES, 'cost' in SUITES)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "True True" == done.stdout.strip()


def outcome(**disturbance: object) -> Outcome:
    return Outcome("ok", values=(1.0,), details={"conditions": {"disturbance": disturbance}})


NVML = {"gpu_processes": "NVML: Not Supported"}


@pytest.mark.parametrize(
    ("disturbance", "expected"),
    [
        (
            {"reasons": ["process 7 was at work on the GPU, too"]},
            ("pass", "process 7 was at work on the GPU, too"),
        ),
        ({"reasons": ["its threads waited 9 % of the time"], "unread": {}}, ("fail", "nothing in it does")),
        ({"reasons": [], "neighbours": {"unread": NVML}}, ("skip", "NVML: Not Supported")),
        ({"reasons": [], "unread": {"clock": "no file tells it"}}, ("fail", "nothing in it does")),
    ],
)
def test_a_neighbour_is_noticed_where_a_reason_names_the_gpu_and_not_judged_where_nvml_is_mute(
    disturbance: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert expected == noticed(outcome(**disturbance))


def test_a_gpu_is_known_by_its_index_where_it_was_probed() -> None:
    found = {"precisions": {"cpu": ["fp32"], "cuda:0": ["bf16"], "cuda:1": ["fp16"]}}
    assert [["bf16"], ["fp16"], []] == [precisions_of(found, name) for name in ("cuda", "cuda:1", "cuda:2")]


def test_a_gpu_s_memory_is_known_where_it_was_told() -> None:
    found = {"devices": {"cuda:0": {"memory": 7}}}
    assert [7, None] == [memory_of(found, name) for name in ("cuda", "cuda:1")]
