"""Which accepted changes hold, by the file that base has."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.compare.accepted.acceptance import Acceptance
from bench.compare.judgement import Judgement
from bench.errors import Exit, UsageError
from bench.gate.base.checkout import ACCEPTED, Repository
from tests.bench.compare.judgements import FINE, SLOWER

GROWN = replace(FINE, base=431.0, head=862.0, ratio=2.0, verdict="regression")
JUDGEMENT = Judgement("main", "the working tree", (GROWN,))
ENTRY = '[[accepted]]\narchitecture = "lenet5"\nmeasure = "parameters"\nto = "2.1x"\nreason = "one more layer"\n'
TODAY = date(2026, 6, 1)


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, entries: str | None) -> str:
    """The commit of the repository with these entries, or without the file."""
    if entries is not None:
        (root / ACCEPTED).write_text(entries)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "x")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository without a commit."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def applied(root: Path, base: str | None, judgement: Judgement = JUDGEMENT) -> Judgement:
    return replace(Acceptance.here(root), today=TODAY).applied(judgement, base)


def test_what_head_accepts_and_base_did_not_makes_nothing_fail(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY)
    found = applied(root, base)
    assert ((), Exit.OK) == (found.failing, found.exit_code)
    assert {GROWN.key: "one more layer"} == found.accepted
    assert "regression" == found.found[0].verdict


def test_an_entry_is_spent_where_base_has_it_so_that_no_second_change_of_its_size_passes(root: Path) -> None:
    base = commit(root, ENTRY)
    found = applied(root, base)
    assert (GROWN,) == found.failing
    (note,) = found.notes
    assert note == (
        "accepted change 'lenet5 parameters': base has it already, with the change: it is not accepted once more"
        " and can be deleted"
    )


def test_an_entry_that_is_written_anew_holds_again(root: Path) -> None:
    base = commit(root, ENTRY)
    (root / ACCEPTED).write_text(ENTRY.replace("one more", "and another"))
    assert {GROWN.key: "and another layer"} == applied(root, base).accepted


def test_what_goes_farther_than_the_entry_fails(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY.replace("2.1x", "1.9x"))
    found = applied(root, base)
    assert (GROWN,) == found.failing
    assert found.notes[-1].endswith("lenet5 parameters infer 32px b1: accepted to 1.9x only, and it reaches 2x")


@pytest.mark.parametrize(("until", "accepted"), [("2026-06-01", True), ("2026-05-31", False)])
def test_an_entry_holds_up_to_its_last_day(root: Path, until: str, accepted: bool) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(f"{ENTRY}until = {until}\n")
    found = applied(root, base)
    assert accepted == bool(found.accepted)
    assert accepted != any("expired on 2026-05-31: it is not accepted any more" in note for note in found.notes)


def test_a_change_that_was_noted_later_is_accepted_from_before_its_commit_alone(root: Path) -> None:
    before = commit(root, None)
    brought = commit(root, None)
    (root / ACCEPTED).write_text(f'{ENTRY}commit = "{brought[:10]}"\n')
    assert applied(root, before).accepted
    after = applied(root, brought)
    assert {} == after.accepted
    assert f"base contains {brought[:10]} already: it can be deleted" in after.notes[-1]


def test_a_commit_that_is_not_there_accepts_nothing(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(f'{ENTRY}commit = "00000000aa"\n')
    found = applied(root, base)
    assert {} == found.accepted
    assert "not accepted: no commit '00000000aa'" in found.notes[-1]


def test_without_a_commit_of_base_nothing_is_accepted(root: Path) -> None:
    commit(root, None)
    (root / ACCEPTED).write_text(ENTRY)
    for base in (None, "0" * 40):
        found = applied(root, base)
        assert {} == found.accepted
        assert "whether base has it already cannot be told" in found.notes[-1]


def test_a_file_of_base_that_cannot_be_read_accepts_nothing(root: Path) -> None:
    base = commit(root, "[[accepted]\n")
    (root / ACCEPTED).write_text(ENTRY)
    assert {} == applied(root, base).accepted


def test_an_entry_for_cells_that_are_not_there_is_told(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY.replace("lenet5", "lenet6"))
    assert "'lenet6 parameters': none of the cells that were compared is named so" in applied(root, base).notes[-1]


def test_an_entry_that_is_not_needed_can_be_deleted(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY)
    found = applied(root, base, replace(JUDGEMENT, found=(FINE,)))
    assert {} == found.accepted
    assert "nothing that it names makes this comparison fail: it can be deleted" in found.notes[-1]


def test_what_no_entry_names_fails_beside_what_is_accepted(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY)
    found = applied(root, base, replace(JUDGEMENT, found=(GROWN, SLOWER)))
    assert ((SLOWER,), Exit.REGRESSION) == (found.failing, found.exit_code)


def test_a_file_that_cannot_be_understood_is_refused_with_its_place(root: Path) -> None:
    (root / ACCEPTED).write_text("[[accepted]]\n")
    with pytest.raises(UsageError, match=r"^evobench-accepted\.toml: entry 1: has no reason"):
        Acceptance.here(root)


def test_it_is_found_from_a_folder_of_the_repository(root: Path) -> None:
    (root / ACCEPTED).write_text(ENTRY)
    (root / "sub").mkdir()
    assert 1 == len(Acceptance.here(root / "sub").entries)


def test_outside_of_a_repository_nothing_is_accepted(tmp_path: Path) -> None:
    assert () == Acceptance.here(tmp_path).entries


def test_the_file_decides_no_figure(root: Path) -> None:
    base = commit(root, None)
    (root / ACCEPTED).write_text(ENTRY)
    assert not Repository.around(root).own_code_differs(base)
