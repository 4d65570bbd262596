"""The audit on the page and on the errata sheet: whatever a claim says is shown as it is, and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from bench.audit.errata import ErrataRow, errata
from bench.audit.verdicts import ClaimVerdict
from bench.store.database import Declaration, RunRow, Store
from bench.store.rows import AUDIT
from reports.page.document import render

Build = Callable[[Path, Any], Any]
EVIL = {
    "slide": "<script>alert('slide')</script> & \"quotes\"",
    "words": "<img src=x onerror=alert('words')>",
    "printed": "</td><script>alert('printed')</script>",
    "found": "<b onclick=\"alert('found')\">&lt;b&gt;</b>",
    "explanation": "<svg/onload=alert('why')> [why](javascript:alert('why')) `why` *why* | why",
    "note": "\"><iframe src='javascript:alert(1)'></iframe>",
    "claim": "' onmouseover='alert(2)",
}
LEFT_OUT = {"words": "<style>*{display:none}</style>", "reason": "a & b < c > d \"e\" 'f'"}
MARKUP = {
    "h2",
    "h3",
    "p",
    "div",
    "label",
    "input",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "button",
    "code",
    "a",
    "span",
}
"""What the section is made of."""


class _Reader(HTMLParser):
    """Tags, names of attributes, and the texts between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def section_of(html: str) -> str:
    """The audit's section of a page."""
    return re.split(r'<section id="audit"[^>]*>', html)[1].partition("</section>")[0]


def entry(name: str, slide: str, **fields: Any) -> dict[str, Any]:
    """A claim as it stands in its file."""
    return {"id": name, "slide": slide, "words": f"words of {name}", "printed": 1, "check": "sums", **fields}


def write_audit(
    path: Path,
    claims: dict[str, ClaimVerdict | None],
    *,
    id: str = "2026-audit",
    state: str = "complete",
    entries: tuple[dict[str, Any], ...] = (),
    missing: dict[str, str] | None = None,
    **settings: Any,
) -> None:
    """Write an audit into the store at `path`; a claim without a verdict was not come to."""
    found = entries or tuple(entry(name, "Slide") for name in claims)
    run = RunRow(id, f"{id[:4]}-01-02T03:04:05+00:00", AUDIT, "evobench audit", {}, "host", settings)
    slides = dict.fromkeys(item["slide"] for item in found)
    declarations = [
        *(Declaration("claim", item["id"], item) for item in found),
        *(Declaration("slide", slide, {"title": slide}) for slide in slides),
        *(Declaration("left_out", str(i), {"slide": slide, **LEFT_OUT}) for i, slide in enumerate(slides)),
    ]
    if missing:
        declarations.append(Declaration("left_out", "missing", {"slide": "Slide", **missing, "missing": True}))
    with Store.create(path) as store:
        store.begin_run(run, declarations, [])
        for name, judged in claims.items():
            if judged:
                store.add_verdict(run.id, name, judged.to_dict())
        store.end_run(run.id, state, f"{id[:4]}-01-02T03:05:05+00:00")


def page_of(path: Path, run: str = "latest") -> str:
    with Store.open(path) as store:
        return render(store, run)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of an audit of one claim that says nothing but markup."""
    path = tmp_path_factory.mktemp("evil") / "runs.sqlite"
    said = entry(EVIL["claim"], EVIL["slide"], words=EVIL["words"], printed=EVIL["printed"])
    verdict = ClaimVerdict("contradicted", EVIL["found"], EVIL["explanation"], EVIL["note"])
    write_audit(path, {EVIL["claim"]: verdict}, entries=(said,))
    return page_of(path)


@pytest.mark.parametrize("field", EVIL)
def test_what_a_claim_says_is_shown_as_it_is(evil: str, field: str) -> None:
    shown = f"“{EVIL[field]}”" if field == "words" else EVIL[field]
    assert shown in read(section_of(evil)).texts


@pytest.mark.parametrize("field", LEFT_OUT)
def test_what_is_left_out_is_shown_as_it_is(evil: str, field: str) -> None:
    assert LEFT_OUT[field] in read(section_of(evil)).texts


def test_nothing_that_a_claim_says_becomes_markup(evil: str) -> None:
    text = section_of(evil)
    section = read(text)
    assert set() == set(section.tags) - MARKUP
    assert section.tags.count("a") == text.count('<a href="#reading-')
    assert set() == {name for name in section.attributes if name.startswith("on")}


def test_a_page_of_an_audit_has_no_script_but_its_own(evil: str) -> None:
    assert 4 == evil.count("<script")


def test_a_run_of_verdicts_alone_is_a_page(tmp_path: Path) -> None:
    write_audit(tmp_path / "s.sqlite", {"a": ClaimVerdict("reproduced", 1)})
    html = page_of(tmp_path / "s.sqlite")
    assert "It measured no cells." in html
    assert "The figures of the lecture as this run audited them at 2026-01-02 03:04 UTC.</p>" in html


MIXED = {
    "same": ClaimVerdict("reproduced", 1),
    "other": ClaimVerdict("contradicted", 2, "the bias does not count"),
    "opinion": ClaimVerdict("not checkable", explanation="an opinion"),
    "paper": ClaimVerdict("published: disagrees", 3, "no explanation found"),
    "late": None,
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of an audit that was cut off before its last claim."""
    path = tmp_path_factory.mktemp("mixed") / "runs.sqlite"
    write_audit(path, MIXED, state="interrupted")
    return page_of(path)


