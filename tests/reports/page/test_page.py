"""What the page holds, without a browser."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import reports
from bench.errors import UsageError
from bench.store.database import Store
from reports.charts import load_charts
from reports.page.document import render
from reports.page.grid import Datum, first_rows
from reports.tidy.frame import read
from tests.perf.large_run import large
from tests.reports.conftest import write_run

Build = Callable[[Path, Any], Any]
EVIL = "<script>alert('x')</script>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _parse(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    return tags


def _page(path: Path) -> str:
    with Store.open(path) as store:
        return render(store, "latest")


def packed(html: str) -> str:
    """The JSON of the packed block."""
    block = re.search(r'id="data">([^<]*)<', html)
    assert block is not None
    return gzip.decompress(base64.b64decode(block[1])).decode()


def test_the_page_has_its_sections_in_order(page: str) -> None:
    expected = [
        "start",
        "lessons",
        "recommend",
        "chapters",
        "evolution",
        "cost",
        "blocks",
        "transfer",
        "mistakes",
        "reading",
        "summary",
        "architectures",
        "provenance",
        "environment",
        "records",
    ]
    assert expected == re.findall(r'<section id="(\w+)"', page)


def test_a_section_of_which_nothing_was_planned_is_left_out_and_named_with_what_measures_it(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, learners=()))
    html = _page(tmp_path / "s.sqlite")
    assert {"transfer", "audit"}.isdisjoint(re.findall(r'href="#(\w+)"', html))
    assert "Transfer (<code>evobench run --suite transfer</code>)" in html


def test_every_chart_of_the_run_is_on_the_page(page: str) -> None:
    of_few_points = {"augmentation_rates", "augmentation_by_shots"}
    assert {item.name for item in load_charts()} - of_few_points == set(re.findall(r'data-figure="(\w+)"', page))


def test_plotly_is_carried_once_and_packed(page: str) -> None:
    assert 1 == page.count('id="plotly"')
    assert "plotly.js v" not in page


def test_the_template_is_carried_once(page: str) -> None:
    assert 1 == packed(page).count('"colorway"')


def test_long_tables_are_packed_with_the_figures_and_their_first_rows_stand_in_the_page(page: str) -> None:
    rows = json.loads(packed(page))["tables"]["table-cells"]
    table = page.partition('id="table-cells"')[2].partition("</table>")[0]
    assert 10 == table.count("<tr><td")
    assert f"The first 10 of {10 + len(rows)} rows." in page
    assert "vit_b_16 latency infer" not in page


def test_a_table_of_verdicts_stands_whole_in_the_page() -> None:
    verdicts = [[Datum(f"cell {i}"), Datum("helps", kind="helps")] for i in range(200)]
    assert (200, 400) == (first_rows(verdicts), first_rows(verdicts * 3))


def test_a_failure_in_a_long_table_makes_it_none_of_verdicts() -> None:
    assert 10 == first_rows([[Datum("cell"), Datum("failed", kind="bad")]] * 61)


def test_the_page_takes_at_most_three_megabytes(page: str) -> None:
    assert 3_000_000 > len(page)


@pytest.mark.slow
def test_the_page_of_a_large_run_takes_at_most_four_megabytes(tmp_path: Path) -> None:
    write_run(tmp_path / "s.sqlite", large(12))
    assert 4_000_000 > len(_page(tmp_path / "s.sqlite"))


def test_the_page_loads_nothing_from_outside_itself(page: str) -> None:
    body = re.sub(r'<script type="text/plain" id="plotly">.*?</script>', "", page, flags=re.DOTALL)
    assert [] == re.findall(r'<(?!a )[^>]*(?:src|href)="(?!#|data:)[^"]*"', body)


def test_the_policy_allows_the_script_by_its_hash_alone(page: str) -> None:
    policy = re.search(r'Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe-inline" not in policy[1].partition("style-src")[0]


def test_nothing_that_users_name_can_bring_a_script(tmp_path: Path, build_run: Build, plan: Any) -> None:
    evil = replace(plan.lineages[0], name=EVIL, family=EVIL, protocol=EVIL, top1=30.0)
    broken = replace(plan, lineages=(evil, *plan.lineages[1:]), learners=(EVIL,), reason=EVIL, host_key=EVIL)
    build_run(tmp_path / "ok.sqlite", broken)
    build_run(tmp_path / "bad.sqlite", replace(broken, outcome="failed"))
    for path in (tmp_path / "ok.sqlite", tmp_path / "bad.sqlite"):
        tags = _parse(_page(path))
        assert {"application/json", "text/plain", None} >= {script.get("type") for script in tags.scripts}
        assert 2 == sum("type" not in script for script in tags.scripts)
        assert any(EVIL in text for text in tags.text)


def test_what_turns_the_writing_round_is_shown_as_an_escape(tmp_path: Path, build_run: Build, plan: Any) -> None:
    name = "abc\u202edef\x1b"
    turned = replace(plan.lineages[0], name=name, family=name, protocol=name, top1=30.0)
    build_run(
        tmp_path / "s.sqlite", replace(plan, lineages=(turned, *plan.lineages[1:]), learners=(name,), reason=name)
    )
    html = _page(tmp_path / "s.sqlite")
    told = [html, *_strings(json.loads(packed(html)))]
    assert not [text for text in told if "\u202e" in text or "\x1b" in text]
    assert r"abc\u202edef\x1b" in html


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.items() for item in part for text in _strings(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))


def test_a_run_of_nothing_but_failures_says_so(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="failed"))
    html = _page(tmp_path / "s.sqlite")
    assert "No cell of this run has a figure" in html
    assert "RuntimeError: expected 3 channels, got 1" in html
    assert "Not in this run: " in html
    assert "(this run measured no parameters)" in html


def test_a_run_without_records_says_so(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="none", state="interrupted"))
    html = _page(tmp_path / "s.sqlite")
    assert "No cell of this run has a figure" in html
    assert "interrupted; what was measured is kept" in html


def test_a_run_without_cells_says_so(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, lineages=(), learners=()))
    assert "This run planned no cells" in _page(tmp_path / "s.sqlite")


def test_a_chart_names_who_is_missing_and_why(page: str) -> None:
    assert "Without a figure: efficientnet_b7 (throughput: left out (time))" in page


def test_the_summary_says_what_was_left_out_for_want_of_time(page: str) -> None:
    assert "complete within its time" in page
    assert "throughput of 1 cell (efficientnet_b7)" in page


def test_published_figures_stand_with_their_source(page: str) -> None:
    assert "weights IMAGENET1K_V1" in page


def test_licences_of_the_data_are_on_the_page(page: str) -> None:
    assert "CC-BY-4.0" in page


def test_the_start_tells_what_augmentation_did(page: str) -> None:
    assert "Whether augmentation helps is undecided in 6 of 7 comparisons" in page
    assert re.search(r": it hurts in 1 \(digits8\); [+-][\d.]+ points on average over 3 networks ", page)


def test_finishing_a_run_writes_the_report_and_prints_a_summary(tmp_path: Path, synthetic: Path) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    path = reports.finish(synthetic, "latest", tmp_path / "out", console)
    assert tmp_path / "out" / "report.html" == path
    assert (tmp_path / "out" / "tables" / "evolution.csv").is_file()
    assert "evolution" in console.export_text()


def test_a_report_that_cannot_be_written_is_wrong_use(tmp_path: Path, synthetic: Path) -> None:
    (tmp_path / "file").write_text("")
    with Store.open(synthetic) as store, pytest.raises(UsageError, match="cannot write"):
        reports.write(store, "latest", tmp_path / "file")


def test_a_name_that_is_no_utf8_is_shown_with_escapes(tmp_path: Path, build_run: Build, plan: Any) -> None:
    path = tmp_path / "s.sqlite"
    build_run(path, plan)
    with closing(sqlite3.connect(path)) as db, db:
        changed = json.dumps({"warnings": ["left out: caf\udce9.png"]})
        db.execute("UPDATE record SET details = ?", (changed,))
    with Store.open(path) as store:
        assert "caf\\udce9.png" in read(store, "latest").records["warnings"][0]
        render(store, "latest").encode()
