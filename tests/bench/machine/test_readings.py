"""Readings of machine and process, from made folders."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.machine.gpus.gpu import Driver, GpuState, read_driver, read_gpu
from bench.machine.readings import Core, Thread, read

PROC = {
    "proc/stat": "cpu  9 9 9 9 9 9 9 9\ncpu0 100 0 50 900 7 0 0 10 5 0\ncpu1 300 0 0 900 0 0 0 0 0 0\nintr 5\n",
    "proc/loadavg": "0.91 0.59 0.47 2/97 12500\n",
    "proc/cpuinfo": "processor : 0\ncpu MHz\t\t: 2000.000\nprocessor : 1\ncpu MHz\t\t: 3000.000\n",
    "proc/self/task/7/schedstat": "1500000000 250000000 24\n",
    "proc/self/task/8/schedstat": "500000000 0 3\n",
    "proc/self/cgroup": "0::/cell\n",
    "proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 total=0\n",
    "proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    "proc/pressure/io": "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\n",
    "sys/fs/cgroup/cell/cpu.stat": "usage_usec 9\nnr_throttled 4\nthrottled_usec 400000\n",
    "sys/class/thermal/thermal_zone0/temp": "41000\n",
    "sys/class/hwmon/hwmon0/temp1_input": "67500\n",
    "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "2\n",
    "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count": "1\n",
}


def write(root: Path, **more: str) -> Path:
    for name, text in (PROC | more).items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A made machine of two CPUs, on which everything can be read."""
    return write(tmp_path)


def look(root: Path, *cpus: int) -> Any:
    return read(1.0, root=root, cpus=cpus or (0, 1))


def test_where_everything_can_be_read_nothing_is_excused(machine: Path) -> None:
    assert {} == look(machine).unread


def test_on_an_empty_machine_everything_is_none_with_its_reason(tmp_path: Path) -> None:
    reading = look(tmp_path)
    unreadable = {"cores", "threads", "load", "throttled", "pressure", "clock", "temperature", "slowdowns"}
    assert (unreadable, {None}) == (set(reading.unread), {getattr(reading, name) for name in unreadable})


def test_a_system_that_does_not_tell_its_settings_is_an_empty_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sysconf")  # as on Windows
    assert look(tmp_path).cores is None


def test_a_reason_names_the_file_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    assert "/proc/loadavg: No such file or directory" == look(tmp_path).unread["load"]


def test_busy_time_is_all_that_is_not_idle_and_stolen_time_apart(machine: Path) -> None:
    assert {"cpu0": Core(busy=1.6, stolen=0.1), "cpu1": Core(busy=3.0, stolen=0.0)} == look(machine).cores


def test_only_the_cpus_that_the_process_may_use_are_looked_at(machine: Path) -> None:
    assert ["cpu1"] == list(look(machine, 1).cores)


def test_each_thread_tells_how_long_it_ran_and_waited(machine: Path) -> None:
    assert {"7": Thread(ran=1.5, waited=0.25), "8": Thread(ran=0.5, waited=0.0)} == look(machine).threads


def test_a_kernel_that_counts_no_waiting_says_so(machine: Path) -> None:
    for thread in ("7", "8"):
        (machine / f"proc/self/task/{thread}/schedstat").write_text("0 0 0\n")
    assert "this kernel does not count how long threads wait" == look(machine).unread["threads"]


def test_a_thread_that_ends_meanwhile_is_left_out(machine: Path) -> None:
    (machine / "proc/self/task/9").mkdir()
    assert {"7", "8"} == set(look(machine).threads)


def test_the_load_is_that_of_1_5_and_15_minutes(machine: Path) -> None:
    assert (0.91, 0.59, 0.47) == look(machine).load


def test_the_own_cgroup_tells_how_often_and_how_long_it_was_throttled(machine: Path) -> None:
    assert (4, 0.4) == look(machine).throttled


def test_pressure_is_in_seconds(machine: Path) -> None:
    assert {"cpu": 1.5, "memory": 0.0, "io": 2.0} == look(machine).pressure


def test_pressure_of_the_own_cgroup_outranks_that_of_the_machine(machine: Path) -> None:
    (machine / "sys/fs/cgroup/cell/cpu.pressure").write_text("some avg10=0.00 total=250000\n")
    assert 0.25 == look(machine).pressure["cpu"]


