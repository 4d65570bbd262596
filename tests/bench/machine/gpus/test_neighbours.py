"""Who else is on a GPU, by a module for NVML that is made up."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from bench.machine.gpus.neighbours import UNNUMBERED, Neighbour, Sighting, neighbours, sight

OWN, OTHER, LATER = 10, 20, 30


class NvmlError(Exception):
    """As NVML's: with a number."""

    def __init__(self, value: int) -> None:
        super().__init__("Not Found" if value == 6 else "Not Supported")
        self.value = value


def process(pid: int, memory: int | None = 5) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=memory)


def sample(pid: int, share: int, at: int = 2000) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, smUtil=share, timeStamp=at)


def nvml(samples: list[SimpleNamespace] | Exception = NvmlError(6), **answers: Any) -> SimpleNamespace:  # noqa: B008
    """A stand-in for `pynvml` that knows one GPU with a desktop and a computing process."""

    def utilization(handle: str, since: int) -> list[SimpleNamespace]:
        if isinstance(samples, Exception):
            raise samples
        return [one for one in samples if one.timeStamp > since]

    functions = {
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByUUID": lambda uuid: uuid,
        "nvmlDeviceGetMigMode": lambda handle: [0, 0],
        "nvmlDeviceGetUtilizationRates": lambda handle: SimpleNamespace(gpu=40),
        "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(used=700),
        "nvmlDeviceGetGraphicsRunningProcesses": lambda handle: [process(7, 1)],
        "nvmlDeviceGetComputeRunningProcesses": lambda handle: [process(8, None)],
        "nvmlDeviceGetProcessUtilization": utilization,
    }
    return SimpleNamespace(**(functions | answers))


def look(module: SimpleNamespace, since: int | None = 1000) -> Sighting:
    found = sight("cuda", since, module, "GPU-1")
    assert found is not None
    return found


def test_who_computes_and_who_draws_are_both_on_the_gpu() -> None:
    assert {7: 1, 8: None} == look(nvml()).holding


def test_memory_and_utilisation_are_those_of_the_whole_gpu() -> None:
    found = look(nvml())
    assert (700, 0.4) == (found.used, found.utilisation)


def test_who_has_computed_is_told_by_the_last_of_the_samples_since_then() -> None:
    assert {8: 0.5} == look(nvml([sample(8, 50, 3000), sample(8, 90, 2000), sample(9, 80, 900)])).working


def test_places_of_the_list_that_nothing_was_written_into_are_left_out() -> None:
    assert {} == look(nvml([sample(0, 0), sample(8, 4_000_000_000)])).working


@pytest.mark.parametrize("value", [0, 6])
def test_where_nvml_has_no_samples_nobody_has_computed(value: int) -> None:
    found = look(nvml(NvmlError(value)))
    assert ({}, {}) == (found.working, found.unread)


def test_a_gpu_that_does_not_tell_who_computes_says_so() -> None:
    found = look(nvml(NvmlError(3)))
    assert (None, "NVML: Not Supported") == (found.working, found.unread["gpu_work_of_processes"])


def test_this_process_is_among_its_own() -> None:
    assert os.getpid() in look(nvml()).own


def test_a_device_that_is_no_gpu_of_cuda_has_no_neighbours() -> None:
    assert sight("cpu") is None
    assert neighbours(None, None) is None


def test_without_nvml_nobody_is_seen_and_its_reason_is_told() -> None:
    def refuse() -> None:
        raise NvmlError(9)

    assert {"neighbours": "NVML: Not Supported"} == look(nvml(nvmlInit=refuse)).unread


def seen(
    *holding: int, working: dict[int, float] | None = None, own: int = OWN, unread: dict[str, str] | None = None
) -> Sighting:
    """Processes that hold 5 bytes each."""
    return Sighting(1, dict.fromkeys(holding, 5), working or {}, 700, 0.4, frozenset({own}), unread or {})


def told(before: Sighting, after: Sighting) -> tuple[Neighbour, ...] | None:
    found = neighbours(before, after)
    assert found is not None
    return found.processes


def test_one_that_was_there_before_and_computes_is_a_neighbour() -> None:
    assert (Neighbour(OTHER, 5, 0.6),) == told(seen(OTHER), seen(OTHER, OWN, working={OTHER: 0.6, OWN: 0.4}))


def test_one_that_came_meanwhile_is_a_neighbour() -> None:
    assert (Neighbour(LATER, 5, 0.6),) == told(seen(), seen(OWN, LATER, working={LATER: 0.6}))


def test_one_that_has_gone_is_a_neighbour_of_its_last_sample() -> None:
    assert (Neighbour(OTHER, 5, 0.6),) == told(seen(OTHER), seen(OWN, working={OTHER: 0.6}))


def test_the_cell_that_was_measured_before_is_none() -> None:
    assert () == told(seen(), seen(OWN, working={99: 0.9, OWN: 0.1}))


def test_one_that_merely_holds_memory_is_told_and_not_at_work() -> None:
    found = neighbours(seen(OTHER), seen(OTHER, OWN))
    assert found is not None
    assert ((Neighbour(OTHER, 5, 0.0),), ()) == (found.processes, found.at_work)


@pytest.mark.parametrize(("share", "expected"), [(0.04, 0), (0.05, 1)])
def test_the_windows_of_a_desktop_are_not_at_work(share: float, expected: int) -> None:
    found = neighbours(seen(OTHER), seen(OTHER, OWN, working={OTHER: share}))
    assert found is not None
    assert expected == len(found.at_work)


def test_in_a_container_only_those_are_told_that_were_there_before_its_own_context() -> None:
    found = neighbours(seen(OTHER), seen(OTHER, 4711, working={OTHER: 0.3, 4711: 0.7}))
    assert found is not None
    assert ((Neighbour(OTHER, 5, 0.3),), UNNUMBERED) == (found.processes, found.unread["neighbours"])


def test_in_a_container_that_hides_all_processes_nobody_can_be_told() -> None:
    found = neighbours(seen(), seen())
    assert found is not None
    assert (None, UNNUMBERED) == (found.processes, found.unread["neighbours"])


def test_in_a_container_its_own_work_under_another_number_is_no_neighbour_s() -> None:
    assert None is told(seen(), seen(4711, working={4711: 0.9}))


def test_a_process_of_the_host_with_the_number_of_this_one_does_not_make_its_own_work_a_neighbour_s() -> None:
    assert () == told(seen(OWN), seen(OWN, 4711, working={4711: 0.9}))


def test_where_the_processes_cannot_be_listed_the_rest_is_told_with_the_reason() -> None:
    unread = {"gpu_processes": "NVML: Not Supported"}
    found = neighbours(Sighting(1, used=700, utilisation=0.4, unread=unread), seen(OWN))
    assert found is not None
    assert (None, 700, 0.4, unread) == (found.processes, found.used_before, found.utilisation_before, found.unread)


def test_what_is_told_is_plain_data_for_the_record() -> None:
    found = neighbours(seen(OTHER), seen(OTHER, OWN))
    assert found is not None
    assert [{"pid": OTHER, "memory": 5, "working": 0.0}] == json.loads(json.dumps(asdict(found)))["processes"]


BEFORE = """
import os
from bench.machine.gpus.neighbours import sight
before = sight("cuda:0")
assert before.holding is not None, before.unread
assert os.getpid() not in before.holding
"""


@pytest.mark.gpu
def test_to_look_for_neighbours_makes_no_context() -> None:
    subprocess.run([sys.executable, "-c", BEFORE], check=True)
