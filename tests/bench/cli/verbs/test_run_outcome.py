"""How a run ends on the terminal, and how the command ends that is interrupted while it loads."""

import builtins
from pathlib import Path
from typing import Any

import pytest

import evobench.__main__ as entry
from bench.cell import Status
from bench.cli.ending import too_large_or_bad, without_figures
from bench.cli.main import main
from bench.store.rows import RecordRow

WHAT = ("--suite", "counts", "--arch", "lenet5", "--no-report")


def said(store: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert 0 == main(["run", "--store", str(store), *WHAT])
    printed = capsys.readouterr()
    assert "" == printed.out
    return printed.err.splitlines()[-1]


def test_a_run_without_a_report_says_what_it_measured_and_took_over_and_what_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "runs.sqlite"
    first, second = said(store, capsys), said(store, capsys)
    assert ": 3 measured, 0 taken over from earlier runs, 0 failed: evobench show " in first
    assert ": 0 measured, 3 taken over from earlier runs, 0 failed: evobench show " in second
    assert second.endswith(f" --store {store}")


def test_a_run_says_which_weights_are_missing_before_it_measures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = ("--target", "uci-digits", "--mode", "features+softmax", "--measure", "top1", "--seeds", "1")
    what = ("--arch", "lenet5", "--weights", "imagenet", *trained, "--no-report")
    main(["run", "--store", str(tmp_path / "runs.sqlite"), *what])
    lines = capsys.readouterr().err.splitlines()
    plan = next(i for i, line in enumerate(lines) if " to measure, " in line)
    assert "missing: torchvision has no ImageNet weights for lenet5" in lines[:plan]


def of(status: Status, cell: str, reason: str = "") -> RecordRow:
    """A record of a cell, whose other fields do not matter here."""
    return RecordRow(
        run="r",
        cell_key=cell,
        replicate=0,
        status=status,
        reason=reason,
        unit="s",
        provenance="measured",
        n=0,
        median=None,
        mean=None,
        p5=None,
        p95=None,
        lowest=None,
        highest=None,
        details={},
        started="",
        seconds=0.0,
        reused_from="",
    )


@pytest.mark.parametrize(
    ("status", "cell", "expected"),
    [
        ("oom", "on the gpu", (1, 0)),
        ("oom", "on the cpu", (0, 1)),
        ("failed", "on the gpu", (0, 1)),
        ("timeout", "on the gpu", (0, 1)),
        ("unsupported", "on the cpu", (0, 0)),
        ("ok", "on the gpu", (0, 0)),
    ],
)
def test_want_of_memory_is_an_answer_on_a_gpu_and_a_failure_on_the_cpu(
    status: Status, cell: str, expected: tuple[int, int]
) -> None:
    assert expected == too_large_or_bad([of(status, cell)], {"on the gpu"})


def test_a_cell_of_several_processes_that_does_not_fit_counts_once() -> None:
    assert (1, 0) == too_large_or_bad([of("oom", "on the gpu")] * 3, {"on the gpu"})


def test_a_run_in_which_no_cell_gives_a_figure_is_incomplete_and_names_the_most_frequent_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--suite", "cost", "--profile", "smoke", "--arch", "lenet5", "--measure", "train_step,peak_memory"]
    assert 3 == main(["run", "--store", str(tmp_path / "s.sqlite"), *what, "--execution", "onnx", "--no-report"])
    assert "no cell gave a figure: 3 of 4 unsupported: the peak of a process" in capsys.readouterr().err


def test_a_run_that_is_taken_up_again_is_still_without_a_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--suite", "cost", "--profile", "smoke", "--arch", "lenet5", "--measure", "train_step"]
    where = ["run", "--store", str(tmp_path / "s.sqlite"), *what, "--execution", "onnx", "--no-report"]
    assert [3, 3] == [main(where), main([*where, "--resume"])]
    assert 2 == capsys.readouterr().err.count("no cell gave a figure: 1 of 1 unsupported: onnxruntime infers")


def test_a_budget_in_which_nothing_is_measured_says_that_there_is_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 3 == main(["run", "--store", str(tmp_path / "s.sqlite"), *WHAT, "--budget", "1ms"])
    said = capsys.readouterr().err
    assert "no cell gave a figure: none was measured in the time that there was" in said


def test_a_single_figure_is_one() -> None:
    assert "" == without_figures([of("unsupported", "a", "no such thing"), of("ok", "b")])


def test_the_most_frequent_reason_is_told() -> None:
    records = [of("failed", "a", "broken"), *[of("unsupported", name, "not here") for name in "bc"]]
    assert "no cell gave a figure: 2 of 3 unsupported: not here" == without_figures(records)


def test_an_interruption_while_the_command_line_loads_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = builtins.__import__

    def interrupted(name: str, *rest: Any) -> Any:
        if name == "bench.cli.main":
            raise KeyboardInterrupt
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    assert (130, "evobench: interrupted\n") == (entry.main(), capsys.readouterr().err)
