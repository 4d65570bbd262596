"""Steps that look at the machine: what is here, the tests of the GPU, who else is on it, a second GPU."""

from __future__ import annotations

import argparse
import io
import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from bench.cell import Cell, Cost
from bench.cli.verbs.doctor import VERB as DOCTOR
from bench.execute.outcome import Outcome
from bench.run.driving.disturbed import reasons_of
from tests.gpu_check.grid import neighboured
from tests.gpu_check.lines import NOT_REACHED, Band, Line, Verdict, compared, shown
from tests.gpu_check.session import Session, precisions_of

ROOT = Path(__file__).parents[2]
SAME_CARDS = Band(0.10, "two cards of one name differ by a few percent; a device not waited for, by a multiple")
ENDING = 10.0
"""Seconds in which tests that are interrupted must end."""
NEIGHBOUR = """
import sys, torch
torch.set_num_threads(1)
x = torch.rand(1024, 1024, device=sys.argv[1])
print("ready", flush=True)
while True:
    (x @ x).sum().item()
"""


def machine(session: Session, seconds: float) -> Iterator[Line]:
    """What evobench finds here, how long the device's context takes, and what else uses the GPU."""
    yield doctor(session)
    seen = session.seen
    gpus = ", ".join(seen["gpus"]) or "no GPU"
    precisions = ", ".join(precisions_of(seen, session.device))
    yield Line(
        "machine", "device", "note", session.device, why=f"{gpus}; torch {seen['torch_build']}; {precisions}"
    )
    try:
        context, first = session.bare.start(session.device, seconds)
        yield Line("machine", "context of the device in a fresh process", "note", shown(context, "s"))
        yield Line("machine", "its first convolution and product", "note", shown(first, "s"))
    except OSError as error:
        yield Line("machine", "context of the device in a fresh process", "fail", why=str(error))
    yield _neighbours(session, seconds)


def doctor(session: Session) -> Line:
    """What `evobench doctor` misses here."""
    parser = argparse.ArgumentParser()
    DOCTOR.configure(parser)
    printed = io.StringIO()
    with redirect_stdout(printed):
        DOCTOR.run(parser.parse_args(["--store", str(session.folder / "none.sqlite"), "--format", "json"]))
    rows = [tuple(row.values()) for row in json.loads(printed.getvalue())]
    missing = [f"{what}: {found}" for what, verdict, found in rows if verdict == "missing"]
    why = "; ".join(missing)
    return Line("machine", "evobench doctor", "fail" if missing else "pass", f"{len(missing)} missing", why=why)


def _neighbours(session: Session, seconds: float) -> Line:
    what = "other processes on the GPU"
    cell = Cell("lecture_cnn", "neighbours", Cost(mode="infer", resolution=28, device=session.device))
    outcome = session.submitted(cell, 1.0, seconds)
    if outcome.status == "unsupported":
        return Line("machine", what, "skip", why=outcome.reason)
    if outcome.status != "ok":
        return Line("machine", what, "fail", why=outcome.reason)
    number, held = outcome.values[0], outcome.details["bytes"]
    why = f"they hold {shown(held, 'B')}: what follows is of a shared GPU" if number else ""
    return Line("machine", what, "note" if number else "pass", f"{number:.0f}", why=why)


def gpu_tests(session: Session, seconds: float) -> Iterator[Line]:
    """The tests that are marked `gpu`; only their files are collected, so that no other package is needed."""
    marked = [path for path in (ROOT / "tests").rglob("test_*.py") if "mark.gpu" in path.read_text()]
    files = sorted(
        marked, key=lambda path: (path.parent.name != "gpu_check", path)
    )  # what weighs most comes first
    report = session.folder / "gpu-tests.xml"
    options = ["-n", "0", "-m", "gpu", "-p", "no:cacheprovider", f"--junitxml={report}"]
    names = [str(path.relative_to(ROOT)) for path in files]
    command = [sys.executable, "-m", "pytest", *options, *names]
    said = _until(command, seconds)
    if said is None:
        yield Line("tests", "those that are not told of", "skip", why=NOT_REACHED)
    if report.exists():
        yield from lines_of_tests(ElementTree.parse(report).getroot())
    elif said is not None:
        yield Line("tests", "tests marked gpu", "fail", why=said or "pytest ended without a word")


