"""What two readings tell: was the cell disturbed, and by what?"""

import json
from dataclasses import replace
from typing import Any

import pytest

from bench.machine.disturbance import Disturbance, between, disturbed
from bench.machine.gpus.gpu import GpuState
from bench.machine.gpus.neighbours import GpuNeighbours, Neighbour
from bench.machine.readings import Core, MachineReading, Thread

BEFORE = MachineReading(
    at=10.0,
    cores={"cpu0": Core(busy=100.0, stolen=1.0), "cpu1": Core(busy=100.0, stolen=1.0)},
    threads={"1": Thread(ran=1.0, waited=0.0)},
    load=(0.5, 0.4, 0.3),
    throttled=(0, 0.0),
    pressure={"cpu": 1.0, "memory": 0.0, "io": 0.0},
    clock=2e9,
    temperature=40.0,
    slowdowns=0,
)
AFTER = replace(
    BEFORE,
    at=11.0,
    cores={"cpu0": Core(busy=101.0, stolen=1.0), "cpu1": Core(busy=101.0, stolen=1.0)},
    threads={"1": Thread(ran=2.0, waited=0.001), "2": Thread(ran=1.0, waited=0.001)},
)
"""A quiet second later: two threads have run all the time."""
NOTHING = MachineReading(at=0.0, unread={"cores": "no /proc here"})


def found(before: MachineReading = BEFORE, **changes: Any) -> Disturbance:
    return between(before, replace(AFTER, **changes))


def reasons(**changes: Any) -> tuple[str, ...]:
    return disturbed(found(**changes))


def waiting(seconds: float, ran: float = 0.5) -> dict[str, Thread]:
    """Two threads that waited for a core, which others had: the two cores were busy for 2 s."""
    return {"1": Thread(1.0 + ran, seconds), "2": Thread(ran, seconds)}


def stolen(seconds: float) -> dict[str, Core]:
    """Two cores that their host took away."""
    return {"cpu0": Core(101.0, 1.0 + seconds), "cpu1": Core(101.0, 1.0 + seconds)}


def test_a_quiet_machine_disturbs_nothing() -> None:
    assert () == reasons()


def test_where_nothing_can_be_read_nothing_is_called_disturbed() -> None:
    assert () == disturbed(between(NOTHING, NOTHING))


def test_what_cannot_be_read_is_none_and_says_why() -> None:
    nothing = between(NOTHING, NOTHING)
    assert (None, "no /proc here") == (nothing.steal_share, nothing.unread["cores"])


def test_threads_that_waited_for_a_core_were_disturbed() -> None:
    assert ("its threads waited 20 % of the time for a core",) == reasons(threads=waiting(0.125))


def test_the_share_of_waiting_does_not_depend_on_the_number_of_threads() -> None:
    one = {"1": Thread(1.5, 0.125)}
    assert found(threads=one).waiting_share == found(threads=waiting(0.125)).waiting_share


def test_threads_that_waited_for_each_other_alone_were_not_disturbed() -> None:
    assert () == reasons(threads=waiting(0.5, ran=1.0))


def test_of_waiting_for_each_other_and_for_others_only_the_time_that_others_had_counts() -> None:
    assert pytest.approx(0.18) == found(threads=waiting(0.5, ran=0.9)).waited_for_others


def test_where_the_cores_cannot_be_read_all_waiting_counts() -> None:
    assert 1.0 == found(cores=None, threads=waiting(0.5, ran=1.0)).waited_for_others


def test_a_thread_that_was_there_before_counts_from_the_first_reading() -> None:
    before = replace(BEFORE, threads={"1": Thread(ran=1.0, waited=5.0)})
    assert 0.0 == found(before, threads={"1": Thread(ran=2.0, waited=5.0)}).waited


def test_a_wait_of_moments_is_no_disturbance_however_short_the_cell() -> None:
    short = {"cpu0": Core(busy=100.02, stolen=1.0), "cpu1": Core(busy=100.03, stolen=1.0)}
    assert () == reasons(cores=short, threads=waiting(0.004, ran=0.01))


def test_stolen_time_is_a_disturbance() -> None:
    assert ("10 % of the cores' time was stolen",) == reasons(cores=stolen(0.1))


def test_stolen_time_is_not_the_work_of_other_processes() -> None:
    half = {"1": Thread(1.5, 0.0), "2": Thread(0.5, 0.0)}
    assert ("50 % of the cores' time was stolen",) == reasons(cores=stolen(0.5), threads=half)


def test_stolen_time_within_the_resolution_of_its_count_is_none() -> None:
    short = {"cpu0": Core(100.1, 1.01), "cpu1": Core(100.1, 1.01)}
    assert () == reasons(cores=short)


