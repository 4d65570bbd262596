"""Claims that a run of cells judged beside them, on its page: those whose checks count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.audit.verdicts import ClaimVerdict
from bench.store.database import Declaration, Store
from reports.output.files import write_tables
from tests.reports.page.test_audit import Build, entry, page_of, rows_of, section_of, write_audit


def add_counts(path: Path, run: str, claims: dict[str, ClaimVerdict | None], origin: str = "") -> None:
    """Let a run of cells have judged claims whose checks count."""
    with Store.create(path) as store:
        declared = [Declaration("claim", name, entry(name, "Slide")) for name in claims]
        code = Declaration("counts", "lecture", {"code": "digest", "reused_from": origin})
        store.add_declarations(run, [*declared, Declaration("slide", "Slide", {"title": "Slide"}), code])
        for name, judged in claims.items():
            if judged:
                store.add_verdict(run, name, judged.to_dict())


COUNTS = {
    "a": ClaimVerdict("reproduced", 1),
    "b": ClaimVerdict("reproduced", 1),
    "c": ClaimVerdict("contradicted", 2),
    "d": None,
    "e": ClaimVerdict("published: agrees", 1, recount=2),
}


@pytest.fixture
def counted(tmp_path: Path, build_run: Build, plan: Any) -> Path:
    """A store with one run of cells, which judged four of five claims whose checks count."""
    path = tmp_path / "s.sqlite"
    build_run(path, replace(plan, lineages=plan.lineages[:1], learners=()))
    add_counts(path, plan.id, COUNTS)
    return path


TOLD = "2 of 5 countable figures of the lecture are reproduced; 1 agrees only with the quoted works (1 not judged)"


def test_a_run_that_judged_counts_says_that_these_are_the_counts_alone_and_how_to_have_all(counted: Path) -> None:
    section = section_of(page_of(counted))
    assert f"<p>{TOLD}, as this run judged them. They are only the figures that can be counted" in section
    assert "<code>evobench audit</code> judges all figures of the lecture" in section


def test_a_run_that_judged_counts_shows_its_claims(counted: Path) -> None:
    assert list(COUNTS) == [row[-1] for row in rows_of(page_of(counted), "table-claims")]


def test_the_summary_tells_how_many_counts_are_reproduced(counted: Path) -> None:
    assert f"<dd>{TOLD}</dd>" in page_of(counted)


def test_a_run_that_judged_counts_is_no_audit(counted: Path) -> None:
    html = page_of(counted)
    assert "It measured no cells." not in html
    assert html.index('<section id="evolution"') < html.index('<section id="audit"')


def test_a_run_that_took_verdicts_over_says_from_which(tmp_path: Path, build_run: Build, plan: Any) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, replace(plan, lineages=plan.lineages[:1], learners=()))
    add_counts(path, plan.id, COUNTS, origin="2025-earlier")
    assert "as run 2025-earlier, by the same code, judged them" in page_of(path)


def test_an_audit_of_all_claims_goes_before_the_counts_of_a_run(counted: Path, plan: Any) -> None:
    write_audit(counted, {"whole": ClaimVerdict("reproduced", 1)}, id="2025-whole", narrowed=False)
    assert ["whole"] == [row[-1] for row in rows_of(page_of(counted, plan.id), "table-claims")]


def test_the_counts_of_a_run_go_before_an_audit_of_some_claims(counted: Path, plan: Any) -> None:
    write_audit(counted, {"part": ClaimVerdict("reproduced", 1)}, id="2027-part", narrowed=True)
    assert list(COUNTS) == [row[-1] for row in rows_of(page_of(counted, plan.id), "table-claims")]


def test_no_errata_are_written_of_counts_alone(counted: Path, plan: Any, tmp_path: Path) -> None:
    with Store.open(counted) as store:
        assert "errata.md" not in {file.name for file in write_tables(store, plan.id, tmp_path / "tables")}
