"""Which way a change goes."""

from __future__ import annotations

from bench.declare.direction import gain


def test_where_less_is_better_a_rise_is_a_loss() -> None:
    assert (-2.0, 2.0) == (gain("lower", 2.0), gain("higher", 2.0))
