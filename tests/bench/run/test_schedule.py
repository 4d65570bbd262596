"""The schedule: what starts when and where. Nothing runs."""

from collections.abc import Sequence

import pytest

from bench.declare.needs import Needs
from bench.execute.executor import Host
from bench.run.schedule import Schedule, Work
from bench.run.scheduling.rooms import Room

GB = 1 << 30
TIMING = Needs(alone=True)
ON_GPU = Needs(device="cuda")


def host(name: str = "a", threads: int = 4, gpus: int = 0) -> Host:
    return Host(name, threads, 16 * GB, tuple(f"cuda:{i}" for i in range(gpus)))


def begun(schedule: Schedule) -> list[str]:
    """All that starts now, in order."""
    return [start.key for start in iter(schedule.start, None)]


def after(schedule: Schedule, key: str) -> list[str]:
    """All that starts when a work has ended."""
    schedule.ended(key)
    return begun(schedule)


def at_once(*works: Work, hosts: Sequence[Host] = (host(),), lanes: int = 4, shares: bool = False) -> list[str]:
    return begun(Schedule(works, hosts, lanes, shares=shares))


def order(schedule: Schedule) -> list[str]:
    """Keys as they begin, where what began first ends first."""
    found: list[str] = []
    while not schedule.is_over:
        found += begun(schedule)
        schedule.ended(next(iter(schedule.running)))
    return found


def test_as_many_start_as_there_are_lanes() -> None:
    assert ["a", "b"] == at_once(*(Work(name, Needs(), 1.0) for name in "abc"), lanes=2)


def test_threads_of_what_runs_are_no_more_than_the_hosts() -> None:
    assert ["a", "c"] == at_once(
        Work("a", Needs(threads=3), 3.0), Work("b", Needs(threads=2), 2.0), Work("c", Needs(), 1.0)
    )


def test_what_wants_more_threads_than_the_host_has_runs_by_itself() -> None:
    schedule = Schedule([Work("wide", Needs(threads=64), 2.0), Work("b", Needs(), 1.0)], [host()], 4)
    assert (["wide"], [], ["b"]) == (begun(schedule), begun(schedule), after(schedule, "wide"))


def test_memory_of_what_runs_is_no_more_than_the_hosts() -> None:
    works = [Work(name, Needs(memory=6 * GB), 1.0) for name in "abc"]
    assert ["a", "b"] == at_once(*works)


def test_a_gpu_has_one_work_at_a_time() -> None:
    works = [Work(name, ON_GPU, 1.0) for name in "abc"]
    starts = list(iter(Schedule(works, [host(gpus=2)], 4).start, None))
    assert [("a", "cuda:1"), ("b", "cuda:0")] == [(start.key, start.gpu) for start in starts]


def test_a_work_that_names_its_gpu_gets_that_one() -> None:
    (start,) = iter(Schedule([Work("a", Needs(device="cuda:0"), 1.0)], [host(gpus=2)], 4).start, None)
    assert "cuda:0" == start.gpu


def test_a_timing_waits_until_its_host_is_empty() -> None:
    schedule = Schedule([Work("count", Needs(), 1.0, early=True), Work("timing", TIMING, 1.0)], [host()], 4)
    assert (["count"], ["timing"]) == (begun(schedule), after(schedule, "count"))


def test_nothing_starts_beside_a_timing() -> None:
    assert ["timing"] == at_once(Work("timing", TIMING, 1.0), Work("training", Needs(), 9.0))


def test_counts_go_first_then_timings_as_planned_then_the_rest() -> None:
    works = [
        Work("training", Needs(), 9.0),
        Work("short timing", TIMING, 1.0),
        Work("long timing", TIMING, 5.0),
        Work("count", Needs(), 0.1, early=True),
    ]
    assert ["count", "short timing", "long timing", "training"] == order(Schedule(works, [host()], 2))


def test_what_a_timing_waits_for_is_made_before_all_timings() -> None:
    works = [Work("timing", TIMING, 1.0), Work("data", Needs(), 0.0), Work("of data", TIMING, 1.0, ("data",))]
    assert ["data", "timing", "of data"] == order(Schedule(works, [host()], 2))


def test_the_longest_chain_goes_first() -> None:
    works = [
        Work("alone", Needs(), 5.0),
        Work("checkpoint", Needs(), 1.0),
        Work("features", Needs(), 1.0, ("checkpoint",)),
        Work("head", Needs(), 4.0, ("features",)),
    ]
    assert ["checkpoint"] == at_once(*works, lanes=1, hosts=[host(threads=1), host("b", threads=0)])[:1]


def test_with_one_lane_on_one_host_all_goes_as_planned() -> None:
    works = [Work("training", Needs(), 1.0), Work("timing", TIMING, 1.0), Work("count", Needs(), 9.0, early=True)]
    assert ["training", "timing", "count"] == order(Schedule(works, [host()], 1))