def test_stolen_time_is_a_share_of_the_time_on_the_cores_not_of_their_idle_time() -> None:
    idle = {"cpu0": Core(100.5, 1.1), "cpu1": Core(100.5, 1.1)}
    assert pytest.approx(0.2) == found(cores=idle).steal_share


def test_a_busy_core_beside_a_cell_that_does_not_need_it_disturbs_it_all_the_same() -> None:
    assert ("other processes had 49 % of the cores' time",) == reasons(threads={"1": Thread(2.0, 0.001)})


def test_a_little_work_of_others_is_no_disturbance() -> None:
    assert () == reasons(threads={"1": Thread(2.0, 0.0), "2": Thread(0.85, 0.0)})


def test_cores_that_others_use_do_not_disturb_a_cell_on_a_gpu() -> None:
    assert () == reasons(threads={"1": Thread(2.0, 0.001)}, device="cuda:1")


def test_a_cell_on_a_gpu_whose_threads_waited_for_a_core_was_disturbed() -> None:
    assert ("its threads waited 20 % of the time for a core",) == reasons(threads=waiting(0.125), device="cuda")


def test_what_the_cell_s_own_children_did_is_not_the_work_of_others() -> None:
    before = replace(BEFORE, children=5.0)
    assert () == reasons(before=before, children=6.0, threads={"1": Thread(2.0, 0.001)})


def test_throttling_by_the_cgroup_is_a_disturbance() -> None:
    assert ("throttled by the cgroup for 0.4 s",) == reasons(throttled=(4, 0.4))


def test_cores_that_slowed_down_for_heat_are_a_disturbance() -> None:
    assert ("heat slowed the cores down 3 times",) == reasons(slowdowns=3)


@pytest.mark.parametrize(
    ("gpu", "expected"),
    [
        (GpuState(slowed_by=("idle", "power cap", "application clocks")), ()),
        (GpuState(slowed_by=("power brake",)), ("the GPU was slowed down: power brake",)),
        (
            GpuState(slowed_by=("thermal slowdown by the driver",)),
            ("the GPU was slowed down: thermal slowdown by the driver",),
        ),
        (GpuState(hot=100.3), ("heat slowed the GPU down for 0.3 s",)),
        (GpuState(hot=100.001), ()),
        (GpuState(), ()),
    ],
)
def test_a_gpu_disturbs_by_heat_and_brakes_and_not_by_what_is_normal(
    gpu: GpuState, expected: tuple[str, ...]
) -> None:
    assert expected == reasons(before=replace(BEFORE, gpu=GpuState(hot=100.0)), gpu=gpu)


def beside(*others: Neighbour) -> Disturbance:
    return between(BEFORE, replace(AFTER, device="cuda"), GpuNeighbours(others))


def test_another_process_at_work_on_the_gpu_is_a_disturbance() -> None:
    expected = ("process 7 was at work on the GPU, too (60 % of it)",)
    assert expected == disturbed(beside(Neighbour(7, 5, 0.6), Neighbour(8, 5, 0.0)))


def test_a_process_that_merely_holds_memory_of_the_gpu_is_told_and_no_disturbance() -> None:
    found = beside(Neighbour(8, 5, 0.0))
    assert ((), [{"pid": 8, "memory": 5, "working": 0.0}]) == (
        disturbed(found),
        json.loads(json.dumps(found.to_dict()))["neighbours"]["processes"],
    )


def test_neighbours_that_cannot_be_told_are_no_disturbance() -> None:
    assert () == disturbed(between(BEFORE, AFTER, GpuNeighbours(None, unread={"neighbours": "a container"})))


def test_the_power_cap_is_a_share_of_the_time_and_no_disturbance() -> None:
    capped = found(replace(BEFORE, gpu=GpuState(capped=5.0)), gpu=GpuState(capped=5.75))
    assert (0.75, ()) == (capped.gpu and capped.gpu["capped"], disturbed(capped))


def test_several_reasons_are_all_told() -> None:
    assert 2 == len(reasons(threads=waiting(0.5), throttled=(1, 0.5)))


def test_what_is_recorded_is_plain_data_with_its_reasons() -> None:
    plain = found(threads=waiting(0.125)).to_dict()
    assert list(disturbed(found(threads=waiting(0.125)))) == json.loads(json.dumps(plain))["reasons"]


def test_clocks_and_temperatures_are_told_of_before_and_after() -> None:
    warmer = found(clock=1.5e9, temperature=70.0)
    assert ((2e9, 1.5e9), (40.0, 70.0)) == (warmer.clock, warmer.temperature)


def test_pressure_is_that_of_the_cell_s_duration() -> None:
    grown = found(pressure={"cpu": 1.5, "memory": 0.0, "io": 0.25}).pressure
    assert {"cpu": 0.5, "memory": 0.0, "io": 0.25} == grown
