"""The lessons on the page, and how the audit leads to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.audit.verdicts import ClaimVerdict
from bench.store.database import RunRow, Store
from tests.reports.page.test_audit import entry, page_of, section_of, write_audit
from tests.reports.taught import AUGMENTED, HELPS, PLAIN, study, write_lessons


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a run of two lessons, both undecided."""
    write_lessons(
        tmp_path / "s.sqlite", [study("few", HELPS), study("many", HELPS)], {PLAIN: [0.5], AUGMENTED: [0.7]}
    )
    return tmp_path / "s.sqlite"


def lessons_of(html: str) -> str:
    return html.partition('<section id="lessons"')[2].partition("</section>")[0]


def test_the_verdicts_come_first_as_a_short_list(path: Path) -> None:
    shown = lessons_of(page_of(path))
    assert "undecided 2." in shown.partition("<ul")[0]
    assert ["few", "many"] == re.findall(r'<li id="lesson-(\w+)">', shown)
    assert ["table-lessons", "table-hypotheses", "table-lesson_arms"] == re.findall(r'id="(table-\w+)"', shown)


def test_a_run_without_lessons_shows_those_of_the_newest_that_has_some(path: Path) -> None:
    with Store.open(path) as store:
        store.begin_run(RunRow("2027-other", "2027-01-02T03:04:05+00:00", "default", "", {}, "host", {}), [], [])
    assert "as run 2026-lessons tested it" in lessons_of(page_of(path, "2027-other"))


def test_a_store_without_lessons_names_the_command(tmp_path: Path) -> None:
    write_audit(tmp_path / "s.sqlite", {"c": ClaimVerdict("reproduced", 1)})
    page = page_of(tmp_path / "s.sqlite")
    assert "" == lessons_of(page)
    assert "Lessons (<code>evobench run --suite lessons</code>)" in page


def test_the_audit_leads_to_the_lesson_that_decides_a_claim(path: Path) -> None:
    entries = (entry("c", "Slide", lesson="few"), entry("d", "Slide", lesson="absent"))
    for item in entries:
        del item["check"]
    write_audit(path, {name: ClaimVerdict("not measured") for name in "cd"}, entries=entries)
    shown = section_of(page_of(path))
    assert ['<a href="#lesson-few">few</a>'] == re.findall(r'<a href="#lesson.*?</a>', shown)
    assert "lesson: undecided" in shown
    assert "not measured" in shown
