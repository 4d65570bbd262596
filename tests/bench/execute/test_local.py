"""One job, one process, one outcome."""

import io
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.cell import Cell, Cost, Picture
from bench.errors import EvobenchError
from bench.execute.jobs import Given, Measure
from bench.execute.local.death import last_words
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "tiny.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    local = LocalExecutor([CATALOG])
    yield local
    local.close()


MB = 10**6


def job(architecture: str, measure: str = "latency", threads: int = 1, memory_limit: int | None = None) -> Measure:
    cell = Cell(architecture, measure, Cost(mode="infer", resolution=16, threads=threads))
    return Measure(cell, 0.01, Given(memory_limit=memory_limit))


def outcome(executor: LocalExecutor, architecture: str, limit: float = 60, **conditions: object) -> Outcome:
    return finish(executor, job(architecture, **conditions), limit)  # type: ignore[arg-type]


def test_a_cell_that_can_be_measured_is_ok(executor: LocalExecutor) -> None:
    assert "ok" == outcome(executor, "tiny").status


def test_each_job_has_a_process_of_its_own(executor: LocalExecutor) -> None:
    first = outcome(executor, "tiny", measure="process_id").values[0]
    second = outcome(executor, "tiny", measure="process_id").values[0]
    assert len({first, second, float(os.getpid())}) == 3


def test_the_processes_of_two_jobs_come_from_one_server(executor: LocalExecutor) -> None:
    first = outcome(executor, "tiny", measure="process_id").values[1]
    assert first == outcome(executor, "tiny", measure="process_id").values[1]


@pytest.mark.parametrize("threads", [1, 2])
def test_torch_uses_the_threads_of_the_scenario(executor: LocalExecutor, threads: int) -> None:
    assert float(threads) == outcome(executor, "tiny", measure="process_id", threads=threads).values[2]


def test_a_picture_comes_from_its_process_byte_by_byte(executor: LocalExecutor) -> None:
    found = outcome(executor, "tiny", measure="drawing")
    every_byte = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    assert (Picture("dot", "A dot", "It is gray.", every_byte),) == found.pictures


def test_a_picture_that_is_too_large_is_the_measures_fault(executor: LocalExecutor) -> None:
    found = outcome(executor, "tiny", measure="overdrawing")
    assert "failed" == found.status
    assert "pictures[0].png must be a PNG file of 200 kB or less" in found.reason


def test_the_conditions_in_force_are_in_the_details(executor: LocalExecutor) -> None:
    conditions = outcome(executor, "tiny").details["conditions"]
    assert (1, 1) == (conditions["threads"], conditions["interop_threads"])


def test_the_cpus_that_the_cell_may_run_on_are_in_the_details(executor: LocalExecutor) -> None:
    assert sorted(os.sched_getaffinity(0)) == outcome(executor, "tiny").details["conditions"]["cpus"]


def test_an_exception_is_a_failure_with_its_line(executor: LocalExecutor) -> None:
    found = outcome(executor, "raising")
    assert ("failed", True) == (found.status, "ValueError: expected 3 channels (tiny.py:" in found.reason)


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ("leaving", "SystemExit: enough (tiny.py:"),
        ("panicking", "Panic: of its own (tiny.py:"),
        ("speechless", "Speechless: its words cannot be had: Panic (tiny.py:"),
    ],
)
def test_what_is_not_an_exception_is_a_failure_with_its_line_too(
    executor: LocalExecutor, architecture: str, words: str
) -> None:
    found = outcome(executor, architecture)
    assert ("failed", True) == (found.status, words in found.reason), found.reason


def test_a_crash_is_a_failure_with_its_signal(executor: LocalExecutor) -> None:
    assert Outcome("failed", "crashed with SIGSEGV") == outcome(executor, "crashing")


@pytest.mark.parametrize(("architecture", "expected"), [("tiny", False), ("raising", False), ("crashing", True)])
def test_an_outcome_tells_whether_its_process_ended_without_a_result(
    executor: LocalExecutor, architecture: str, expected: bool
) -> None:
    assert expected == outcome(executor, architecture).killed


