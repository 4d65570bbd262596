"""What a plan knows of a GPU, from a worker that only pretends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench.declare.declarations import Accelerator
from bench.execute.accelerator import see_accelerator
from bench.execute.outcome import Outcome
from bench.machine.gpus.gpu import Driver
from tests.answering import Answering

SEEN: dict[str, Any] = {
    "precisions": {"cpu": ["fp32"], "cuda:0": ["fp32", "tf32", "bf16", "fp16"], "cuda:1": ["fp32", "fp16"]},
    "devices": {"cuda:0": {"memory": 80}, "cuda:1": {"memory": 16}},
}


class Probed(Answering):
    """Answers as a worker on a machine with two GPUs; there is none where `outcome` has no details."""

    outcome = Outcome("ok", details=SEEN)

    def __init__(self, fork: bool) -> None:
        super().__init__()

    def answer(self, *_: object) -> Outcome:
        """The outcome."""
        return self.outcome


@pytest.fixture(autouse=True)
def _pretended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bench.execute.accelerator.LocalExecutor", Probed)
    monkeypatch.setattr("bench.execute.accelerator.read_driver", lambda: Driver("580.1", (13, 0)))
    see_accelerator.cache_clear()
    yield
    see_accelerator.cache_clear()


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("cuda", Accelerator(("fp32", "tf32", "bf16", "fp16"), 80)),
        ("cuda:0", Accelerator(("fp32", "tf32", "bf16", "fp16"), 80)),
        ("cuda:1", Accelerator(("fp32", "fp16"), 16)),
        ("cuda:2", None),
        ("cpu", None),
        ("mps", None),
    ],
)
def test_of_several_gpus_it_is_the_one_that_is_named(device: str, expected: Accelerator | None) -> None:
    assert expected == see_accelerator(device)


def test_a_gpu_whose_memory_is_not_told_still_has_its_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {name: value for name, value in SEEN.items() if name == "precisions"}
    monkeypatch.setattr(Probed, "outcome", Outcome("ok", details=told))
    assert Accelerator(("fp32", "fp16"), None) == see_accelerator("cuda:1")


def test_nothing_is_known_where_looking_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probed, "outcome", Outcome("failed", reason="torch is broken"))
    assert see_accelerator("cuda") is None


def test_without_a_driver_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Driver:
        raise OSError("NVML: no driver")

    def refuse(fork: bool) -> Probed:
        raise AssertionError("a process was started")

    monkeypatch.setattr("bench.execute.accelerator.read_driver", missing)
    monkeypatch.setattr("bench.execute.accelerator.LocalExecutor", refuse)
    monkeypatch.setattr("bench.execute.accelerator.version", lambda _: "2.13.0+cu130")
    assert see_accelerator("cuda") is None


def test_a_gpu_of_amd_is_looked_for_without_nvidia_s_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Driver:
        raise OSError("NVML: no driver")

    monkeypatch.setattr("bench.execute.accelerator.read_driver", missing)
    monkeypatch.setattr("bench.execute.accelerator.version", lambda _: "2.13.0+rocm7.1")
    assert Accelerator(("fp32", "tf32", "bf16", "fp16"), 80) == see_accelerator("cuda")
