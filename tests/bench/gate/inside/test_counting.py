"""What counts the instructions of a step, with an event that every Linux counts, and callgrind's files."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.gate.inside import counting
from bench.gate.inside.counting import WARM, Counting, Emulated, Retired
from bench.gate.inside.instructions import CPU_CLOCK, Counter
from bench.remote import EvobenchError

DUMP = """# callgrind format
version: 1
creator: callgrind-3.19.0
part: 1

events: Ir

fn=(1) main
12 400
calls=1 0
12 600

totals: 1000
summary: 1000
"""


class Core:
    """torch's requests to valgrind: it writes a file of callgrind's where it is told to."""

    def __init__(self, folder: Path, text: str = DUMP) -> None:
        self.toggled = 0
        self._folder, self._text = folder, text

    def _valgrind_supported_platform(self) -> bool:
        return True

    def _valgrind_toggle(self) -> None:
        self.toggled += 1

    def _valgrind_toggle_and_dump_stats(self) -> None:
        (self._folder / f"{os.getpid()}.{self.toggled}").write_text(self._text)


@pytest.fixture(autouse=True)
def instrumented(monkeypatch: pytest.MonkeyPatch) -> None:
    """No valgrind is asked."""
    monkeypatch.setattr(counting, "_instrument", lambda _: None)


def with_core(monkeypatch: pytest.MonkeyPatch, core: Any) -> None:
    torch = type("Torch", (), {"_C": core})
    monkeypatch.setattr(counting, "load", lambda _: torch)


def test_callgrinds_sum_is_what_a_call_takes_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_core(monkeypatch, Core(tmp_path))
    counts = Emulated(tmp_path)
    assert [1000, 1000] == [counts.of(lambda: None) for _ in range(2)]


def test_files_of_other_processes_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_core(monkeypatch, Core(tmp_path))
    (tmp_path / f"{os.getpid()}1.1").write_text(DUMP)
    assert 1000 == Emulated(tmp_path).of(lambda: None)
    assert [f"{os.getpid()}1.1"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize("text", ["", "summary:\n", "summary: many\n"])
def test_a_file_without_a_sum_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    with_core(monkeypatch, Core(tmp_path, text))
    with pytest.raises(EvobenchError, match="callgrind wrote no sum of instructions"):
        Emulated(tmp_path).of(lambda: None)


def test_a_torch_that_cannot_speak_to_valgrind_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_core(monkeypatch, object())
    with pytest.raises(EvobenchError, match="its torch was built without the requests to valgrind"):
        Emulated(tmp_path)


def test_the_processor_counts_more_where_more_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "Counter", lambda: Counter(CPU_CLOCK))
    try:
        counts = Retired()
    except EvobenchError as error:
        pytest.skip(str(error))
    assert counts.of(lambda: None) < counts.of(lambda: sum(range(1_000_000)))


def test_a_processor_that_does_not_count_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "Counter", lambda: Counter((99, 99)))
    with pytest.raises(EvobenchError, match="instructions are not counted here"):
        Retired()


def test_each_process_counts_the_same_calls() -> None:
    class Calls:
        """Counts which call it is."""

        def of(self, call: Any) -> int:
            call()
            return len(done)

    done: list[int] = []
    sent: list[Any] = []
    clock = Counting(3, Calls, "cpu", sent.append)
    clock.sample(partial(done.append, 0))
    assert [WARM + 1, WARM + 2, WARM + 3] == clock.found
    assert 3 == len(sent)
