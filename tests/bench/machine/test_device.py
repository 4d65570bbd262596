"""What a job does with its device and its arithmetic before it computes. `torch.cuda` is a stand-in."""

import os
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bench.cell import Cell, Cost, Samples
from bench.declare.artifact import PRODUCERS, Artifact, Report, Shelf, producer
from bench.declare.catalog import MEASURES, measure
from bench.errors import UsageError
from bench.execute.jobs import Check, Job, Make, Measure, Probe
from bench.execute.local.process import environment_of_server
from bench.execute.work import measuring, worker
from bench.machine import device as device_module
from bench.machine.device import (
    NVML_CHECK,
    computes_in,
    indexed,
    precision_in_force,
    prepare,
    refuse_started_cuda,
    see_only,
    set_precision,
)
from bench.machine.process import conditions
from tests.standin.cuda import restore_arithmetic

FULL = {"tf32_matmul": False, "tf32_cudnn": False}
BACKENDS: Any = torch.backends
SWITCH = next(iter(NVML_CHECK))


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """Number formats are torch's own before and after: cuDNN uses TF32."""
    restore_arithmetic()
    yield
    restore_arithmetic()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What has been asked of CUDA, in order."""
    seen: list[object] = []
    monkeypatch.setattr(torch.cuda, "set_device", lambda index: seen.append(("current", index)))
    monkeypatch.setattr(torch, "zeros", lambda size, device: seen.append(("allocated on", device)))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: seen.append(("waited for", device)))
    return seen


@pytest.mark.parametrize(("device", "index"), [("cuda:1", 1), ("cuda", 0)])
def test_the_context_is_made_on_the_device_of_the_job(calls: list[object], device: str, index: int) -> None:
    prepare(device)
    assert [("current", index), ("allocated on", device), ("waited for", device)] == calls


def test_a_job_on_the_cpu_does_not_touch_cuda(calls: list[object]) -> None:
    prepare("cpu")
    assert [] == calls


def _generic_tf32() -> None:
    BACKENDS.fp32_precision = "tf32"


def _cudnn_tf32() -> None:
    BACKENDS.cudnn.fp32_precision = BACKENDS.cudnn.conv.fp32_precision = "tf32"


def _older_flags() -> None:
    torch.set_float32_matmul_precision("high")
    BACKENDS.cudnn.allow_tf32 = True


SETTINGS = [_generic_tf32, _cudnn_tf32, _older_flags, lambda: None]


@pytest.mark.parametrize("set_by_catalogue", SETTINGS)
def test_fp32_is_full_whatever_a_catalogue_has_set(set_by_catalogue: Callable[[], None]) -> None:
    set_by_catalogue()
    set_precision("fp32")
    assert FULL == precision_in_force()
    assert (False, False) == (BACKENDS.cuda.matmul.allow_tf32, BACKENDS.cudnn.allow_tf32)


@pytest.mark.parametrize("set_by_catalogue", SETTINGS)
def test_tf32_holds_in_products_and_convolutions(set_by_catalogue: Callable[[], None]) -> None:
    set_by_catalogue()
    set_precision("tf32")
    assert {"tf32_matmul": True, "tf32_cudnn": True} == precision_in_force()
    assert (True, True) == (BACKENDS.cuda.matmul.allow_tf32, BACKENDS.cudnn.allow_tf32)


def test_products_on_a_cpu_are_in_full_precision_though_a_catalogue_asks_for_less() -> None:
    torch.set_float32_matmul_precision("medium")
    set_precision()
    assert "ieee" == BACKENDS.mkldnn.matmul.fp32_precision


def test_conditions_are_read_though_a_catalogue_has_set_formats_that_disagree() -> None:
    set_precision()
    BACKENDS.cudnn.conv.fp32_precision = "tf32"
    with pytest.raises(RuntimeError, match="mix of the legacy and new APIs"):
        _ = BACKENDS.cudnn.allow_tf32
    found = conditions("cuda")
    assert (False, True) == (found["tf32_matmul"], found["tf32_cudnn"])


class _WarningFlags:
    """Flags as torch 2.9 has them: setting the older one warns."""

    def __init__(self) -> None:
        self.given: bool | None = None

    @property
    def allow_tf32(self) -> bool | None:
        """The older flag."""
        return self.given

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        warnings.warn("Please use the new API settings to control TF32 behavior", stacklevel=2)
        self.given = value


def test_the_older_flags_are_set_without_a_word_where_torch_warns_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    matmul, cudnn = _WarningFlags(), _WarningFlags()
    formats = {name: SimpleNamespace() for name in ("matmul", "conv", "rnn")}
    for name in ("conv", "rnn"):
        setattr(cudnn, name, SimpleNamespace())
    backends = SimpleNamespace(cuda=SimpleNamespace(matmul=matmul), cudnn=cudnn, mkldnn=SimpleNamespace(**formats))
    monkeypatch.setattr(device_module, "_backends", lambda: backends)
    set_precision("tf32")
    assert (True, True) == (matmul.given, cudnn.given)


def test_each_gpu_is_asked_for_what_it_computes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    capabilities = {"cuda:0": (9, 0), "cuda:1": (7, 5)}
    monkeypatch.setattr(torch.cuda, "get_device_capability", capabilities.__getitem__)
    assert [True, False] == [computes_in("bf16", device) for device in capabilities]
    assert [True, False] == [computes_in("tf32", device) for device in capabilities]


def test_every_gpu_computes_in_fp32_and_fp16() -> None:
    assert [True, True] == [computes_in(precision, "cuda:0") for precision in ("fp32", "fp16")]


def test_tf32_is_no_format_of_amd_s_gpus_whatever_their_capability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", "7.0")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    assert [False, True] == [computes_in(precision, "cuda:0") for precision in ("tf32", "bf16")]


@pytest.mark.parametrize(
    ("device", "expected"), [("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu"), ("mps", "mps")]
)
def test_the_first_gpu_has_its_index(device: str, expected: str) -> None:
    assert expected == indexed(device)


@pytest.fixture
def in_jobs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, bool]]:
    """The number formats in force where a measure and a producer, declared for one test, compute."""
    seen: list[dict[str, bool]] = []
    for registry in (MEASURES, PRODUCERS):
        monkeypatch.setattr(registry, "_items", dict(registry._items))
        monkeypatch.setattr(registry, "_places", dict(registry._places))
    for module in (worker, measuring):
        monkeypatch.setattr(module, "pin_threads", lambda threads: None)
    monkeypatch.setattr(measuring, "keep_freed_memory", lambda: False)

    @measure(unit="s", better="lower")
    def device_formats(subject: object, clock: object) -> Samples:
        seen.append(precision_in_force())
        return Samples((1.0,))

    @producer
    def device_product(artifact: Artifact, shelf: Shelf, report: Report) -> None:
        seen.append(precision_in_force())

    return seen


def test_an_artifact_is_made_in_full_precision(in_jobs: list[dict[str, bool]]) -> None:
    worker.perform(Make(Artifact("device_product", ()), 1), lambda frame: None)
    assert [FULL] == in_jobs


def test_an_artifact_is_made_in_the_precision_that_it_is_addressed_by(in_jobs: list[dict[str, bool]]) -> None:
    artifact = Artifact("device_product", (("precision", "tf32"),))
    worker.perform(Make(artifact, 1), lambda frame: None)
    assert [{"tf32_matmul": True, "tf32_cudnn": True}] == in_jobs


def test_a_cell_is_measured_in_its_precision(in_jobs: list[dict[str, bool]]) -> None:
    cell = Cell("net", "device_formats", Cost(mode="infer", resolution=8, precision="bf16"))
    worker.perform(Measure(cell, 1.0), lambda frame: None)
    assert [FULL] == in_jobs


@pytest.mark.usefixtures("in_jobs")
def test_claims_are_checked_in_full_precision() -> None:
    worker.perform(Check((), 1), lambda frame: None)
    assert FULL == precision_in_force()


@pytest.mark.usefixtures("in_jobs")
@pytest.mark.parametrize(
    "job",
    [
        Measure(Cell("net", "device_formats", Cost(mode="infer", resolution=8, device="cuda:1")), 1.0),
        Make(Artifact("device_product", (("device", "cuda:1"),)), 1),
    ],
)
def test_a_job_makes_its_context_before_it_does_anything_else(
    calls: list[object], job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "read", lambda at, device: calls.append("read the machine"))
    monkeypatch.setattr(measuring, "sight", lambda device: None)
    monkeypatch.setattr(measuring, "_limit", lambda *_: calls.append("limited the memory"))
    worker.perform(job, lambda frame: None)
    assert [("current", 1), ("allocated on", "cuda:1"), ("waited for", "cuda:1")] == calls[:3]
    assert "limited the memory" in calls


def test_who_else_is_on_the_gpu_is_looked_at_before_there_is_a_context(
    calls: list[object], in_jobs: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "sight", lambda device, since=None: calls.append(("looked at", device)))
    cell = Cell("net", "device_formats", Cost(mode="infer", resolution=8, device="cuda:1"))
    worker.perform(Measure(cell, 1.0), lambda frame: None)
    assert [("looked at", "cuda:1"), ("current", 1)] == calls[:2]
    assert ("looked at", "cuda:1") == calls[-1]


def test_a_catalogue_that_starts_cuda_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with pytest.raises(UsageError, match=r"^catalogue 'mine\.py' starts CUDA when it is imported"):
        refuse_started_cuda("catalogue 'mine.py'")


def test_a_process_that_has_not_started_cuda_may_be_forked() -> None:
    refuse_started_cuda("catalogue 'mine.py'")


@pytest.mark.parametrize(("forks", "expected"), [(True, "1"), (False, None)])
def test_a_server_that_forks_asks_nvml_for_gpus(forks: bool, expected: str | None) -> None:
    assert expected == environment_of_server([], forks).get(SWITCH)


def test_a_job_asks_cuda_itself_for_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")
    seen: list[bool] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: seen.append(torch.cuda._nvml_based_avail()))
    worker.perform(Probe(), lambda frame: None)
    assert {False} == set(seen)


@pytest.mark.parametrize(
    ("visible", "device", "expected"),
    [
        (None, "cuda:1", "1"),
        ("", "cuda:1", "1"),
        ("4,7", "cuda:1", "7"),
        ("4,7", "", "4,7"),
        ("GPU-a, GPU-b", "cuda:1", "GPU-b"),
    ],
)
def test_a_process_sees_the_gpu_that_it_is_dealt_alone(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, device: str, expected: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible or "")
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    see_only(device)
    assert expected == os.environ["CUDA_VISIBLE_DEVICES"]
