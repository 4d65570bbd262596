"""The judgements of several jobs as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.compare.jobs.together import together
from bench.compare.judgement import Judgement
from bench.compare.verdict import Verdict
from bench.errors import Exit
from bench.store.database import Store
from bench.store.merging import import_store
from tests.bench.compare.jobs.gates import CELL, gate, told

KEYS = ("py3.11", "py3.12")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "all.sqlite"


def one(path: Path, keys: tuple[str, ...] = KEYS) -> Judgement:
    with Store.open(path) as opened:
        return together(opened, keys)


def test_the_stores_of_the_jobs_are_imported_and_told_as_one(tmp_path: Path, store: Path) -> None:
    gate(tmp_path / "a.sqlite", "py3.11")
    gate(tmp_path / "b.sqlite", "py3.12", verdict="regression", head=862.0)
    with Store.create(store) as opened:
        for name in ("a", "b"):
            import_store(opened, tmp_path / f"{name}.sqlite")
    found = one(store)
    assert [("py3.12", "regression"), ("py3.11", "fine")] == [(item.job, item.verdict) for item in found.found]
    assert Exit.REGRESSION == found.exit_code


def test_cells_of_one_name_keep_what_belongs_to_each_job(store: Path) -> None:
    gate(store, "py3.11")
    gate(store, "py3.12", head=430.0, verdict="improvement")
    found = one(store)
    assert {"py3.11": (431.0,), "py3.12": (430.0,)} == {item.job: found.samples[item.key] for item in found.found}


def test_each_job_fails_on_what_it_was_told_to_fail_on(store: Path) -> None:
    gate(store, "py3.11", verdict="undecided", told=told(fail_on=frozenset({"regression"})))
    gate(store, "py3.12")
    assert Exit.OK == one(store).exit_code
    gate(store, "py3.13", verdict="undecided")
    assert ["py3.13"] == [item.job for item in one(store, (*KEYS, "py3.13")).failing]


def test_what_one_job_accepts_the_others_do_not(store: Path) -> None:
    gate(store, "py3.11", verdict="regression", head=862.0, told=told(accepted={CELL.key: "meant"}))
    gate(store, "py3.12", verdict="regression", head=862.0)
    assert ["py3.12"] == [item.job for item in one(store).failing]


def test_a_job_of_which_nothing_is_kept_is_not_green(store: Path) -> None:
    gate(store, "py3.11")
    found = one(store)
    assert Exit.INCOMPLETE == found.exit_code
    assert found.notes[0].startswith("py3.12: nothing was kept of this job")


def test_a_store_without_any_of_the_jobs_is_not_green(store: Path) -> None:
    gate(store, "")
    assert (Exit.INCOMPLETE, ()) == (one(store).exit_code, one(store).found)


def test_a_job_that_was_cut_off_is_not_green(store: Path) -> None:
    gate(store, "py3.11")
    gate(store, "py3.12", cut_off=True)
    found = one(store)
    assert Exit.INCOMPLETE == found.exit_code
    assert "py3.12: the comparison was cut off before it told a verdict" == found.notes[0]


def test_a_job_that_was_cut_off_does_not_tell_what_it_told_before(store: Path) -> None:
    gate(store, "py3.11")
    gate(store, "py3.12")
    gate(store, "py3.12", number=1, cut_off=True)
    assert Exit.INCOMPLETE == one(store).exit_code


def test_of_two_comparisons_of_one_job_the_newest_stands(store: Path) -> None:
    gate(store, "py3.11", verdict="regression", head=862.0)
    gate(store, "py3.11", number=1)
    assert Exit.OK == one(store, ("py3.11",)).exit_code


def test_a_job_that_judged_another_commit_is_not_green(store: Path) -> None:
    gate(store, "py3.11", git="aaaaaaaaaaaa")
    gate(store, "py3.12", number=1, git="bbbbbbbbbbbb")
    found = one(store)
    assert (Exit.INCOMPLETE, ["py3.12"]) == (found.exit_code, [item.job for item in found.found])
    assert "py3.11: its newest comparison is of aaaaaaaaaaaa, that of other jobs of bbbbbbbbbbbb" == found.notes[0]


@pytest.mark.parametrize(
    ("ended", "verdict", "code"),
    [
        ((Exit.OK, Exit.NOT_COMPARABLE), "fine", Exit.NOT_COMPARABLE),
        ((Exit.INCOMPLETE, Exit.NOT_COMPARABLE), "fine", Exit.INCOMPLETE),
        ((Exit.INCOMPLETE, Exit.NOT_COMPARABLE), "regression", Exit.REGRESSION),
        ((Exit.OK, Exit.OK), "fine", Exit.OK),
    ],
)
def test_the_exit_code_is_the_gravest_of_the_jobs(
    store: Path, ended: tuple[Exit, Exit], verdict: Verdict, code: Exit
) -> None:
    for key, how in zip(KEYS, ended, strict=True):
        gate(store, key, verdict=verdict if key == "py3.11" else "fine", told=told(ended=how))
    assert code == one(store).exit_code


def test_a_note_of_all_jobs_is_told_once_and_others_behind_their_keys(store: Path) -> None:
    gate(store, "py3.11", told=told(notes=("head is x", "a dirty tree")))
    gate(store, "py3.12", told=told(notes=("head is x",)))
    assert ("head is x", "py3.11: a dirty tree") == one(store).notes


def test_of_the_hosts_what_they_have_in_common_is_told(store: Path) -> None:
    gate(store, "py3.11")
    gate(store, "py3.12")
    assert {"git": "0123456789ab", "cpu": "X"} == one(store).host


def test_jobs_that_are_not_asked_for_are_named(store: Path) -> None:
    for key in ("py3.11", "py3.12", "py3.13"):
        gate(store, key)
    assert "the store has comparisons of other jobs, too: py3.13" in one(store).notes
