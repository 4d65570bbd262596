"""What is known of how values lie, kept and told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from bench.compare.spread.distribution import Distribution, Spread, TwoModes

MODES = TwoModes(0.002, 0.0035, 0.3, between=False)
QUIET = Spread(Distribution(0.03, (1, 2), None), Distribution(0.8, (2, 1), None), 0.0019, 0.0036, erratic=False)


def test_it_comes_back_from_json_as_it_was() -> None:
    kept = replace(QUIET, head=Distribution(0.8, (2, 1), MODES))
    assert kept == Spread.from_dict(json.loads(json.dumps(asdict(kept))))


def test_of_one_mode_and_no_new_spread_there_is_nothing_to_tell() -> None:
    assert "" == QUIET.note


def test_a_new_spread_is_told_beside_that_of_base() -> None:
    assert "newly erratic: spread 80 %, base 3 %" == replace(QUIET, erratic=True).note


def test_two_modes_are_told_with_where_they_are() -> None:
    both = replace(
        QUIET,
        base=replace(QUIET.base, modes=replace(MODES, between=True)),
        head=replace(QUIET.head, modes=MODES),
    )
    assert "base has two modes between processes; head has two modes within processes" == both.note
