"""What a gate decided is the only answer for its two runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.compare.gate.decided import in_turn, kept
from bench.compare.runs import compare, differences
from bench.errors import StoreError
from bench.store.database import Store
from tests.bench.compare.gates import CELL, Gate, compared

BASE, HEAD = "20260101-000000-base", "20260101-000000-head"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate whose base and head have different packages."""
    return compared(tmp_path / "gate.sqlite", hosts=("a", "b"))


def test_the_pairs_and_the_medians_of_a_gate_have_different_ratios(gate: Gate) -> None:
    (item,) = gate.told
    assert item.base and item.head and item.ratio
    assert item.ratio != pytest.approx(item.head / item.base, rel=0.05)


def test_comparing_the_runs_of_a_gate_gives_its_own_verdicts(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        assert gate.told == compare(store, BASE, HEAD, tolerance=0.05, force=False)


def test_what_differs_between_the_sides_of_a_gate_is_what_it_compares(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        assert () == differences(store, store.run(BASE), store.run(HEAD))


def test_the_other_way_round_the_runs_are_not_those_that_the_gate_compared(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        assert not in_turn(store.run(HEAD), store.run(BASE))


def test_a_verdict_that_cannot_be_understood_is_damage(gate: Gate) -> None:
    with Store.create(gate.store) as store:
        store.add_verdict(HEAD, "other", {})
        store.connection.db.execute("UPDATE verdict SET content = '{}' WHERE claim = ?", (CELL.key,))
        with pytest.raises(StoreError, match="is damaged: table verdict, column content, row "):
            kept(store, store.run(BASE), store.run(HEAD))
