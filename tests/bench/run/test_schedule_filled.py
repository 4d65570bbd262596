"""The schedule of a run that is filled: stages, turns, and what begins when little time is left. Nothing runs."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from bench.declare.needs import Needs
from bench.execute.executor import Host
from bench.run.schedule import Schedule, Work
from bench.run.scheduling.turns import SHARE
from tests.bench.run.test_schedule import TIMING, after, begun, host, order

COUNT = Work("count", Needs(), 1.0, early=True)
FIRST = Work("first", TIMING, 1.0, due="first")
SEED = Work("seed", Needs(), 1.0)
MORE = Work("more", Needs(), 1.0, further=True)
REST = Work("rest", TIMING, 1.0)
LAST = Work("last", TIMING, 1.0, due="last")
AGAIN = Work("again", TIMING, 1.0, due="again")


def named(work: Work, key: str, seconds: float = 1.0, *after: str) -> Work:
    return replace(work, key=key, seconds=seconds, after=after)


def filling(works: Iterable[Work], *hosts: Host, lanes: int = 1) -> Schedule:
    return Schedule(works, hosts or (host(),), lanes, fills=True)


def test_stages_go_by_counts_first_timings_one_training_of_each_arm_and_the_fill() -> None:
    assert ["count", "first", "seed", "more", "rest"] == order(filling([REST, MORE, SEED, FIRST, COUNT]))


def test_what_counts_and_first_timings_wait_for_is_made_before_first_timings() -> None:
    making = Work("data", Needs(), 1.0, further=True)
    works = [making, FIRST, named(FIRST, "of data", 1.0, "data")]
    assert ["data", "first", "of data"] == order(filling(works))


def test_a_first_timing_has_its_other_processes_in_the_fill() -> None:
    assert ["seed", "second process"] == order(filling([replace(FIRST, key="second process", number=1), SEED]))


def test_of_the_first_trainings_the_shortest_chain_goes_first_with_what_it_waits_for() -> None:
    works = [
        Work("checkpoint", Needs(), 5.0, further=True),
        named(SEED, "tuned", 1.0, "checkpoint"),
        named(SEED, "scratch", 3.0),
    ]
    assert ["scratch", "checkpoint", "tuned"] == order(filling(works))


def test_what_an_earlier_stage_waits_for_goes_with_it() -> None:
    works = [Work("features", Needs(), 9.0, further=True), named(SEED, "head", 1.0, "features"), MORE]
    assert ["features", "head", "more"] == order(filling(works))


def test_what_wants_all_cores_gets_them_at_its_turn() -> None:
    works = [
        named(SEED, "short", 1.0),
        named(SEED, "long", 9.0),
        Work("data", Needs(threads=4), 1.0, further=True),
        named(SEED, "of data", 1.0, "data"),
        named(MORE, "further"),
    ]
    schedule = filling(works, lanes=2)
    assert (["short"], ["data"], ["of data", "long"]) == (
        begun(schedule),
        after(schedule, "short"),
        after(schedule, "data"),
    )


def test_what_waits_for_a_gpu_holds_up_no_further_training_on_the_cpu() -> None:
    works = [Work(name, Needs(device="cuda"), 1.0) for name in ("seed", "next seed")]
    assert ["seed", "more"] == begun(filling([*works, MORE], host(gpus=1), lanes=4))


def test_further_trainings_fill_lanes_while_a_chain_of_an_earlier_stage_goes_on() -> None:
    works = [Work("features", Needs(), 9.0, further=True), named(SEED, "head", 1.0, "features"), MORE, REST]
    schedule = filling(works, lanes=2)
    assert (["features", "more"], ["head"]) == (begun(schedule), after(schedule, "features"))


def test_nothing_begins_beside_what_runs_while_a_first_timing_waits_for_an_empty_host() -> None:
    schedule = filling([COUNT, FIRST, SEED, MORE], lanes=4)
    assert (["count"], ["first"], ["seed", "more"]) == (
        begun(schedule),
        after(schedule, "count"),
        after(schedule, "first"),
    )


def test_other_hosts_train_while_the_first_takes_the_first_timings() -> None:
    schedule = filling([FIRST, named(FIRST, "next"), SEED], host("a"), host("b"), lanes=4)
    assert [("first", "a"), ("seed", "b")] == [(start.key, start.host) for start in iter(schedule.start, None)]


def test_the_rest_of_the_timings_goes_by_process_then_by_seconds_then_the_last_then_the_disturbed() -> None:
    works = [
        AGAIN,
        LAST,
        replace(REST, key="second", number=1, seconds=1.0),
        named(REST, "long", 3.0),
        named(REST, "short", 2.0),
    ]
    assert ["short", "long", "second", "last", "again"] == order(filling(works))


def test_further_trainings_of_the_plan_go_by_their_chains_and_later_ones_as_they_are_asked_for() -> None:
    planned = [named(MORE, "dear", 3.0), named(MORE, "cheap", 1.0)]
    asked = [replace(MORE, key=key, seconds=seconds, batch=1) for key, seconds in (("b", 9.0), ("a", 0.5))]
    schedule = filling(planned)
    schedule.add(asked)
    assert ["cheap", "dear", "b", "a"] == order(schedule)


def test_timings_and_trainings_share_what_is_left_in_blocks() -> None:
    trainings = [named(MORE, f"training {i}", 5.0 * SHARE) for i in range(9)]
    timings = [named(REST, f"timing {i}", 5.0) for i in range(9)]
    sides = [key.split()[0] for key in order(filling([*trainings, *timings]))]
    block = ["training"] * 3, ["timing"] * 3
    assert [*block[0], *block[1], *block[1], *block[0], *block[0], *block[1]] == sides


def test_a_side_that_had_nothing_to_do_is_owed_nothing() -> None:
    schedule = filling([named(REST, f"timing {i}", 10.0) for i in range(9)])
    for _ in range(4):
        schedule.ended(begun(schedule)[0])
    schedule.add(named(MORE, f"training {i}", 5.0 * SHARE) for i in range(9))
    sides = [key.split()[0] for key in order(schedule)]
    assert [*["timing"] * 2, *["training"] * 6, "timing"] == sides[:9]


def test_lanes_count_by_their_share_of_the_host() -> None:
    trainings = [named(MORE, f"training {i}", 10.0 * SHARE) for i in range(9)]
    timings = [named(REST, f"timing {i}", 5.0) for i in range(9)]
    sides = [key.split()[0] for key in order(filling([*trainings, *timings], host(threads=2), lanes=2))]
    assert [*["training"] * 3, *["timing"] * 3] == sides[:6]


def test_nothing_begins_that_is_expected_to_take_longer_than_what_is_left() -> None:
    schedule = filling(
        [named(REST, "long", 9.0), named(REST, "short", 2.0), named(MORE, "training", 4.0)], lanes=2
    )
    start = schedule.start(within=3.0)
    assert ("short", None) == (start and start.key, schedule.start(within=3.0))


def test_an_artifact_begins_only_if_its_reader_is_done_in_time_too() -> None:
    works = [Work("features", Needs(), 2.0, further=True), named(SEED, "head", 2.0, "features")]
    schedule = filling(works)
    assert (None, False) == (schedule.start(within=3.0), schedule.is_anything_ready(within=3.0))
    assert schedule.start(within=4.0) is not None


def test_what_is_too_long_of_an_earlier_stage_does_not_hold_up_a_later_one() -> None:
    schedule = filling([named(SEED, "long", 99.0), REST])
    start = schedule.start(within=10.0)
    assert "rest" == (start and start.key)


def test_what_no_host_has_holds_up_nothing() -> None:
    schedule = filling([Work("on a gpu", Needs(device="cuda"), 1.0, early=True), FIRST, SEED, MORE, REST])
    assert ["first", "seed", "more", "rest"] == _all(schedule)


def _all(schedule: Schedule) -> list[str]:
    found: list[str] = []
    while keys := begun(schedule):
        found += keys
        for key in keys:
            schedule.ended(key)
    return found


def test_works_that_are_added_wait_for_what_has_not_ended() -> None:
    schedule = filling([SEED])
    begun(schedule)
    schedule.add([named(MORE, "behind", 1.0, "seed")])
    assert ([], ["behind"]) == (begun(schedule), after(schedule, "seed"))


def test_works_that_are_added_do_not_wait_for_what_has_ended() -> None:
    schedule = filling([SEED])
    order(schedule)
    schedule.add([named(MORE, "behind", 1.0, "seed")])
    assert ["behind"] == begun(schedule)


def test_seconds_that_are_corrected_change_the_order() -> None:
    schedule = filling([named(SEED, "a", 1.0), named(SEED, "b", 2.0)])
    schedule.expect({"a": 3.0, "b": 2.0}.__getitem__)
    assert (5.0, ["b", "a"]) == (schedule.left_seconds(), order(schedule))


def test_seconds_of_what_runs_stay() -> None:
    schedule = filling([SEED, MORE])
    begun(schedule)
    schedule.expect(lambda _: 7.0)
    assert 8.0 == schedule.left_seconds()


def test_where_the_fill_is_left_out_the_questions_are_still_gone_through() -> None:
    schedule = filling([COUNT, FIRST, SEED, MORE, REST, LAST])
    schedule.leave_out_the_fill()
    assert (["count", "first", "seed"], True) == (order(schedule), schedule.is_over)


def test_what_runs_of_the_fill_when_that_is_left_out_ends() -> None:
    schedule = filling([MORE, named(MORE, "next")])
    begun(schedule)
    schedule.leave_out_the_fill()
    assert (False, [], True) == (schedule.is_over, after(schedule, "more"), schedule.is_over)


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_simulating_takes_as_long_as_going_through_it(lanes: int) -> None:
    works = [
        COUNT,
        FIRST,
        Work("features", Needs(), 2.0, further=True),
        named(SEED, "head", 3.0, "features"),
        *(named(MORE, f"more {i}", 1.0 + i) for i in range(6)),
        *(named(REST, f"rest {i}", 2.0 + i) for i in range(6)),
    ]
    seconds = {work.key: work.seconds for work in works}
    schedule = filling(works, lanes=lanes)
    expected, now = schedule.left_seconds(), 0.0
    ends: dict[str, float] = {}
    while not schedule.is_over:
        ends |= {key: now + seconds[key] for key in begun(schedule)}
        key = min(ends, key=lambda name: ends[name])
        now = ends.pop(key)
        schedule.ended(key)
    assert pytest.approx(expected) == now
