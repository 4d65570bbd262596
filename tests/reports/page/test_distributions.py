"""The pictures of how the values of both sides lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.compare.verdict import Comparison
from bench.store.database import Store
from reports.comparing.pairing import pair_up
from reports.page.distributions import MOST, pictures
from reports.page.document import page_of
from reports.page.sections.compare import compare
from tests.bench.compare.gates import Gate, compared
from tests.bench.compare.judgements import ERRATIC, OPEN

BASE, HEAD = "20260101-000000-base", "20260101-000000-head"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate whose verdicts are exchanged for others."""
    return compared(tmp_path / "gate.sqlite")


def section(gate: Gate, *found: Comparison) -> str:
    with Store.open(gate.store) as store:
        both = pair_up(store, BASE, HEAD)
        page = page_of(store, both.head)
        page.compared = replace(both, found=found)
        return compare(page)


def test_the_section_draws_a_cell_that_is_erratic(gate: Gate) -> None:
    html = section(gate, ERRATIC)
    assert 1 == html.count('<path class="base"')
    assert "<span>1.90 ms</span><span>3.70 ms</span>" in html


def test_the_name_of_a_cell_cannot_break_out_of_its_picture(gate: Gate) -> None:
    html = section(gate, replace(ERRATIC, cell='"><script>x</script>'))
    assert "<script>x" not in html and '""' not in html


def test_without_a_distribution_to_show_there_is_no_heading_for_them(gate: Gate) -> None:
    assert "Distributions" not in section(gate, OPEN)


def test_a_cell_that_is_fine_is_drawn_where_it_has_two_modes() -> None:
    assert ERRATIC.spread is not None
    quiet = replace(ERRATIC.spread, head=ERRATIC.spread.base, erratic=False)
    fine = replace(ERRATIC, verdict="fine")
    assert [1, 0] == [len(pictures([item])) for item in (fine, replace(fine, spread=quiet))]


def test_the_largest_bar_of_each_side_has_the_full_height() -> None:
    (picture,) = pictures([ERRATIC])
    assert "v-40.0" in picture.base and "v40.0" in picture.head


def test_more_cells_than_a_page_takes_are_left_out() -> None:
    assert MOST == len(pictures([ERRATIC] * (MOST + 1)))
