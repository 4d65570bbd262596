"""Claims that a lesson decides."""

from __future__ import annotations

from typing import Any

import pytest

from bench.audit.errata import ErrataRow, errata, for_terminal
from bench.audit.lessons import COMMAND, Said, judged_by, with_lessons
from bench.audit.verdicts import MISMATCHES, OF_LESSONS
from bench.declare.lessons.lesson import LESSONS

SAID = {"few": Said("refuted", "Few samples", "run1")}


def row(**others: Any) -> ErrataRow:
    usual = {"claim": "c", "slide": "Slide", "words": "helpful", "printed": True, "lesson": "few"}
    return ErrataRow(**{**usual, **others})


def test_a_claim_has_the_verdict_of_its_lesson() -> None:
    found = judged_by("few", SAID)
    assert ("lesson: refuted", "lesson 'few' (Few samples) in run run1") == (found.verdict, found.note)


def test_a_lesson_that_was_not_measured_names_the_command() -> None:
    found = judged_by("many", SAID)
    assert ("not measured", f"{COMMAND} puts its lesson 'many' to the test") == (found.verdict, found.explanation)


def test_no_verdict_of_a_lesson_is_a_mismatch() -> None:
    assert set() == OF_LESSONS & MISMATCHES


def test_a_kept_verdict_follows_what_the_lesson_says_now() -> None:
    (found,) = with_lessons([row(verdict="not measured", explanation="not yet")], SAID)
    assert ("lesson: refuted", "") == (found.verdict, found.explanation)


def test_beside_a_check_the_lesson_stands_behind_the_evidence() -> None:
    (found,) = with_lessons([row(verdict="reproduced", note="counted")], SAID)
    assert "reproduced" == found.verdict
    assert "counted; lesson 'few' (Few samples) in run run1: refuted" == found.note


def test_a_claim_without_a_lesson_stays_as_it_is() -> None:
    plain = row(lesson="", verdict="reproduced")
    assert [plain] == with_lessons([plain], SAID)


@pytest.mark.parametrize("told", ["LESSON: REFUTED (1)", "lesson 'few' (Few samples) in run run1"])
def test_the_terminal_shows_what_a_lesson_says(told: str) -> None:
    assert told in for_terminal(with_lessons([row(verdict="not measured")], SAID), 80, everything=False)


def test_the_terminal_only_counts_what_no_lesson_has_tested() -> None:
    text = for_terminal(with_lessons([row(verdict="not measured")], {}), 80, everything=False)
    assert ["1 not measured"] == text.splitlines()[:1]


def test_the_errata_have_the_lessons_in_a_part_of_their_own() -> None:
    text = errata(with_lessons([row(verdict="not measured")], SAID))
    part = text.partition("## Put to the test by lessons")[2].partition("##")[0]
    assert "- “helpful”: **lesson: refuted**." in part
    assert "1 put to the test by lessons, 0 neither" in text


def test_what_no_lesson_has_tested_stands_with_its_command_among_the_unchecked() -> None:
    text = errata(with_lessons([row(verdict="not measured")], {}))
    assert f"{COMMAND} puts its lesson 'few' to the test" in text.partition("## What could not be checked")[2]


def test_the_command_measures_the_installed_lessons() -> None:
    from bench.declare.catalog import SUITES, load_catalogs

    load_catalogs(())
    assert COMMAND.split()[-1] in {suite.name for suite in SUITES}
    assert len(LESSONS)
