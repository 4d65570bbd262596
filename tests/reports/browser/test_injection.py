"""Whatever users name, state or measure stays text on the page, when all is drawn and open too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.store.database import Store
from reports.page.document import render
from tests.chromium import open_tab
from tests.reports.browser.tabs import IN_BROWSER, Tab
from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES

pytestmark = IN_BROWSER
EVIL = "\"'$a$</script><img src=x onerror=alert(1)>"
WORDS = {
    "idea",
    "paper",
    "about",
    "title",
    "label",
    "axis",
    "unit",
    "licence",
    "source",
    "package",
    "advice",
    "cpu",
    "torch",
    "profile",
    "device",
    "warnings",
    "names",
    "wrong",
    "unsure",
}
"""Fields of free text in what the store keeps as JSON."""


def spoilt(value: Any, free: bool = False) -> Any:
    """JSON with the evil text at the end of every free text."""
    if isinstance(value, dict):
        return {name: spoilt(item, free or name in WORDS) for name, item in value.items()}
    if isinstance(value, list):
        return [spoilt(item, free) for item in value]
    return f"{value}{EVIL}" if free and isinstance(value, str) else value


def spoil(path: Path) -> None:
    """Put the evil text into every free text of a store, and into the data set, which may be a path."""
    with closing(sqlite3.connect(path)) as db, db:
        for rowid, content in db.execute("SELECT rowid, content FROM declaration").fetchall():
            changed = json.dumps(spoilt(json.loads(content))).replace('"digits8"', json.dumps(f"csv:{EVIL}"))
            db.execute("UPDATE declaration SET content = ? WHERE rowid = ?", (changed, rowid))
        for key, content in db.execute("SELECT key, content FROM cell").fetchall():
            changed = content.replace('"digits8"', json.dumps(f"csv:{EVIL}"))
            new = Cell.from_dict(json.loads(changed)).key
            db.execute("UPDATE cell SET key = ?, content = ? WHERE key = ?", (new, changed, key))
            for table in ("record", "picture"):
                db.execute(f"UPDATE {table} SET cell = ? WHERE cell = ?", (new, key))
        for rowid, details in db.execute("SELECT rowid, details FROM record").fetchall():
            changed = json.dumps(spoilt(json.loads(details)))
            db.execute("UPDATE record SET details = ? WHERE rowid = ?", (changed, rowid))
        lost = "SELECT max(rowid) FROM record WHERE unit = 's'"
        db.execute(f"UPDATE record SET status = 'failed', reason = ? WHERE rowid = ({lost})", (EVIL,))
        host, settings = db.execute("SELECT host, settings FROM run").fetchone()
        words = [json.dumps(spoilt(json.loads(text), free=True)) for text in (host, settings)]
        db.execute("UPDATE run SET host = ?, settings = ?, command = command || ?", (*words, EVIL))
        db.execute("UPDATE record SET reused_from = ? WHERE reused_from != ''", (EVIL,))


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with the evil text in every field."""
    folder = tmp_path_factory.mktemp("evil")
    lineages = tuple(
        replace(item, name=f"{item.name}{EVIL}", family=f"{item.family}{EVIL}", protocol=f"{item.protocol}{EVIL}")
        for item in LINEAGES[:9]
    )
    learners = (lineages[0].name, lineages[6].name)
    write_run(folder / "s.sqlite", Plan(lineages=lineages, learners=learners, reason=EVIL, host_key=EVIL))
    spoil(folder / "s.sqlite")
    with Store.open(folder / "s.sqlite") as store:
        (folder / "report.html").write_text(render(store, "latest"), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def tab(browser: Any, evil: Path) -> Iterator[Tab]:
    """That page with all drawn and open."""
    found = Tab(open_tab(browser))
    found.listen()
    found.page.goto(evil.as_uri())
    found.draw_all()
    found.open_all()
    yield found
    found.page.close()


def test_nothing_becomes_markup(tab: Tab) -> None:
    assert 0 == tab.page.locator("img[src=x], [onerror]").count()


def test_nothing_is_said_or_asked_for(tab: Tab, evil: Path) -> None:
    assert [] == tab.messages
    assert [evil.as_uri()] == [url for url in tab.requests if not url.startswith(("blob:", "data:"))]


def test_it_is_shown_as_it_is(tab: Tab) -> None:
    for table in ("evolution", "cells", "data-sets", "host", "failures"):
        assert EVIL in tab.page.locator(f"#table-{table}").inner_text(), table


def test_it_stays_text_when_a_chart_is_pointed_at(tab: Tab) -> None:
    point = tab.page.locator("#chart-throughput_against_macs .point").first
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    tab.page.locator("#chart-throughput_against_macs .hovertext").first.wait_for()
    assert 0 == tab.page.locator("img[src=x]").count()
