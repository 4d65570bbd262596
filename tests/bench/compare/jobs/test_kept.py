"""What a gate told can be told again from its store."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.compare.jobs.kept import accepted_of, gates, job_of, judgement_kept, keep_unmeasured
from bench.compare.judgement import Judgement
from bench.errors import Exit, StoreError
from bench.store.database import RunRow, Store
from tests.bench.compare.jobs.gates import CELL, FOUND, TOLD, gate, told


def kept(path: Path) -> Judgement | None:
    with Store.open(path) as store:
        (head,) = gates(store)
        return judgement_kept(store, head)


def test_a_judgement_is_told_again_as_it_was(tmp_path: Path) -> None:
    before = told(ended=Exit.INCOMPLETE, accepted={CELL.key: "meant"}, fail_on=frozenset({"regression"}))
    gate(tmp_path / "s.sqlite", "py3.11", told=before)
    found = kept(tmp_path / "s.sqlite")
    assert found is not None
    assert (before.base, before.head, before.notes) == (found.base, found.head, found.notes)
    assert (before.fail_on, before.ended, before.accepted) == (found.fail_on, found.ended, found.accepted)
    assert ("py3.11", (FOUND,)) == (found.key, found.found)


def test_of_a_gate_that_was_cut_off_no_judgement_is_kept(tmp_path: Path) -> None:
    gate(tmp_path / "s.sqlite", "py3.11", cut_off=True)
    assert kept(tmp_path / "s.sqlite") is None


def test_a_gate_that_measured_nothing_is_kept_with_its_reason(tmp_path: Path) -> None:
    reason = "main has none of these 6 cells"
    refused = told(ended=Exit.NOT_COMPARABLE, key="py3.12", notes=(reason,))
    keep_unmeasured(tmp_path / "s.sqlite", refused)
    found = kept(tmp_path / "s.sqlite")
    assert found is not None
    assert ((), (reason,), Exit.NOT_COMPARABLE) == (found.found, found.notes, found.exit_code)
    assert "py3.12" == found.key


def test_other_runs_are_no_gates(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite") as store:
        run = RunRow("one", "2026-01-01T00:00:00+00:00", "default", "", {}, "a", {})
        store.begin_run(run, (), ())
        assert ((), "", {}) == (gates(store), job_of(run), accepted_of(store, run))


def test_a_judgement_that_cannot_be_understood_is_damage(tmp_path: Path) -> None:
    gate(tmp_path / "s.sqlite", "", told=TOLD)
    with Store.create(tmp_path / "s.sqlite") as store:
        store.connection.db.execute("UPDATE verdict SET content = '{}' WHERE claim = 'judgement'")
        (head,) = gates(store)
        with pytest.raises(StoreError, match=r"is damaged: table verdict, column content, row .*/judgement: "):
            judgement_kept(store, head)
