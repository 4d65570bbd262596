"""The first screen of the page, the section on what the lecture teaches, and the foot."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.store.database import Declaration, Store
from reports.page.document import render
from reports.tidy.frame import rows_of
from tests.reports.lecture import KEPT
from tests.reports.page.test_audit import page_of

Build = Callable[[Path, Any], Any]


def section(html: str, name: str) -> str:
    """A section of the page."""
    return html.partition(f'<section id="{name}"')[2].partition("</section>")[0]


def test_the_page_begins_with_what_it_is(page: str) -> None:
    assert '<h2 id="heading-start">The evolution of deep learning, measured</h2>' in page
    assert "start" == re.findall(r'<section id="(\w+)"', page)[0]


def test_a_run_that_kept_milestones_has_a_sentence_for_each_decade(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, plan)
    with Store.create(path) as store:
        store.add_declarations(plan.id, [Declaration("milestone", row["name"], row) for row in rows_of(KEPT)])
    shown = section(page_of(path), "start")
    assert ["1990s", "2010s", "2020s"] == re.findall(r"<dt>(\w+)</dt>", shown)
    assert "fell from 26.2 % in 2012 to 3.57 % in 2015" in shown


def test_a_run_without_failures_has_no_notice_of_any(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="none"))
    assert "failed, such as" not in page_of(tmp_path / "s.sqlite")


def test_failures_come_before_all_else_and_lead_to_their_table(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="failed"))
    shown = section(page_of(tmp_path / "s.sqlite"), "start")
    first = shown.partition("</h2>")[2].strip()
    assert first.startswith('<p class="warning">')
    assert '<a href="#table-failures">All failures</a>' in first.partition("</p>")[0]


def test_a_run_without_a_figure_says_so_first(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="failed"))
    shown = section(page_of(tmp_path / "s.sqlite"), "start")
    assert "A run without a figure</h2>" in shown
    assert "No cell of this run has a figure" in shown


def test_a_run_of_few_networks_has_no_chart_of_the_evolution(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=plan.lineages[:2], learners=()))
    html = page_of(tmp_path / "s.sqlite")
    assert "2 networks, measured</h2>" in html
    assert "Errors, sizes and speed by year" not in html


def test_a_run_that_kept_no_milestones_says_once_where_its_history_is_from(page: str) -> None:
    assert 1 == page.count(
        "The history is told from published papers that this evobench knows, not from this run."
    )
    assert "The run keeps no" not in page


def test_each_finding_begins_with_its_answer_in_bold(page: str) -> None:
    found = re.findall(r"<li>(<b>)?", section(page, "start").partition("What this run found")[2])
    assert (True, {"<b>"}) == (bool(found), set(found))


def test_every_finding_leads_to_what_shows_it(page: str) -> None:
    leads = re.findall(r'<a href="#([\w-]+)">', section(page, "start"))
    assert (True, []) == (bool(leads), [name for name in leads if f'id="{name}"' not in page])


def test_a_page_that_compares_two_runs_does_not_begin_with_one_of_them(synthetic: Path) -> None:
    from reports.page.several import render_pair

    with Store.open(synthetic) as store:
        html = render_pair(store, "latest", "latest")
    assert "compare" == re.findall(r'<section id="(\w+)"', html)[0]


def test_the_foot_has_the_run_its_host_and_its_coverage(page: str) -> None:
    foot = page.partition("<footer>")[2].partition("</footer>")[0]
    assert ["Run", "State", "Cells", "Started", "Wall time", "Host"] == re.findall(r"<dt>([\w ]+)</dt>", foot)


def test_a_run_of_the_lecture_without_lessons_says_how_to_test_them(synthetic: Path, page: str) -> None:
    with Store.open(synthetic) as store:
        has = "The lessons have not been tested in this store: <code>" in render(store, "latest")
    assert has is ("lesson-" not in section(page, "lessons"))