def _until(command: list[str], seconds: float) -> str | None:
    """The last line that pytest says; None: it did not end in time, and was interrupted to report what is done."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as tests:
        try:
            words, _ = tests.communicate(timeout=max(1.0, seconds - ENDING))
        except subprocess.TimeoutExpired:
            tests.send_signal(signal.SIGINT)
            try:
                tests.communicate(timeout=ENDING)
            except subprocess.TimeoutExpired:
                tests.kill()
            return None
    return next(reversed(words.strip().splitlines()), "")


def lines_of_tests(report: ElementTree.Element) -> Iterator[Line]:
    """A line for all that passed, one for each that did not, from a report in the form of JUnit."""
    passed, skipped = 0, []
    # one that was interrupted has no name, and no fault either
    for case in (case for case in report.iter("testcase") if case.get("name")):
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        left_out = case.find("skipped")
        if bad is not None:
            yield Line("tests", case.get("name", ""), "fail", why=bad.get("message", "")[:300])
        elif left_out is not None:
            skipped.append(left_out.get("message", ""))
        else:
            passed += 1
    if passed:
        yield Line("tests", "tests marked gpu", "pass", f"{passed} passed")
    if skipped:
        reasons = "; ".join(sorted(set(skipped)))
        yield Line("tests", "tests marked gpu", "skip", f"{len(skipped)} skipped", why=reasons)
    if not (passed or skipped):
        yield Line("tests", "tests marked gpu", "note", "0 passed", why="all that ran failed, or none ran")


def neighbour(session: Session, seconds: float) -> Iterator[Line]:
    """The same cell alone and beside a second process that keeps the device busy: is that noticed?"""
    cell = busy_cell(session)
    alone = next((row.median for row in session.store.records(session.run.id) if row.cell_key == cell.key), None)
    if not alone:
        yield Line("neighbour", str(cell), "skip", why="its figure alone was not reached")
        return
    with busy(session.device):
        outcome = session.submitted(cell, session.extent.timing, seconds)
    if outcome.status != "ok":
        yield Line("neighbour", str(cell), "skip", why=f"{outcome.status}: {outcome.reason}")
        return
    beside = sorted(outcome.values)[len(outcome.values) // 2]
    band = Band(0.0, "how much the other process costs", judged=False)
    yield compared("neighbour", f"{cell} beside another process", beside, alone, "1/s", band)
    verdict, why = noticed(outcome)
    yield Line("neighbour", "the record tells of it", "note" if session.on_cpu else verdict, why=why)


def noticed(outcome: Outcome) -> tuple[Verdict, str]:
    """Whether a record tells of another process on the GPU; NVML may not be able to, as in a container."""
    reasons = [words for words in reasons_of(outcome) if "on the GPU" in words]
    if reasons:
        return "pass", "; ".join(reasons)
    unread = _unread(outcome.details["conditions"]["disturbance"])
    return ("skip", "; ".join(unread)) if unread else ("fail", "nothing in it does")


def _unread(found: Any) -> list[str]:
    """What NVML could not tell, wherever in a disturbance that stands."""
    if not isinstance(found, dict):
        return []
    own = [str(why) for why in found.get("unread", {}).values() if "NVML" in str(why)]
    return list(dict.fromkeys([*own, *(why for part in found.values() for why in _unread(part))]))


def second_gpu(session: Session, seconds: float) -> Iterator[Line]:
    """The same cell on `cuda:1` and `cuda`, where there are two."""
    gpus = session.seen["gpus"]
    if session.on_cpu or len(gpus) < 2:
        yield Line("second GPU", "cuda:1 against cuda", "skip", why=f"{len(gpus)} GPUs are seen here")
        return
    here = busy_cell(session)
    rates = []
    for device in ("cuda:0", "cuda:1"):
        outcome = session.submitted(neighboured(here, device), session.extent.timing, seconds / 2)
        if outcome.status != "ok":
            yield Line("second GPU", str(neighboured(here, device)), "fail", why=outcome.reason)
            return
        rates.append(sorted(outcome.values)[len(outcome.values) // 2])
    band = SAME_CARDS if gpus[0] == gpus[1] else Band(0.0, f"{gpus[1]} against {gpus[0]}", judged=False)
    yield compared("second GPU", "cuda:1 against cuda:0", rates[1], rates[0], "1/s", band)


def busy_cell(session: Session) -> Cell:
    """The rate of a batch by the architecture that fills the device best."""
    name = session.extent.trained[-1]
    cells = [step.planned.cell for step in session.grid.cost]
    return next(cell for cell in cells if (cell.architecture, cell.measure) == (name, "throughput"))


@contextmanager
def busy(device: str) -> Iterator[None]:
    """A second process that multiplies matrices on the device."""
    command = [sys.executable, "-c", NEIGHBOUR, device]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()
