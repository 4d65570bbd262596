"""What a gate accepted is told by `compare` and by the report, from the store alone."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bench.errors import Exit
from bench.store.database import Store
from reports.comparing.pairing import pair_up, verdicts
from reports.verbs.compare import VERB
from tests.bench.compare.jobs.gates import CELL, gate, told

BASE, HEAD = "20260101-000000--base", "20260101-000000--head"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a gate that accepted a growth."""
    path = tmp_path / "s.sqlite"
    gate(path, "", verdict="regression", head=862.0, told=told(accepted={CELL.key: "one more layer"}))
    return path


def test_compare_ends_as_the_gate_did(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    VERB.configure(parser)
    assert Exit.OK == VERB.run(parser.parse_args([BASE, HEAD, "--store", str(store)]))
    assert "accepted: one more layer; exact" in capsys.readouterr().out


def test_the_report_says_why_beside_the_verdict(store: Path) -> None:
    with Store.open(store) as opened:
        compared = pair_up(opened, BASE, HEAD)
    (row,) = verdicts(compared).to_dict("records")
    assert ("regression", "accepted: one more layer; exact") == (row["Verdict"], row["Note"])
