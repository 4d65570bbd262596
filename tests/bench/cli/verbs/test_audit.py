"""The verb `audit` from the outside: every claim gets its verdict, and the exit code says what kind there was."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.cli.verbs import audit
from bench.execute.executor import Handle
from bench.execute.jobs import Check, Job
from bench.execute.local.executor import LocalExecutor
from bench.store.database import Store
from tests.bench.lending import shared_executor
from tests.bench.studies import hypothesis_of
from tests.reports.taught import AUGMENTED, PLAIN, study, write_lessons

CATALOGS = Path(__file__).parents[3] / "catalogs"
OPTIONS = ("--catalog", str(CATALOGS / "checks.py"), "--claims", str(CATALOGS / "claims.toml"))
SLIDE, LESSON = "slide = [{ title = 'S' }]\n", "lesson = 'bottleneck'\n"
ENDED = "the checks of this slide ended: "
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


def command(store: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "evobench", "audit", *OPTIONS, "--store", str(store), *options]


@pytest.fixture(scope="module")
def lent() -> Iterator[LocalExecutor]:
    with shared_executor([str(CATALOGS / "checks.py")], lanes=3) as executor:
        yield executor


@dataclass(frozen=True)
class Told:
    """What an audit answered."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["claim"]: row for row in json.loads(self.out)}


Ask = Callable[..., Told]


