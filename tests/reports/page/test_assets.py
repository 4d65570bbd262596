"""The page as files, for servers that refuse scripts and styles within a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.store.database import Store
from reports.page.assets import files_of
from reports.page.document import compose


@pytest.fixture(scope="module")
def files(synthetic: Path) -> dict[str, bytes]:
    with Store.open(synthetic) as store:
        return dict(files_of(compose(store, "latest")))


@pytest.fixture(scope="module")
def html(files: dict[str, bytes]) -> str:
    return files["index.html"].decode()


def test_the_page_has_no_script_or_style_within_it(html: str) -> None:
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", html)
    assert [] == [given for given, text in scripts if text or ("src=" not in given and "text/plain" not in given)]
    assert "<style" not in html
    assert [] == re.findall(r'<[^>]* (?:style|on\w+)="[^"]*"', html)


def test_what_the_page_asks_for_lies_beside_it(html: str, files: dict[str, bytes]) -> None:
    asked = set(re.findall(r'<(?!a )[^>]*(?:src|href|data-address)="([^"#][^"]*)"', html))
    assert asked
    assert set() == asked - files.keys()


def test_no_picture_is_within_a_text(files: dict[str, bytes]) -> None:
    assert [] == [name for name in ("index.html", "files/page.css") if b"data:image" in files[name]]
    assert any(name.endswith(".png") for name in files)


def test_styles_of_elements_become_rules_of_the_sheet(html: str, files: dict[str, bytes]) -> None:
    rules = dict(re.findall(r'\[data-rule="(\d+)"\] \{ ([^}]*) \}', files["files/page.css"].decode()))
    plots = re.findall(r'class="plot"[^>]* data-rule="(\d+)"', html)
    assert plots
    assert [] == [rules[name] for name in plots if not re.fullmatch(r"height: \d+px", rules[name])]


def test_the_page_comes_last(files: dict[str, bytes]) -> None:
    assert "index.html" == list(files)[-1]
