"""The section on transfer: its order, its headings, its key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.store.database import Store
from reports.page.document import page_of
from reports.page.section import Page
from reports.page.sections.transfer import GROUPS, transfer
from reports.tidy.frame import read
from tests.reports.trainings import learned

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def built(synthetic: Path) -> Iterator[tuple[Page, str]]:
    """The plausible run's page, and its section."""
    with Store.open(synthetic) as store:
        page = page_of(store, read(store, "latest"))
        yield page, str(transfer(page))


def headings(section: str) -> list[str]:
    return [re.sub(r"\s+", " ", found) for found in re.findall(r"<h3[^>]*>(.*?)</h3>", section, re.DOTALL)]


def test_no_two_headings_are_the_same(built: tuple[Page, str]) -> None:
    assert {1} == set(Counter(headings(built[1])).values())


def test_sub_headings_stand_in_the_order_from_telling_to_detail_with_anchors(built: tuple[Page, str]) -> None:
    found = re.findall(r'<h3 class="part" id="([\w-]+)">', built[1])
    assert [group.anchor for group in GROUPS] == found


def test_what_charts_say_stands_before_the_tables_which_are_folded(built: tuple[Page, str]) -> None:
    section = built[1]
    tables = re.findall(r'<(\w+) class="table[^"]*" id="([\w-]+)"', section)
    assert {"details"} == {tag for tag, _ in tables}
    assert section.index('id="chart-pretraining_effect"') < section.index('id="table-pretraining_effect"')
    assert "table-scenarios" in {name for _, name in tables}


def test_the_heading_of_a_chart_of_effects_is_what_they_come_to(built: tuple[Page, str]) -> None:
    assert any(
        text.startswith("Pretraining on MNIST") and "higher in 9 of 9" in text for text in headings(built[1])
    )


def test_colours_and_shapes_are_explained_once_for_the_section(built: tuple[Page, str]) -> None:
    page, section = built
    assert 1 == section.count('<ul class="key"')
    assert ["random", "MNIST"] == re.findall(r"</svg> start: (\w+)</li>", section)
    for name in ("scenario_accuracy", "learning_curves"):
        assert page.figures[name]["layout"]["showlegend"] is False


def test_what_the_run_has_nothing_of_has_no_heading(tmp_path: Path) -> None:
    frames = learned(tmp_path / "s.sqlite", [{"right": 80}])
    found = re.findall(r'<h3 class="part" id="([\w-]+)">', str(transfer(Page(frames))))
    assert "transfer-accuracies" in found
    assert "transfer-gains" not in found


def test_names_of_users_cannot_bring_tags_into_the_section(tmp_path: Path) -> None:
    item = {"target": EVIL, "architecture": EVIL}
    frames = learned(tmp_path / "s.sqlite", [{"right": 80, **item}, {"right": 60, **item, "augmentation": EVIL}])
    page = Page(frames)
    assert EVIL not in str(transfer(page))
    assert not any(EVIL in str(figure) for figure in page.figures.values())
