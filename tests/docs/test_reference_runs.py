"""The pages of the site about reference runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import StoreError
from bench.store.database import Store
from bench.store.reference.form import MOST_BYTES
from bench.store.reference.writing import reference_text
from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES
from tools.docs.reference_runs import FOLDER, pages

PLAN = Plan(id="theirs", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one reference run, of a CPU whose name has what HTML would read."""
    write_run(tmp_path / "runs.sqlite", PLAN)
    with Store.open(tmp_path / "runs.sqlite") as store:
        text = reference_text(store, "latest").replace("Example CPU 9000", "Example <b>")
    (tmp_path / "laptop.json").write_text(text)
    return tmp_path


def test_each_reference_run_has_a_page_with_its_tables(folder: Path) -> None:
    found = pages(folder)
    assert ["reference-runs/index.md", "reference-runs/laptop.md"] == [*found]
    page = found["reference-runs/laptop.md"]
    assert "| lecture_cnn |" in page.partition("## Evolution")[2]
    assert "| lecture_cnn |" in page.partition("## Transfer scenarios")[2]


def test_the_list_links_to_each_page_and_text_of_a_file_is_no_html(folder: Path) -> None:
    index = pages(folder)["reference-runs/index.md"]
    assert "| [laptop](laptop.md) | Example &#60;b&#62; | 2 |" in index


def test_a_damaged_file_stops_the_build(folder: Path) -> None:
    path = folder / "laptop.json"
    path.write_text(path.read_text()[:-9])
    with pytest.raises(StoreError, match=r"laptop\.json' is damaged"):
        pages(folder)


def test_the_reference_runs_of_the_site_can_be_read_and_are_small() -> None:
    files = list(FOLDER.glob("*.json"))
    assert [] == [path.name for path in files if path.stat().st_size > MOST_BYTES]
    assert 1 + len(files) == len(pages())
