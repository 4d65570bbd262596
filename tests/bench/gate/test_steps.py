"""A fresh pair and its twin, step by step."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from bench.execute.outcome import Outcome
from bench.gate import steps
from bench.gate.steps import Trio, centre, cores, measured_once, stepped
from tests.bench.gate.fakes import COUNTED, TIMED, Server, servers


def test_a_head_of_equal_steps_has_a_ratio_of_one() -> None:
    assert 0.0 == stepped(servers(), TIMED, 0, seconds=0.0).pair


def test_a_slower_head_shows_by_its_share() -> None:
    trio = stepped(servers(head=Server(lambda: 0.0105)), TIMED, 0, seconds=0.0)
    assert math.log(1.05) == pytest.approx(trio.pair)


def test_head_is_compared_with_the_mean_of_base_and_twin() -> None:
    trio = stepped(servers(twin=Server(lambda: 0.0121)), TIMED, 0, seconds=0.0)
    assert (-math.log(1.1), 2 * math.log(1.1)) == pytest.approx((trio.pair, trio.twin))


def test_all_three_take_equally_many_steps() -> None:
    trio = stepped(servers(), TIMED, 0, seconds=0.0)
    assert {6 * steps.LEAST_CYCLES} == {len(outcome.values) for outcome in trio.outcomes.values()}


def test_a_machine_that_grows_slower_all_the_time_harms_no_side() -> None:
    clock = iter(range(10_000))

    def drifting() -> float:
        return 0.010 * math.exp(0.002 * next(clock))

    sides = [Server(drifting) for _ in range(3)]
    found = [stepped(servers(*sides), TIMED, turn, seconds=0.0).pair or 0.0 for turn in range(40)]
    assert abs(sum(found) / len(found)) < 0.001


def test_one_step_that_was_held_up_changes_little() -> None:
    chance = random.Random(0)

    def held_up() -> float:
        return 1.0 if chance.random() < 0.05 else 0.010

    trio = stepped(servers(head=Server(held_up)), TIMED, 0, seconds=0.0)
    assert 0.0 == trio.pair


def test_skewed_steps_of_the_same_code_have_no_bias() -> None:
    chance = random.Random(0)

    def mostly_slow() -> float:
        return 0.010 if chance.random() < 0.7 else 0.007

    sides = [Server(mostly_slow) for _ in range(3)]
    found = [stepped(servers(*sides), TIMED, turn, seconds=0.0).pair or 0.0 for turn in range(400)]
    assert abs(sum(found) / len(found)) < 0.01


def test_a_worker_that_dies_half_way_leaves_no_ratio_and_its_reason() -> None:
    trio = stepped(servers(head=Server(dies_at=3)), TIMED, 0, seconds=0.0)
    assert not trio.complete
    assert "crashed with SIGSEGV" == trio.outcomes["head"].reason


def test_a_worker_that_cannot_start_ends_the_others() -> None:
    broken = Server(results=lambda _: Outcome("oom", "not enough"))
    trio = stepped(servers(base=broken), TIMED, 0, seconds=0.0)
    assert ("oom", "was ended") == (trio.outcomes["base"].status, trio.outcomes["head"].reason)


def test_figures_of_whole_processes_are_paired_by_their_medians() -> None:
    larger = Server(results=lambda _: Outcome("ok", values=(100.0, 110.0, 120.0)))
    equal = [Server(results=lambda _: Outcome("ok", values=(100.0,))) for _ in range(2)]
    trio = measured_once(servers(equal[0], larger, equal[1]), COUNTED, 1.0, 0)
    assert (math.log(1.1), 0.0) == pytest.approx((trio.pair, trio.twin))


def test_of_what_is_better_when_it_is_more_less_is_worse() -> None:
    rate = replace(TIMED, measure="gate_rate")
    more = Server(results=lambda _: Outcome("ok", values=(2.0,)))
    assert -math.log(2) == pytest.approx(measured_once(servers(head=more), rate, 1.0, 0).pair)


def test_the_reason_of_a_twin_that_fails_alone_is_told_as_bases() -> None:
    trio = stepped(servers(twin=Server(dies_at=3)), TIMED, 0, seconds=0.0)
    assert "crashed with SIGSEGV" == trio.both[0].reason


def test_a_figure_of_zero_has_no_ratio() -> None:
    nothing = Server(results=lambda _: Outcome("ok", values=(0.0,)))
    assert not measured_once(servers(head=nothing), COUNTED, 1.0, 0).complete


def test_the_cores_change_from_round_to_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "own_cpus", lambda: [4, 5, 6])
    assert [(4,), (5,), (6,), (4,)] == [cores(1, turn) for turn in range(4)]


def test_two_threads_get_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "own_cpus", lambda: [4, 5, 6])
    assert (6, 4) == cores(2, 2)


def test_the_centre_is_the_mean_of_the_middle_half() -> None:
    assert 2.5 == centre([-99.0, 2.0, 3.0, 99.0])


def test_a_trio_without_ratios_is_incomplete() -> None:
    assert not Trio({}).complete