def test_a_disturbed_timing_is_measured_again_behind_all_else() -> None:
    works = [Work("again", TIMING, 1.0, due="again"), Work("timing", TIMING, 1.0), Work("training", Needs(), 1.0)]
    assert ["timing", "training", "again"] == order(Schedule(works, [host()], 2))


def test_other_hosts_train_while_the_first_times() -> None:
    works = [Work("timing", TIMING, 1.0), Work("next timing", TIMING, 1.0), Work("training", Needs(), 1.0)]
    starts = list(iter(Schedule(works, [host("a"), host("b")], 4).start, None))
    assert [("timing", "a"), ("training", "b")] == [(start.key, start.host) for start in starts]


def test_all_timings_are_on_the_host_that_is_named() -> None:
    works = [Work("timing", TIMING, 1.0), Work("next timing", TIMING, 1.0)]
    schedule = Schedule(works, [host("a"), host("b")], 4, timings_on="b")
    assert [("timing", "b")] == [(start.key, start.host) for start in iter(schedule.start, None)]


def test_a_timing_on_a_gpu_has_its_host_alone_unless_it_is_to_share_it() -> None:
    works = [Work("timing", Needs(alone=True, device="cuda"), 1.0), *(Work(name, ON_GPU, 1.0) for name in "abc")]
    hosts = [host(gpus=3)]
    assert (["timing"], ["timing", "a", "b"]) == (
        at_once(*works, hosts=hosts),
        at_once(*works, hosts=hosts, shares=True),
    )


def test_a_host_that_is_shared_runs_nothing_on_the_cpu_beside_a_timing() -> None:
    works = [Work("timing", Needs(alone=True, device="cuda"), 1.0), Work("on the cpu", Needs(), 1.0)]
    assert ["timing"] == at_once(*works, hosts=[host(gpus=2)], shares=True)


def test_what_waits_for_something_that_failed_ends_unbegun() -> None:
    works = [Work("a", Needs(), 0.0), Work("b", Needs(), 0.0, ("a",)), Work("c", Needs(), 1.0, ("a", "b"))]
    schedule = Schedule(works, [host()], 4)
    begun(schedule)
    assert (("b", "c"), True) == (schedule.failed("a"), schedule.is_over)


def test_what_failed_before_it_began_is_not_begun() -> None:
    schedule = Schedule([Work("a", Needs(), 0.0), Work("b", Needs(), 1.0, ("a",))], [host()], 4)
    assert (("b",), (), []) == (schedule.failed("a"), schedule.failed("a"), begun(schedule))


def test_a_lost_work_begins_again_on_another_host() -> None:
    schedule = Schedule([Work("a", Needs(), 1.0)], [host("a"), host("b")], 1)
    before = list(iter(schedule.start, None))
    schedule.hosts_are([host("b")])
    schedule.lost("a")
    assert [("a", "a"), ("a", "b")] == [(s.key, s.host) for s in [*before, *iter(schedule.start, None)]]


def test_with_no_host_nothing_starts_and_it_is_not_over() -> None:
    schedule = Schedule([Work("a", Needs(), 1.0)], [], 4)
    assert (None, False) == (schedule.start(), schedule.is_over)


@pytest.mark.parametrize(("lanes", "expected"), [(1, 9.0), (2, 6.0), (4, 4.0)])
def test_the_seconds_left_count_the_lanes(lanes: int, expected: float) -> None:
    works = [
        Work("a", Needs(), 3.0),
        Work("b", Needs(), 3.0),
        Work("c", Needs(), 2.0),
        Work("timing", TIMING, 1.0),
    ]
    assert expected == Schedule(works, [host()], lanes).left_seconds()


def test_the_seconds_left_are_none_at_the_end() -> None:
    schedule = Schedule([Work(str(i), Needs(), 1.0) for i in range(99)], [host()], 4)
    order(schedule)
    assert 0.0 == schedule.left_seconds()


def test_forecasting_does_not_change_what_comes() -> None:
    works = [Work(str(i), Needs(threads=1 + i % 3, alone=i % 4 == 0), 1.0) for i in range(40)]
    asked, silent = Schedule(works, [host()], 4), Schedule(works, [host()], 4)
    asked.left_seconds()
    assert order(silent) == order(asked)


def test_a_work_more_costs_no_look_at_all_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Needs] = []
    takes = Room.takes

    def counted(room: Room, needs: Needs, waiting: Needs | None = None) -> bool:
        looks.append(needs)
        return takes(room, needs, waiting)

    monkeypatch.setattr(Room, "takes", counted)
    order(Schedule([Work(str(i), Needs(threads=1 + i % 2), 1.0) for i in range(2000)], [host()], 4))
    assert len(looks) < 10 * 2000