@pytest.fixture
def ask(
    lent: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """Runs an audit in this process, with a server that is started already."""
    monkeypatch.setattr(audit, "LocalExecutor", lambda *_, lanes: lent)
    monkeypatch.setenv("COLUMNS", "80")

    def ask(*options: str) -> Told:
        code = main(["audit", *OPTIONS, "--store", str(tmp_path / "runs.sqlite"), *options])
        return Told(code, *capsys.readouterr())

    return ask


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The audit of all claims, as a person has it made."""
    store = tmp_path_factory.mktemp("whole") / "runs.sqlite"
    done = subprocess.run(command(store, "--format", "json", "--lanes", "1"), capture_output=True, text=True)
    return Told(done.returncode, done.stdout, done.stderr)


@linux
class TestAnAudit:
    def test_exits_0_where_all_that_can_be_checked_agrees(self, ask: Ask) -> None:
        assert 0 == ask("--slide", "arithmetic").code

    def test_exits_1_on_a_mismatch(self, ask: Ask) -> None:
        assert 1 == ask("--claim", "sum", "--claim", "wrong-sum").code

    def test_a_claim_is_decided_by_its_lesson_and_is_no_mismatch(self, ask: Ask, tmp_path: Path) -> None:
        less = hypothesis_of([PLAIN, AUGMENTED], expected="less", is_open=False)
        figures = {PLAIN: [0.5, 0.5, 0.5], AUGMENTED: [0.7, 0.702, 0.698]}
        write_lessons(tmp_path / "runs.sqlite", [study("bottleneck", less)], figures)
        claims = tmp_path / "claims.toml"
        claims.write_text(f"{SLIDE}[[claim]]\nid = 'c'\nslide = 'S'\nwords = 'w'\nprinted = true\n{LESSON}")
        told = ask("--claims", str(claims), "--format", "json")
        assert (0, "lesson: refuted") == (told.code, told.rows["c"]["verdict"])
        assert "lesson 'bottleneck' (Title of bottleneck) in run 2026-lessons" == told.rows["c"]["note"]

    def test_a_lesson_that_was_not_measured_is_no_mismatch_either(self, ask: Ask, tmp_path: Path) -> None:
        claims = tmp_path / "claims.toml"
        claims.write_text(f"{SLIDE}[[claim]]\nid = 'c'\nslide = 'S'\nwords = 'w'\nprinted = true\n{LESSON}")
        told = ask("--claims", str(claims), "--format", "json")
        assert (0, "not measured") == (told.code, told.rows["c"]["verdict"])

    def test_exits_3_where_a_check_failed_whatever_else_there_is(self, whole: Told) -> None:
        assert (3, True) == (whole.code, "contradicted" in whole.out), whole.err

    def test_judges_every_claim_in_the_order_of_the_lecture(self, whole: Told) -> None:
        expected = {
            "sum": "reproduced",
            "rounded-sum": "reproduced",
            "published-error": "published: agrees",
            "opinion": "not checkable",
            "wrong-sum": "contradicted",
            "explained": "contradicted",
            "published-otherwise": "published: disagrees",
            "stumbling": "not checkable",
            "unspeakable": "not checkable",
            "after-trouble": "reproduced",
            "before-the-crash": "reproduced",
            "crashing": "not checkable",
            "after-the-crash": "not checkable",
            "opinion-after-the-crash": "not checkable",
            "leaving": "not checkable",
            "patient": "reproduced",
        }
        assert list(expected.items()) == [(name, row["verdict"]) for name, row in whole.rows.items()]

    def test_tells_its_progress_slide_by_slide_and_where_the_verdicts_are(self, whole: Told) -> None:
        *slides, kept = whole.err.splitlines()
        assert ["4/16 claims: Arithmetic", "7/16 claims: Errors"] == slides[:2]
        assert kept.startswith("kept as run ")

    def test_judges_alike_however_many_slides_it_judges_at_once(self, whole: Told, ask: Ask) -> None:
        assert whole.rows == ask("--format", "json", "--lanes", "3").rows

    def test_of_several_at_once_begins_with_the_slides_that_have_most_to_check(
        self, ask: Ask, lent: LocalExecutor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun: list[int] = []
        begin = lent.begin

        def noted(job: Job, host: str) -> Handle:
            begun.extend([len(job.claims)] if isinstance(job, Check) else [])
            return begin(job, host)

        monkeypatch.setattr(lent, "begin", noted)
        ask("--lanes", "3")
        assert (6, sorted(begun, reverse=True)) == (len(begun), begun)

    def test_tells_all_its_slides_whatever_the_order_in_which_they_end(self, ask: Ask, whole: Told) -> None:
        several, one = ask("--lanes", "3").err.splitlines(), whole.err.splitlines()
        told = [sorted(line.partition(": ")[2] for line in lines[:-1]) for lines in (several, one)]
        assert told[0] == told[1]
        assert several[-2].startswith("16/16 claims: ")

    def test_of_no_lanes_is_refused(self, ask: Ask) -> None:
        told = ask("--lanes", "0")
        assert (2, True) == (told.code, "'0' is not a number of lanes (or 'auto'): 1 or more" in told.err)

    def test_explains_a_mismatch_by_the_first_alternative_that_gives_the_printed_value(self, whole: Told) -> None:
        assert "the bias does not count" == whole.rows["explained"]["explanation"]

    def test_says_which_alternative_could_not_be_tried(self, whole: Told) -> None:
        expected = (
            "no explanation found; another paper's figure: could not be tried, ValueError: expected 3 channels"
        )
        assert expected == whole.rows["published-otherwise"]["explanation"]

    def test_tells_what_is_not_checkable_from_what_failed(self, whole: Told) -> None:
        assert ("an opinion", False) == tuple(whole.rows["opinion"][name] for name in ("explanation", "failed"))

    def test_goes_to_no_other_slide_than_the_one_asked_for(self, ask: Ask) -> None:
        told = ask("--slide", "patience", "--format", "json")
        assert (["patient"], "1/1 claims: Patience") == (list(told.rows), told.err.splitlines()[0])

    def test_keeps_its_verdicts_for_the_report(self, ask: Ask, tmp_path: Path) -> None:
        told = ask("--claim", "wrong-sum", "--format", "json")
        with Store.open(tmp_path / "runs.sqlite") as store:
            run = store.run("latest")
            (verdict,) = store.verdicts(run.id).values()
        assert ("complete", "audit", 28938) == (run.state, run.profile, verdict["found"])
        assert f"kept as run {run.id}: evobench report {run.id}" == told.err.splitlines()[-1]


@linux
class TestACheckThatGoesWrong:
    def test_is_told_by_the_claim_that_it_belongs_to(self, whole: Told) -> None:
        row = whole.rows["stumbling"]
        assert row["explanation"].startswith("the check failed: ValueError: expected 3 channels (checks.py:")
        assert row["failed"]

    @pytest.mark.parametrize("claim", ["stumbling", "unspeakable"])
    def test_costs_only_its_own_claim(self, whole: Told, claim: str) -> None:
        assert (True, False) == (whole.rows[claim]["failed"], whole.rows["after-trouble"]["failed"])

    def test_costs_what_comes_after_it_on_its_slide_where_it_crashes(self, whole: Told) -> None:
        crashed = (True, f"{ENDED}crashed with SIGSEGV")
        expected = {
            "before-the-crash": (False, ""),
            "crashing": crashed,
            "after-the-crash": crashed,
            "opinion-after-the-crash": (False, "a hope"),
        }
        found = {name: (whole.rows[name]["failed"], whole.rows[name]["explanation"]) for name in expected}
        assert expected == found

    def test_says_with_which_code_it_left(self, whole: Told) -> None:
        assert f"{ENDED}ended with exit code 7 without a result" == whole.rows["leaving"]["explanation"]

    def test_keeps_no_other_slide_from_being_judged(self, whole: Told) -> None:
        assert "reproduced" == whole.rows["patient"]["verdict"]

    def test_is_shown_to_a_person_though_it_is_no_mismatch(self, ask: Ask) -> None:
        told = ask("--slide", "exit")
        assert (3, True) == (told.code, "ended with exit code 7 without a result" in " ".join(told.out.split()))


@linux
class TestTheAnswer:
    def test_shows_words_printed_found_and_why_of_a_mismatch(self, ask: Ask) -> None:
        told = ask("--claim", "explained", "--claim", "wrong-sum")
        expected = """\
CONTRADICTED (2)

Errors
  “28,939 weights in all”
    printed  28,939 parameters
    found    28,938 parameters
    why      no explanation found
    how      the sum of 3 numbers
    claim    wrong-sum
  “The kernel has 25 weights”
    printed  25
    found    26
    why      the bias does not count
    how      the sum of 1 numbers
    claim    explained

2 contradicted
2 claims in all: 2 measured or counted here, 0 looked up in the works that are quoted, 0 neither
"""
        assert expected == told.out

    def test_only_counts_what_agrees_unless_it_was_asked_for(self, ask: Ask) -> None:
        everything, asked = ask(), ask("--claim", "sum")
        assert (False, True) == tuple("REPRODUCED (" in told.out for told in (everything, asked))
        assert "5 reproduced\n 1 published: agrees\n16 claims in all: 7 measured" in everything.out

    def test_is_an_errata_sheet_in_markdown(self, ask: Ask) -> None:
        out = ask("--claim", "explained", "--claim", "opinion", "--format", "markdown").out
        assert (
            "## Errors\n\n- “The kernel has 25 weights”: printed 25; found **26**. The bias does not count." in out
        )
        assert "## What could not be checked\n\n- Arithmetic: “It works well”: an opinion" in out

    def test_is_one_row_a_claim_in_csv(self, ask: Ask) -> None:
        (row,) = csv.DictReader(ask("--claim", "rounded-sum", "--format", "csv").out.splitlines())
        assert ("4100000000.0", "4089000000.0", "reproduced") == (row["printed"], row["found"], row["verdict"])


class TestTheLedger:
    def test_tells_what_is_registered_and_left_out_slide_by_slide(self, ask: Ask) -> None:
        rows = json.loads(ask("--ledger", "--format", "json").out)
        assert {"slide": "Arithmetic", "claims": 4, "left out": "", "missing": "", "reason": ""} == rows[0]
        expected = [
            ["", None, "A picture of a cat", "", "no figure"],
            ["", None, "", "Nine lives", "the book is out of print"],
        ]
        assert expected == [list(row.values()) for row in rows[-2:]]

    def test_starts_no_check_and_leaves_no_trace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delattr(audit, "LocalExecutor")
        store = str(tmp_path / "new" / "runs.sqlite")
        assert 0 == main(["audit", *OPTIONS, "--ledger", "--store", store])
        assert [] == list(tmp_path.iterdir())

    def test_is_the_lectures_where_no_other_is_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["audit", "--ledger", "--format", "json"])
        assert "Lecture II: Object Recognition II" == json.loads(capsys.readouterr().out)[0]["slide"]