def rows_of(html: str, anchor: str) -> list[list[str]]:
    """The body of one table of the page."""
    body = html.partition(f'id="{anchor}"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [[text for text in read(row).texts if text.strip()] for row in body.split("</tr>")[:-1]]


def test_mismatches_come_first_on_the_page(mixed: str) -> None:
    titles = re.findall(r"<h3>(.*?)</h3>", section_of(mixed))
    assert ["What does not agree", "Verdicts", "Claims of the lecture", "Ledger", "Left out"] == titles


def test_what_a_work_has_and_a_recount_does_not_give_stands_apart(tmp_path: Path) -> None:
    quoted = ClaimVerdict("published: agrees", 1, "cut off, not rounded", "the work", recount=1.9)
    write_audit(tmp_path / "s.sqlite", {"quoted": quoted, "same": ClaimVerdict("reproduced", 1)})
    rows = rows_of(page_of(tmp_path / "s.sqlite"), "table-agrees-with-the-work-but-not-with-a-recount")
    assert ["“words of quoted”", "1", "1 in the work; beside it 1.9"] == rows[0][2:5]
    assert 1 == len(rows)


def test_what_is_missing_stands_apart_from_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    write_audit(
        path, {"a": ClaimVerdict("reproduced", 1)}, missing={"words": "nine lives", "reason": "out of print"}
    )
    html = page_of(path)
    assert [["Slide", "nine lives", "out of print"]] == rows_of(html, "table-missing")
    assert "nine lives" not in str(rows_of(html, "table-left-out"))


def test_what_does_not_agree_has_printed_found_and_why(mixed: str) -> None:
    expected = [
        ["contradicted", "Slide", "“words of other”", "1", "2", "the bias does not count"],
        ["published: disagrees", "Slide", "“words of paper”", "1", "3", "no explanation found"],
    ]
    assert expected == rows_of(mixed, "table-what-does-not-agree")


def test_mismatches_are_counted_first(mixed: str) -> None:
    expected = ["contradicted", "published: disagrees", "not checkable", "reproduced", "not run"]
    assert [[verdict, "1"] for verdict in expected] == rows_of(mixed, "table-verdicts")


def test_all_claims_stand_in_the_order_of_the_lecture(mixed: str) -> None:
    assert list(MIXED) == [row[-1] for row in rows_of(mixed, "table-claims")]


def test_a_slide_has_its_claims_counted_those_that_do_not_agree_first(mixed: str) -> None:
    assert [["Slide", "2", "5", "1", "1"]] == rows_of(mixed, "table-ledger")


def test_an_audit_that_was_cut_off_says_so(mixed: str) -> None:
    assert "it did not end, and has only a part of the verdicts" in mixed


def test_where_all_agrees_there_is_no_mismatch_to_show(tmp_path: Path) -> None:
    write_audit(tmp_path / "s.sqlite", {"a": ClaimVerdict("reproduced", 1)})
    html = page_of(tmp_path / "s.sqlite")
    assert "Everything agrees" in html.partition("What does not agree")[2].partition("Verdicts")[0]


def test_a_run_of_cells_shows_the_newest_audit_of_all_claims_beside_it(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, replace(plan, lineages=plan.lineages[:1], learners=()))
    write_audit(path, {"old": ClaimVerdict("contradicted", 2)}, id="2024-old")
    write_audit(path, {"whole": ClaimVerdict("reproduced", 1)}, id="2025-whole", narrowed=False)
    write_audit(path, {"part": ClaimVerdict("reproduced", 1)}, id="2027-part", narrowed=True)
    html = page_of(path, plan.id)
    assert "as run 2025-whole audited them" in html
    assert ["whole"] == [row[-1] for row in rows_of(html, "table-claims")]


def test_a_run_with_no_audit_beside_it_names_the_verb(page: str) -> None:
    assert "Audit (<code>evobench audit</code>)" in page
    assert 'id="audit"' not in page


def test_a_run_that_is_an_audit_shows_it_first_and_no_section_of_cells(mixed: str) -> None:
    assert ["audit", "reading", "summary", "environment"] == re.findall(r'<section id="(\w+)"', mixed)


def test_a_mismatch_has_its_evidence_and_its_labels_for_a_narrow_page(tmp_path: Path) -> None:
    write_audit(tmp_path / "s.sqlite", {"a": ClaimVerdict("contradicted", 2, "why", "how it was found")})
    html = page_of(tmp_path / "s.sqlite")
    assert "how it was found" in rows_of(html, "table-what-does-not-agree")[0]
    assert '<td data-label="Evidence">how it was found</td>' in html


def sheet(**verdict: Any) -> str:
    """The errata sheet of one claim that says nothing but markup, as a reader of Markdown shows it."""
    row = ErrataRow(**{**EVIL, "verdict": "contradicted", **verdict})
    return str(MarkdownIt("commonmark").enable("table").render(errata([row])))


@pytest.mark.parametrize("verdict", ["contradicted", "not checkable"])
def test_the_errata_sheet_has_no_markup_but_its_own(verdict: str) -> None:
    shown = read(sheet(verdict=verdict))
    allowed = {"h1", "h2", "p", "ul", "li", "strong", "em", "table", "thead", "tbody", "tr", "th", "td"}
    assert (set(), set()) == (set(shown.tags) - allowed, shown.attributes)


@pytest.mark.parametrize("field", ["slide", "words", "printed", "found", "note"])
def test_the_errata_sheet_shows_what_a_claim_says_as_it_is(field: str) -> None:
    assert EVIL[field] in "".join(read(sheet()).texts)


@pytest.mark.parametrize("field", ["slide", "words", "explanation"])
def test_the_errata_sheet_shows_what_is_not_checkable_as_it_is(field: str) -> None:
    assert EVIL[field] in "".join(read(sheet(verdict="not checkable")).texts)
