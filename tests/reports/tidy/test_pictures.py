"""Pictures of a run: in its frames, on its page, as files."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench.cell import Cell, Learning, Picture, Record
from bench.cli.main import main
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.page.document import render
from reports.tidy.frame import read

EVIL = "<script>alert('x')</script>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
WHERE = Learning(
    weights="random",
    target="digits",
    mode="features+softmax",
    augmentation="none",
    resolution=32,
    shots=None,
    steps=0,
    batch=16,
    lr=0.0,
)
NAMES = ("filters", "attention")
FILTERS, HEADS = Cell("net:size=4", "filters", WHERE), Cell("net:size=4", "attention", WHERE)
DRAWN = Picture("filters", "First-layer filters", "Gray is zero.", PNG)


def written(path: Path, *records: Record) -> Path:
    """A run that planned two looks at one network."""
    with Store.create(path) as store:
        begun = RunRow("look", "2026-01-02T03:04:05+00:00", "smoke", "evobench run", {}, "here", {})
        measures = [
            Declaration("measure", name, {"name": name, "unit": "1", "nature": "pictures"}) for name in NAMES
        ]
        store.begin_run(begun, measures, [CellRow(cell, ("looking",), 1.0, 1) for cell in (FILTERS, HEADS)])
        for record in records:
            store.add_record("look", record)
        store.end_run("look", "complete", "2026-01-02T03:05:05+00:00")
    return path


GOOD = Record(cell=FILTERS, replicate=0, status="ok", unit="1", values=(0.5,), pictures=(DRAWN,))
WITHOUT = Record(cell=HEADS, replicate=0, status="unsupported", unit="1", reason="net has no attention")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return written(tmp_path / "runs.sqlite", GOOD, WITHOUT)


def test_an_export_lists_each_picture_with_its_caption_and_file(tmp_path: Path, store: Path) -> None:
    assert 0 == main(["export", "--csv", str(tmp_path / "out"), "--store", str(store)])
    (row,) = pd.read_csv(tmp_path / "out" / "pictures.csv").to_dict("records")
    (file,) = (tmp_path / "out" / "pictures").iterdir()
    assert ("Gray is zero.", file.name) == (row["caption"], row["file"])


def test_an_export_names_the_image_of_each_sample(tmp_path: Path) -> None:
    tested = replace(GOOD, cell=HEADS, values=(1.0, 0.0), pictures=(), images=("cat/1.jpg", "dog/2.jpg"))
    store = written(tmp_path / "tested.sqlite", GOOD, tested)
    assert 0 == main(["export", "--csv", str(tmp_path), "--parquet", str(tmp_path), "--store", str(store)])
    expected = [(0.5, ""), (1.0, "cat/1.jpg"), (0.0, "dog/2.jpg")]
    for samples in (pd.read_csv(tmp_path / "samples.csv"), pd.read_parquet(tmp_path / "samples.parquet")):
        named = samples["image"].fillna("")
        assert expected == list(zip(samples["value"], named, strict=True))


def page_of(path: Path) -> str:
    with Store.open(path) as store:
        return render(store, "latest")


def test_a_picture_is_a_row_with_its_file_in_base64(store: Path) -> None:
    with Store.open(store) as opened:
        (row,) = read(opened, "latest").pictures.to_dict("records")
    expected = ("net:size=4", "filters", "First-layer filters", "Gray is zero.", b64encode(PNG).decode())
    assert expected == tuple(row[name] for name in ("architecture", "measure", "title", "caption", "png"))


def test_the_page_carries_the_picture_itself_with_words_for_those_who_do_not_see_it(store: Path) -> None:
    page = page_of(store)
    assert f'src="data:image/png;base64,{b64encode(PNG).decode()}"' in page
    assert 'alt="First-layer filters of net:size=4"' in page
    assert "Gray is zero." in page


def test_a_picture_has_its_size_on_the_page_so_that_nothing_moves_when_it_appears(tmp_path: Path) -> None:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (480).to_bytes(4) + (320).to_bytes(4)
    page = page_of(written(tmp_path / "s.sqlite", replace(GOOD, pictures=(replace(DRAWN, png=header),))))
    assert 'width="480" height="320"' in page


def test_the_page_says_what_could_not_be_drawn_and_why(store: Path) -> None:
    assert "Without a picture: attention (unsupported: net has no attention)" in page_of(store)


def test_the_policy_of_the_page_lets_pictures_in_that_it_carries(store: Path) -> None:
    policy = re.search(r'Security-Policy" content="([^"]*)"', page_of(store))
    assert policy is not None
    assert re.search(r"img-src [^;]*data:", policy[1])


def test_a_picture_can_bring_no_script(tmp_path: Path) -> None:
    evil = Picture("filters", EVIL, EVIL, PNG)
    page = page_of(written(tmp_path / "evil.sqlite", replace(GOOD, pictures=(evil,))))
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_a_run_that_looked_at_nothing_names_what_does(page: str) -> None:
    assert 'id="looking"' not in page
    assert "Looking inside (<code>evobench run --suite looking</code>)" in page


def test_a_single_share_has_no_interval_over_test_images(tmp_path: Path) -> None:
    with Store.open(written(tmp_path / "s.sqlite", replace(GOOD, values=(0.0,)))) as opened:
        record = read(opened, "latest").records.iloc[0]
    assert (0.0, True) == (record["value"], pd.isna(record["low"]))


def test_exported_pictures_are_files_under_names_that_every_system_takes(store: Path, tmp_path: Path) -> None:
    assert 0 == main(["export", "--store", str(store), "--csv", str(tmp_path / "out")])
    (file,) = (tmp_path / "out" / "pictures").iterdir()
    assert PNG == file.read_bytes()
    assert re.fullmatch(rf"net-size-4-filters-filters-{FILTERS.key[:8]}-0-0\.png", file.name)


def test_without_pictures_no_folder_is_made_for_them(tmp_path: Path) -> None:
    path = written(tmp_path / "none.sqlite", replace(GOOD, pictures=()))
    main(["export", "--store", str(path), "--csv", str(tmp_path / "out")])
    assert not (tmp_path / "out" / "pictures").exists()
