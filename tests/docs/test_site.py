"""The documentation as a site: its index of decisions, its words on columns, that it builds without warning."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import evobench
from bench.declare.catalog import MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.store.schema import SCHEMA
from reports.tables import load_tables
from reports.tidy.columns import EVERY_RECORD, RECORDS
from tests.docs.pages import DOCS
from tools.docs.meanings import MEANINGS

LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?(https?:[^\" >]+)[^>]*>")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the site, built strictly: a dead link or anchor, or a page that no menu has, is an error."""
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=DOCS.parent, env=environment, capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr
    return folder


def test_the_index_of_decisions_has_every_record_with_its_date_and_status() -> None:
    records = sorted((DOCS / "decisions").glob("0*.md"))
    heads = [re.match(r"# (\d+)\. (.+)\n\nDate: (\S+) · Status: (.+)\n", path.read_text()) for path in records]
    rows = [
        f"| {head[1]} | [{head[2]}]({path.name}) | {head[3]} | {head[4]} |"
        for path, head in zip(records, heads, strict=True)
        if head
    ]
    told = (DOCS / "decisions/index.md").read_text().splitlines()
    assert len(records) == len(rows)
    assert rows == [line for line in told if re.match(r"\| \d", line)]


def test_every_column_of_a_table_has_a_meaning_and_nothing_else_has() -> None:
    columns = {(item.name, column.heading) for item in load_tables() for column in item.columns}
    own = {(table, heading) for table, headings in MEANINGS["tables"].items() for heading in headings}
    assert set() == own - columns
    assert {heading for _, heading in columns - own} == set(MEANINGS["headings"])


def test_every_detail_of_a_measure_has_a_meaning_and_nothing_else_has() -> None:
    load_catalogs()
    details = {detail.heading for item in MEASURES for detail in item.details}
    assert details | {*RECORDS} - {*EVERY_RECORD} == set(MEANINGS["details"])


def test_every_column_of_the_store_has_a_meaning_and_nothing_else_has() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: {row[1] for row in db.execute(f"PRAGMA table_info({name})")} for name in names}
    assert columns == {name: {*meanings} - {"table"} for name, meanings in MEANINGS["store"].items()}


@pytest.mark.slow
def test_no_page_of_the_site_loads_anything_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    loaded = {(str(page.relative_to(site)), url) for page in pages for url in others(page.read_text())}
    assert (True, set()) == (len(pages) > 60, loaded)


def others(page: str) -> list[str]:
    """Addresses of other hosts that a page loads from; the one where it is published is named and not loaded."""
    return [found[1] for found in LOADED.finditer(page) if "canonical" not in found[0]]


@pytest.mark.slow
def test_the_page_of_the_command_line_has_every_verb(site: Path) -> None:
    page = (site / "reference/command-line/index.html").read_text()
    verbs = {point.name for point in entry_points(group="evobench.verbs")}
    assert set() == {name for name in verbs if f'id="evobench-{name}"' not in page}


@pytest.mark.slow
def test_the_page_of_the_python_api_has_every_public_name(site: Path) -> None:
    page = (site / "reference/public-names/index.html").read_text()
    assert set() == {name for name in evobench.__all__ if f'id="evobench.names.{name}"' not in page}
