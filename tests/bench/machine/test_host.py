"""The fingerprint: what makes two hosts comparable."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from bench.machine import host as host_module
from bench.machine.gpus.gpu import Driver
from bench.machine.gpus.identity import Identity
from bench.machine.host import (
    PROBED,
    _cpu,
    _environment,
    _settings,
    available_cpus,
    fingerprint,
    host_key,
    measured_on,
    probe_accelerator,
)

SEEN: dict[str, Any] = {"torch_build": "2.13.0", "cuda": None, "driver": None, "gpus": [], "mps": False}


def host(**changes: Any) -> dict[str, Any]:
    return {**fingerprint(SEEN), **changes}


def test_the_same_host_has_the_same_key() -> None:
    assert host_key(host()) == host_key(host())


@pytest.mark.parametrize(
    "change",
    [{"cpu": "another"}, {"cores": 96}, {"gpus": ["A GPU"]}, {"driver": "1.2"}, {"versions": {"torch": "3"}}],
    ids=lambda change: next(iter(change)),
)
def test_other_hardware_or_software_has_another_key(change: dict[str, Any]) -> None:
    assert host_key(host()) != host_key(host(**change))


PLAIN: dict[str, Any] = {
    "cpu": "A CPU",
    "cpu_flags": "0123456789abcdef",
    "cores": 2,
    "memory_gib": 16,
    "system": "Linux",
    "release": "6.1",
    "machine": "x86_64",
    "python": "3.11.9",
    "versions": {"torch": "2.13.0", "numpy": "2.3.0"},
    "git": "abc",
    "torch_build": "2.13.0+cpu",
    "cuda": None,
    "cudnn": None,
    "driver": None,
    "gpus": [],
    "mps": False,
    "cpu_capability": "AVX2",
}
"""A host without a GPU, as runs have kept it."""


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({}, "fd6f40542b34b4d4"),
        ({"hip": None, "devices": {}}, "fd6f40542b34b4d4"),
        ({"flags": {"environment": {"OMP_WAIT_POLICY": "PASSIVE"}}}, "72d26ab774382251"),
    ],
)
def test_a_host_without_a_gpu_keeps_the_key_that_its_kept_runs_have(later: dict[str, Any], expected: str) -> None:
    assert expected == host_key({**PLAIN, **later})


H100: dict[str, Any] = {"name": "H100", "memory": 80 << 30, "power_limit": 700.0, "uuid": "GPU-1"}
T4: dict[str, Any] = {"name": "T4", "memory": 15 << 30, "power_limit": 70.0, "uuid": "GPU-2"}


def on(*devices: str, **gpus: dict[str, Any]) -> dict[str, Any]:
    """The host of cells on these devices, on a machine with these GPUs."""
    seen = {name.replace("_", ":"): gpu for name, gpu in gpus.items()}
    names = [gpu["name"] for gpu in seen.values()]
    found = {**SEEN, "cuda": "13.0", "driver": "580", "gpus": names, "devices": seen}
    return fingerprint(measured_on(found, devices))


def test_a_gpu_that_is_hidden_leaves_the_host_of_the_measured_one() -> None:
    alone = on("cuda", cuda_0=H100)
    assert host_key(alone) == host_key(on("cuda:0", cuda_0=H100, cuda_1={**H100, "uuid": "GPU-9"}))


def test_the_measured_gpu_is_told_by_name_memory_and_power_limit() -> None:
    assert ["H100, 80 GiB, 700 W"] == on("cpu", "cuda:1", cuda_0=T4, cuda_1=H100)["gpus"]


@pytest.mark.parametrize("change", [{"power_limit": 350.0}, {"memory": 94 << 30}, {"name": "H200"}])
def test_another_gpu_or_power_limit_is_another_host(change: dict[str, Any]) -> None:
    assert host_key(on("cuda", cuda_0=H100)) != host_key(on("cuda", cuda_0={**H100, **change}))


def test_which_of_two_equal_gpus_it_is_is_recorded_and_the_same_host() -> None:
    here, there = on("cuda", cuda_0=H100), on("cuda", cuda_0={**H100, "uuid": "GPU-9"})
    assert (host_key(here), "GPU-9") == (host_key(there), there["devices"]["cuda:0"]["uuid"])


def test_cells_on_the_cpu_have_the_host_that_a_machine_without_a_gpu_is() -> None:
    assert host_key(fingerprint(SEEN)) == host_key(on("cpu", cuda_0=H100))


def test_a_probe_of_a_revision_that_knows_no_identities_is_taken_by_its_names() -> None:
    old = {**SEEN, "cuda": "13.0", "gpus": ["H100"]}
    assert ["H100"] == fingerprint(measured_on(old, ["cuda"]))["gpus"]


def test_a_rocm_is_a_part_of_the_key() -> None:
    assert host_key(host()) != host_key(host(hip="7.0"))


def test_the_driver_is_nvml_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "read_driver", lambda: Driver("580.65.06", (13, 0)))
    monkeypatch.setattr(host_module, "identify", lambda device: Identity("H100", 1, 1, "9.0"))
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "H100")
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda _: (9, 0))
    monkeypatch.setattr("torch.version.cuda", "13.0")
    assert "580.65.06" == probe_accelerator()["driver"]


def test_a_new_revision_of_the_code_is_the_same_host() -> None:
    assert host_key(host()) == host_key(host(git="another"))


def test_the_versions_of_what_computes_are_recorded() -> None:
    assert {"torch", "torchvision", "numpy"} <= set(host()["versions"])


def test_at_least_one_cpu_is_available() -> None:
    assert 1 <= available_cpus()


def test_a_variable_that_changes_speed_is_another_host() -> None:
    flags = {"environment": {"OMP_WAIT_POLICY": "PASSIVE"}}
    assert host_key(host(flags={"environment": {}})) != host_key(host(flags=flags))


@pytest.mark.parametrize(
    "flags", [{}, {"governor": "powersave", "environment": {}}, {"environment": {"OPENBLAS_CORETYPE": "Haswell"}}]
)
def test_a_host_has_the_key_that_it_had_before_flags_were_recorded(flags: dict[str, Any]) -> None:
    former = {name: value for name, value in host().items() if name != "flags"}
    assert host_key(former) == host_key(host(flags=flags))


def test_variables_that_change_speed_are_recorded_and_others_are_not() -> None:
    variables = {
        "OMP_WAIT_POLICY": "PASSIVE",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "LD_PRELOAD": "libjemalloc.so",
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "1",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VERSION": "12.4",
        "TORCH_HOME": "/somewhere",
        "USER": "me",
    }
    assert ["LD_PRELOAD", "OMP_WAIT_POLICY", "ONEDNN_MAX_CPU_ISA"] == sorted(_environment(variables))


def test_the_machine_s_settings_are_read_where_there_are_any(tmp_path: Path) -> None:
    folder = tmp_path / "sys/devices/system/cpu/cpu0/cpufreq"
    folder.mkdir(parents=True)
    (folder / "scaling_governor").write_text("performance\n")
    found = _settings(tmp_path)
    assert ("performance", None) == (found["governor"], found["smt"])


def test_the_quota_of_the_control_group_is_among_the_settings(tmp_path: Path) -> None:
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("150000 100000")
    assert 1.5 == _settings(tmp_path)["cpu_quota"]


def test_a_cpu_has_the_name_and_the_flags_of_cpuinfo(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: A CPU\nflags\t\t: sse avx\n")
    assert ("A CPU", ["avx", "sse"]) == _cpu(tmp_path / "cpuinfo")


def test_two_arm_cpus_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("Features\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n")
    name, features = _cpu(tmp_path / "cpuinfo")
    assert (True, ["asimd", "fp"]) == (name.endswith(" 0x41 0xd40"), features)


def test_the_cpu_computes_in_all_precisions_but_nvidia_s() -> None:
    assert {"fp32", "bf16", "fp16"} == set(probe_accelerator()["precisions"]["cpu"])


def test_a_device_that_is_not_there_has_no_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert {"cpu", "mps"} == set(probe_accelerator()["precisions"])


@pytest.mark.parametrize(
    ("device", "expected"), [("cuda:0", ["fp32", "tf32", "bf16", "fp16"]), ("cuda:1", ["fp32", "fp16"])]
)
def test_each_gpu_computes_in_what_its_generation_knows(
    monkeypatch: pytest.MonkeyPatch, device: str, expected: list[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "A GPU")
    monkeypatch.setattr("torch.cuda.get_device_capability", [(9, 0), (7, 5)].__getitem__)
    monkeypatch.setattr(host_module, "identify", lambda device: Identity(device, 1, 1, "9.0"))
    assert expected == probe_accelerator()["precisions"][device]


def _too_old() -> bool:
    words = "CUDA initialization: The NVIDIA driver on your system is too old (found version 12040)."
    warnings.warn(f"{words} (Triggered internally at /torch/CUDAFunctions.cpp:119.)", stacklevel=2)
    return False


def test_why_no_gpu_is_seen_is_told_in_torch_s_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", _too_old)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    expected = "CUDA initialization: The NVIDIA driver on your system is too old (found version 12040)."
    assert expected == probe_accelerator()["no_cuda"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"CUDA_VISIBLE_DEVICES": ""}, "CUDA_VISIBLE_DEVICES is ''"), ({}, "its driver knows of none")],
)
def test_gpus_that_are_hidden_are_told_from_none(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert expected == probe_accelerator()["no_cuda"]


def test_a_build_for_cpus_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: False)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "this build of torch is for CPUs" == probe_accelerator()["no_cuda"]


def test_a_gpu_that_refuses_itself_leaves_the_rest_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> str:
        raise RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable")

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_name", refuse)
    found = probe_accelerator()
    assert ([], "CUDA error: all CUDA-capable devices are busy or unavailable") == (
        found["gpus"],
        found["no_cuda"],
    )


BESIDE: dict[str, Any] = {"precisions": {"cpu": ["fp32"]}, "cuda_build": "13.0", "no_cuda": "its driver is old"}


def test_what_identifies_the_host_is_found_by_looking_at_the_accelerator() -> None:
    assert set(PROBED) == probe_accelerator().keys() - BESIDE.keys()


def test_what_follows_from_the_rest_is_no_part_of_the_fingerprint() -> None:
    assert fingerprint(SEEN) == fingerprint({**SEEN, **BESIDE})