def test_without_cpufreq_the_clock_is_that_of_cpuinfo(machine: Path) -> None:
    assert 2.5e9 == look(machine).clock


def test_the_clock_of_cpufreq_is_in_hertz(machine: Path) -> None:
    folder = machine / "sys/devices/system/cpu/cpu0/cpufreq"
    folder.mkdir(parents=True)
    (folder / "scaling_cur_freq").write_text("1800000\n")
    assert 1.8e9 == look(machine).clock


def test_the_temperature_is_that_of_the_hottest_sensor(machine: Path) -> None:
    assert 67.5 == look(machine).temperature


def test_a_sensor_that_is_off_is_passed_over(machine: Path) -> None:
    (machine / "sys/class/hwmon/hwmon0/temp1_input").write_text("nonsense\n")
    assert 41.0 == look(machine).temperature


def test_slowdowns_for_heat_are_those_of_all_cores(machine: Path) -> None:
    assert 3 == look(machine).slowdowns


def test_what_is_no_number_is_not_read(machine: Path) -> None:
    (machine / "proc/loadavg").write_text("busy\n")
    assert look(machine).load is None


def nvml(**answers: Any) -> SimpleNamespace:
    """A stand-in for `pynvml` that knows one GPU."""
    functions = {
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByUUID": lambda uuid: uuid,
        "nvmlDeviceGetClockInfo": lambda handle, what: 1755,
        "nvmlDeviceGetTemperature": lambda handle, sensor: 83,
        "nvmlDeviceGetCurrentClocksThrottleReasons": lambda handle: 0x01 | 0x40,
        "nvmlDeviceGetMigMode": lambda handle: [0, 0],
        "nvmlDeviceGetViolationStatus": lambda handle, policy: SimpleNamespace(
            violationTime={0: 40_000_000_000, 1: 2_500_000_000}[policy]
        ),
    }
    return SimpleNamespace(**(functions | answers))


def refuse(*_: object) -> None:
    raise RuntimeError("Not Supported")


def test_a_gpu_tells_clock_temperature_and_what_slows_it_down() -> None:
    slowed_by = ("idle", "thermal slowdown by the hardware")
    expected = GpuState(clock=1.755e9, temperature=83, slowed_by=slowed_by, hot=2.5, capped=40.0)
    assert expected == read_gpu("cuda", nvml(), "GPU-1")


def test_the_newer_name_of_the_slowing_reasons_is_asked_where_it_is_known() -> None:
    newer = nvml(nvmlDeviceGetCurrentClocksEventReasons=lambda handle: 0x80)
    assert ("power brake",) == read_gpu("cuda", newer, "GPU-1").slowed_by


def test_what_a_gpu_does_not_tell_is_none_with_its_reason() -> None:
    gpu = read_gpu("cuda", nvml(nvmlDeviceGetViolationStatus=refuse), "GPU-1")
    unread = dict.fromkeys(("gpu_hot", "gpu_capped"), "NVML: Not Supported")
    assert (None, None, unread) == (gpu.hot, gpu.capped, gpu.unread)


def test_limits_of_the_board_are_told_by_their_names() -> None:
    limited = nvml(nvmlDeviceGetCurrentClocksEventReasons=lambda handle: 0x600)
    assert ("board limit", "reliability limit") == read_gpu("cuda", limited, "GPU-1").slowed_by


def test_the_state_of_a_gpu_is_not_taken_for_that_of_its_slice() -> None:
    with pytest.raises(OSError, match="slice of a GPU"):
        read_gpu("cuda", nvml(nvmlDeviceGetMigMode=lambda handle: [1, 1]), "GPU-1")


def test_without_a_driver_the_gpu_cannot_be_read_and_the_reason_is_nvml_s() -> None:
    with pytest.raises(OSError, match="NVML: Not Supported"):
        read_gpu("cuda", nvml(nvmlInit=refuse), "GPU-1")


def test_the_driver_tells_its_version_and_the_cuda_that_it_runs() -> None:
    asked = nvml(nvmlSystemGetDriverVersion=lambda: "550.54.15", nvmlSystemGetCudaDriverVersion=lambda: 12040)
    assert Driver("550.54.15", (12, 4)) == read_driver(asked)


def test_without_nvml_there_is_no_driver_and_its_reason_is_told() -> None:
    with pytest.raises(OSError, match="NVML: Not Supported"):
        read_driver(nvml(nvmlInit=refuse))