def test_an_allocation_beyond_the_machine_is_out_of_memory(executor: LocalExecutor) -> None:
    assert "oom" == outcome(executor, "greedy").status


def test_a_sigkill_that_the_kernel_tells_nothing_of_is_out_of_memory(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.execute.local.death.oom_kills", lambda: None)
    assert "oom" == outcome(executor, "killed").status


@pytest.mark.parametrize(("counts", "status"), [((3, 4, 4, 5), "oom"), ((3, 3, 3, 3), "failed")])
def test_the_kernel_s_count_tells_its_own_kill_from_another(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch, counts: tuple[int, ...], status: str
) -> None:
    told = iter(counts)  # before and after each of the two times that it is begun
    monkeypatch.setattr("bench.execute.local.death.oom_kills", lambda: next(told))
    assert status == outcome(executor, "killed").status


def test_memory_beyond_the_limit_is_out_of_memory_and_names_the_limit(executor: LocalExecutor) -> None:
    found = outcome(executor, "tiny", measure="hoard", memory_limit=100 * MB)
    assert ("oom", True) == (found.status, found.reason.endswith("; its memory limit is 100 MB"))


@pytest.mark.parametrize("limit", [None, 300 * MB])
def test_memory_below_the_limit_is_had(executor: LocalExecutor, limit: int | None) -> None:
    assert "ok" == outcome(executor, "tiny", measure="hoard", memory_limit=limit).status


def test_the_limit_is_that_of_one_job(executor: LocalExecutor) -> None:
    outcome(executor, "tiny", measure="hoard", memory_limit=100 * MB)
    assert "ok" == outcome(executor, "tiny", measure="hoard").status


def test_the_threads_of_a_limited_job_are_started_before_it_counts(executor: LocalExecutor) -> None:
    assert "ok" == outcome(executor, "tiny", measure="pools", threads=2, memory_limit=16 * MB).status


@pytest.mark.parametrize(("limit", "status"), [(105 * MB, "oom"), (1000 * MB, "failed"), (None, "failed")])
def test_a_crash_is_out_of_memory_only_at_the_limit(
    executor: LocalExecutor, limit: int | None, status: str
) -> None:
    assert status == outcome(executor, "tiny", measure="hoard_to_a_crash", memory_limit=limit).status


@pytest.mark.parametrize("limit", [None, 300 * MB])
def test_a_model_s_own_error_stays_one_below_the_limit(executor: LocalExecutor, limit: int | None) -> None:
    assert "failed" == outcome(executor, "ambiguous", memory_limit=limit).status


def test_a_limit_for_a_device_that_has_none_is_unsupported(executor: LocalExecutor) -> None:
    cell = Cell("tiny", "hoard", Cost(mode="infer", resolution=16, device="mps"))
    found = finish(executor, Measure(cell, 0.01, Given(memory_limit=MB)), 60)
    assert ("unsupported", True) == (
        found.status,
        "a memory limit is for cells on a CPU or on CUDA" in found.reason,
    )


def test_what_disturbed_a_cell_is_in_its_conditions(executor: LocalExecutor) -> None:
    disturbance = outcome(executor, "tiny").details["conditions"]["disturbance"]
    assert 0.0 < disturbance["ran"] <= 2 * disturbance["seconds"]


def test_a_process_that_leaves_without_a_result_has_failed(executor: LocalExecutor) -> None:
    assert Outcome("failed", "ended with exit code 7 without a result") == outcome(executor, "exiting")


def test_a_job_beyond_its_limit_is_killed(executor: LocalExecutor) -> None:
    assert Outcome("timeout", "ended after its limit of 1 s") == outcome(executor, "hanging", limit=1)


def test_the_last_words_of_an_earlier_job_are_not_those_of_a_crash(executor: LocalExecutor) -> None:
    outcome(executor, "talkative")
    assert Outcome("failed", "crashed with SIGSEGV") == outcome(executor, "crashing")


def test_what_a_model_prints_does_not_disturb_the_frames(executor: LocalExecutor) -> None:
    assert "ok" == outcome(executor, "talkative").status


def test_the_server_outlives_every_failure_of_a_job(executor: LocalExecutor) -> None:
    before = outcome(executor, "tiny", measure="process_id").values[1]
    for name in ("raising", "crashing", "killed", "exiting"):
        outcome(executor, name)
    assert before == outcome(executor, "tiny", measure="process_id").values[1]


def test_progress_of_a_job_reaches_the_driver(executor: LocalExecutor) -> None:
    seen: list[dict[str, object]] = []
    finish(executor, job("tiny", "process_id"), 60, seen.append)
    assert [{"event": "progress", "step": 1}] == seen


def test_closing_leaves_no_process_behind() -> None:
    executor = LocalExecutor([CATALOG])
    server = int(outcome(executor, "tiny", measure="process_id").values[1])
    executor.close()
    assert not psutil.pid_exists(server)


def test_where_forking_is_unsafe_a_job_gets_an_interpreter_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")  # as on Windows
    executor = LocalExecutor([CATALOG], fork=False)
    first = outcome(executor, "tiny", measure="process_id")
    second = outcome(executor, "tiny", measure="process_id")
    executor.close()
    assert [float(os.getpid())] * 2 == [first.values[1], second.values[1]]


def test_a_catalogue_that_does_not_load_is_an_error_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import no_such_module_anywhere\n")
    executor = LocalExecutor([str(tmp_path / "broken.py")])
    with pytest.raises(Exception, match="no_such_module_anywhere"):
        outcome(executor, "tiny")
    executor.close()


def test_a_folder_of_the_same_name_where_the_user_stands_is_not_taken_for_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").write_text("raise RuntimeError('not the engine')\n")
    monkeypatch.chdir(tmp_path)
    executor = LocalExecutor([CATALOG])
    status = outcome(executor, "tiny").status
    executor.close()
    assert "ok" == status


@pytest.mark.parametrize(
    "warning",
    [
        "/lib/fvcore.py:12: FutureWarning: `torch.jit.script` is deprecated\n  warnings.warn(\n",
        "/lib/mine.py:7: UserWarning: a line of code is not always known\n",
        "[W1128 16:00:00.123456789 NNPACK.cpp:62] Could not initialize NNPACK!\n",
        "W1128 16:00:00.123 7 torch/_inductor/utils.py:1679] Not enough SMs\n",
    ],
)
def test_the_last_words_of_a_process_are_not_those_of_a_warning(warning: str) -> None:
    assert "abort: no such operator" == last_words(io.BytesIO(f"abort: no such operator\n{warning}".encode()))


def test_a_process_that_only_warned_has_no_last_words() -> None:
    assert "" == last_words(io.BytesIO(b"/lib/a.py:1: UserWarning: odd\n  warnings.warn(\n"))


STARTS_CUDA = "import torch\ntorch.cuda.is_initialized = lambda: True\n"


def test_a_catalogue_that_starts_cuda_where_processes_are_forked_is_named(tmp_path: Path) -> None:
    (tmp_path / "starts.py").write_text(STARTS_CUDA)
    executor = LocalExecutor([CATALOG, str(tmp_path / "starts.py")])
    with pytest.raises(EvobenchError, match=r"did not start: catalogue '.*starts\.py' starts CUDA"):
        outcome(executor, "tiny")
    executor.close()


def test_a_catalogue_may_start_cuda_where_nothing_is_forked(tmp_path: Path) -> None:
    (tmp_path / "starts.py").write_text(STARTS_CUDA)
    executor = LocalExecutor([CATALOG, str(tmp_path / "starts.py")], fork=False)
    status = outcome(executor, "tiny").status
    executor.close()
    assert "ok" == status
