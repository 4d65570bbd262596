"""The same steps have one ratio, wherever it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.store.database import Store
from reports.comparing.pairing import pair_up, verdicts
from reports.page.document import render
from reports.page.several import render_pair
from tests.bench.compare.gates import Gate, compared

BASE, HEAD = "20260101-000000-base", "20260101-000000-head"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate of two environments."""
    return compared(tmp_path / "gate.sqlite", hosts=("a", "b"))


def test_the_verb_shows_the_ratio_and_the_interval_of_the_gate(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == main(["compare", BASE, HEAD, "--format", "json", "--store", str(gate.store)])
    (row,) = json.loads(capsys.readouterr().out)
    (told,) = gate.told
    assert (told.ratio, told.low, told.high, told.pairs) == tuple(
        row[n] for n in ("ratio", "low", "high", "pairs")
    )


def test_the_page_shows_the_ratio_of_the_gate(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        (row,) = verdicts(pair_up(store, BASE, HEAD)).to_dict("records")
    (told,) = gate.told
    assert told.ratio is not None
    assert (told.verdict, round(told.ratio, 3)) == (row["Verdict"], row["Ratio"])


def test_the_report_of_a_gates_head_alone_compares_it_with_its_base(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        assert "were measured in turn" in render(store, HEAD)
        assert "were measured in turn" not in render(store, BASE)


def test_the_page_says_that_a_gate_decided(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        html = render_pair(store, BASE, HEAD)
    assert "were measured in turn" in html
    assert "The hosts differ" not in html
