"""What NVML tells of a GPU, by a module that is made up."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bench.errors import Unsupported
from bench.machine.gpus.nvml import SLICE, NvmlGpu, uuid_of

SLICE_WORDS = re.escape(SLICE)


def fake_nvml(**names: Callable[..., Any] | int) -> SimpleNamespace:
    """A module like `pynvml` that knows one GPU, with these functions and constants."""

    class NVMLError(Exception):
        pass

    def find(uuid: str) -> str:
        if uuid != "GPU-1":
            raise NVMLError("Not Found")
        return "handle"

    known: dict[str, Any] = {
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByUUID": find,
        "nvmlDeviceGetMigMode": lambda handle: [0, 0],
    }
    return SimpleNamespace(NVMLError=NVMLError, **{**known, **names})


def listing(*processes: tuple[int, int | None]) -> SimpleNamespace:
    """NVML with processes by id and bytes."""
    found = [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in processes]
    return fake_nvml(nvmlDeviceGetComputeRunningProcesses=lambda _: found)


def test_joules_are_thousandths_of_the_counter() -> None:
    module = fake_nvml(nvmlDeviceGetTotalEnergyConsumption=lambda handle: {"handle": 2500}[handle])
    assert 2.5 == NvmlGpu("GPU-1", module).joules()


def test_a_gpu_without_a_counter_of_energy_is_unsupported_with_its_words() -> None:
    def refuse(handle: str) -> int:
        raise module.NVMLError("Not Supported")

    module = fake_nvml(nvmlDeviceGetTotalEnergyConsumption=refuse)
    with pytest.raises(Unsupported, match="NVML cannot read the GPU's energy: Not Supported"):
        NvmlGpu("GPU-1", module).joules()


def test_nvml_tells_the_memory_of_the_process_that_is_asked_for() -> None:
    assert 7 == NvmlGpu("GPU-1", listing((1, 5), (2, 7))).bytes_of(2)


def test_a_process_that_nvml_does_not_list_is_told_so() -> None:
    with pytest.raises(Unsupported, match="lists no process of this id, as in a container"):
        NvmlGpu("GPU-1", listing((1, 5))).bytes_of(2)


def test_a_process_whose_memory_nvml_does_not_know_is_told_so() -> None:
    with pytest.raises(Unsupported, match="without its memory"):
        NvmlGpu("GPU-1", listing((2, None))).bytes_of(2)


def test_the_temperature_is_in_degrees_celsius() -> None:
    asked = fake_nvml(NVML_TEMPERATURE_GPU=0, nvmlDeviceGetTemperature=lambda handle, sensor: 40 + sensor)
    assert 40 == NvmlGpu("GPU-1", asked).celsius()


def test_a_temperature_that_nvml_does_not_tell_is_none() -> None:
    def refuse(handle: str, sensor: int) -> int:
        raise module.NVMLError("Not Supported")

    module = fake_nvml(NVML_TEMPERATURE_GPU=0, nvmlDeviceGetTemperature=refuse)
    assert NvmlGpu("GPU-1", module).celsius() is None


def test_a_gpu_that_nvml_does_not_know_is_unsupported_with_its_words() -> None:
    with pytest.raises(Unsupported, match="NVML cannot find the GPU: Not Found"):
        NvmlGpu("GPU-2", fake_nvml())


def test_a_slice_with_a_name_of_its_own_is_told_from_a_gpu_that_nvml_does_not_know() -> None:
    def find(uuid: str) -> str:
        if uuid != "MIG-1":
            raise module.NVMLError("Not Found")
        return "slice"

    module = fake_nvml(nvmlDeviceGetHandleByUUID=find)
    with pytest.raises(Unsupported, match=SLICE_WORDS):
        NvmlGpu("GPU-1", module)


def test_the_energy_of_a_gpu_is_not_taken_for_that_of_its_slice() -> None:
    with pytest.raises(Unsupported, match=SLICE_WORDS):
        NvmlGpu("GPU-1", fake_nvml(nvmlDeviceGetMigMode=lambda handle: [1, 1]))


def test_a_gpu_that_cannot_be_sliced_is_whole() -> None:
    def refuse(handle: str) -> None:
        raise module.NVMLError("Not Supported")

    module = fake_nvml(nvmlDeviceGetMigMode=refuse, nvmlDeviceGetTotalEnergyConsumption=lambda handle: 1000)
    assert 1.0 == NvmlGpu("GPU-1", module).joules()


def test_nvml_is_not_asked_for_a_gpu_of_amd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", "7.0")
    with pytest.raises(Unsupported, match="built for ROCm"):
        uuid_of("cuda")


def test_a_machine_without_a_driver_is_unsupported_with_its_words() -> None:
    def refuse() -> None:
        raise module.NVMLError("Driver Not Loaded")

    module = fake_nvml(nvmlInit=refuse)
    with pytest.raises(Unsupported, match="NVML cannot find the GPU: Driver Not Loaded"):
        NvmlGpu("GPU-1", module)


def test_a_gpu_is_named_by_its_uuid_since_indices_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    uuids = {"cuda": "a", "cuda:1": "b"}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid=uuids[device]))
    assert "GPU-b" == uuid_of("cuda:1")


def test_without_cuda_no_gpu_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Unsupported, match="torch sees no CUDA device"):
        uuid_of("cuda")


def test_the_real_library_without_a_driver_is_unsupported_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynvml

    def refuse() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", refuse)
    with pytest.raises(Unsupported, match="NVML cannot find the GPU: NVML Shared Library Not Found"):
        NvmlGpu("GPU-1")
