"""Which GPU a device is, by a torch and an NVML that are made up."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bench.machine.gpus.identity import Identity, described, identify
from bench.machine.gpus.nvml import SLICE

KNOWN: dict[str, Any] = {
    "name": "NVIDIA H100",
    "memory": 80 << 30,
    "multiprocessors": 132,
    "capability": "9.0",
}


@pytest.fixture(autouse=True)
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch sees one."""
    found = SimpleNamespace(
        name="NVIDIA H100", total_memory=80 << 30, multi_processor_count=132, major=9, minor=0, uuid="1"
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", {"cuda:0": found}.__getitem__)


def nvml(**answers: Any) -> SimpleNamespace:
    """A stand-in for `pynvml` that knows one GPU by the name of `GPU-1`."""
    functions = {
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByUUID": {"GPU-1": "handle"}.__getitem__,
        "nvmlDeviceGetMigMode": lambda handle: [0, 1],
        "nvmlDeviceGetPowerManagementLimit": lambda handle: 650_000,
        "nvmlDeviceGetMaxClockInfo": lambda handle, what: {1: 1980}[what],
        "nvmlDeviceGetEccMode": lambda handle: [1, 1],
        "nvmlDeviceGetPersistenceMode": lambda handle: 0,
        "nvmlDeviceGetComputeMode": lambda handle: 3,
    }
    return SimpleNamespace(**(functions | answers))


def refuse(*_: object) -> None:
    raise RuntimeError("Not Supported")


def test_a_gpu_is_told_by_torch_and_its_settings_by_nvml() -> None:
    expected = Identity(
        **KNOWN,
        uuid="GPU-1",
        power_limit=650.0,
        max_clock=1.98e9,
        ecc=True,
        mig=False,
        persistence=False,
        compute_mode="exclusive",
    )
    assert expected == identify("cuda:0", nvml())


def test_a_setting_that_a_gpu_does_not_have_is_none_with_its_reason() -> None:
    found = identify("cuda:0", nvml(nvmlDeviceGetEccMode=refuse))
    assert (None, {"ecc": "NVML: Not Supported"}, 650.0) == (found.ecc, found.unread, found.power_limit)


def test_without_nvml_what_torch_knows_is_told() -> None:
    assert Identity(**KNOWN, unread={"settings": "Not Supported"}) == identify("cuda:0", nvml(nvmlInit=refuse))


def test_the_settings_of_a_gpu_are_not_taken_for_those_of_its_slice() -> None:
    sliced = nvml(nvmlDeviceGetMigMode=lambda handle: [1, 1])
    assert Identity(**KNOWN, unread={"settings": SLICE}) == identify("cuda:0", sliced)


def test_a_gpu_of_amd_is_not_looked_for_in_nvml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", "7.0")
    found = identify("cuda:0", nvml(nvmlInit=lambda: pytest.fail("NVML was asked")))
    assert {"settings": "this torch is built for ROCm, whose GPUs NVML does not know"} == found.unread


@pytest.mark.parametrize(
    ("limit", "expected"), [(699.6, "NVIDIA H100, 80 GiB, 700 W"), (None, "NVIDIA H100, 80 GiB")]
)
def test_a_gpu_is_described_by_what_decides_its_speed(limit: float | None, expected: str) -> None:
    assert expected == described({**KNOWN, "power_limit": limit})
