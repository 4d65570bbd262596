"""The section of mistakes, without a browser, and what an export has of them."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.store.database import Store
from reports.page.document import render
from reports.page.sections.mistakes import MOST_DOUBTED, OTHERS
from reports.tables import load_tables
from tests.reports.answering import answer, png, training
from tests.reports.trainings import learned

EVIL = "<img src=x onerror=alert(1)>\n\"'.png"


def written(folder: Path, *trainings: Mapping[str, Any]) -> Path:
    """The store of a run."""
    learned(folder / "s.sqlite", map(dict, trainings))
    return folder / "s.sqlite"


def page_of(path: Path) -> str:
    with Store.open(path) as store:
        return render(store, "latest")


def section_of(page: str) -> str:
    """The section alone."""
    found = re.search(r'<section id="mistakes".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def packed(page: str) -> dict[str, Any]:
    """What the section gives to the script."""
    block = re.search(r'id="data">([^<]*)<', page)
    assert block is not None
    content: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(block[1])))["blocks"]["mistakes"]
    return content


def cross_validation(*places: int, **about: Any) -> list[Mapping[str, Any]]:
    """Of two folds, the first of which is wrong about these."""
    return [training(*map(answer, places), folds=2, fold=0, **about), training(folds=2, fold=1, **about)]


def test_a_mistake_is_a_picture_with_its_path_its_label_and_what_was_said(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, training(answer(3, 0.876)))))
    assert f'src="data:image/png;base64,{base64.b64encode(png()).decode()}"' in section
    assert 'alt="cat/3.png: label cat, named dog"' in section
    assert "Label <b>cat</b>, named <b>dog</b> 87.6&nbsp;%" in section


def test_a_picture_says_how_many_trainings_agree_where_there_are_several(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, training(answer(3)), training(answer(3), seed=1))))
    assert "2 of 2 trainings say so" in section
    (tmp_path / "one").mkdir()
    assert "say so" not in section_of(page_of(written(tmp_path / "one", training(answer(3)))))


def test_of_margins_no_percentage_is_told(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, training(answer(3, None), mode="features+svm"))))
    assert "named <b>dog</b> (margin 1)" in section


def test_without_folds_one_line_says_what_measures_labels(tmp_path: Path) -> None:
    assert "Probably mislabelled: measured by --folds only." in section_of(
        page_of(written(tmp_path, training(answer(3))))
    )


def test_labels_in_doubt_stand_first(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, *cross_validation(3))))
    headings = re.findall(r"<h[34]>([^<]*)", section)
    assert ["digits8", "Probably mislabelled", "Wrong and confident"] == headings[:3]
    assert "Label <b>cat</b>, probably <b>dog</b> 90.0&nbsp;%" in section


def test_more_doubted_labels_than_are_pictured_are_in_the_table(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, *cross_validation(*range(MOST_DOUBTED + 2)))))
    assert "And 2 more: the table below has all." in section


def test_where_no_label_is_in_doubt_it_is_said(tmp_path: Path) -> None:
    parts = [training(answer(1, 0.6), folds=2, fold=0), training(folds=2, fold=1)]
    assert "No label is in doubt." in section_of(page_of(written(tmp_path, *parts)))


def test_the_best_validated_scenario_is_shown_and_the_others_are_folded(tmp_path: Path) -> None:
    runs = [training(answer(i), steps=10 + i, val_top1=i / 10) for i in range(3)]
    page = page_of(written(tmp_path, *runs))
    section, content = section_of(page), packed(page)
    assert ["cat/2.png"] == re.findall(r'alt="([^:]*):', section)
    assert 2 == section.count('<details class="folded"') == len(content["folded"])
    assert ["cat/1.png", "cat/0.png"] == [re.findall(r'alt="([^:]*):', part)[0] for part in content["folded"]]


def test_a_picture_that_several_folded_scenarios_show_is_packed_once(tmp_path: Path) -> None:
    content = packed(page_of(written(tmp_path, *(training(answer(1), steps=10 + i) for i in range(3)))))
    assert [f"data:image/png;base64,{base64.b64encode(png()).decode()}"] == content["pictures"]
    assert ['data-picture="0"'] * 2 == [re.findall(r'data-picture="\d+"', part)[0] for part in content["folded"]]


def test_of_many_scenarios_the_page_offers_some_and_counts_the_rest(tmp_path: Path) -> None:
    page = page_of(written(tmp_path, *(training(answer(1), steps=10 + i) for i in range(OTHERS + 3))))
    assert OTHERS == len(packed(page)["folded"])
    assert "Those of 2 further scenarios are in the table below." in section_of(page)


def test_an_image_without_a_picture_says_so(tmp_path: Path) -> None:
    section = section_of(page_of(written(tmp_path, {**training(answer(3)), "pictures": ()})))
    assert "no picture kept" in section


def test_names_of_files_and_classes_are_text(tmp_path: Path) -> None:
    evil = [training(answer(i, path=EVIL), names={"0": EVIL, "1": EVIL}, steps=10 + i) for i in range(2)]
    page = page_of(written(tmp_path, *evil))
    for text in (section_of(page), *packed(page)["folded"]):
        assert "<img src=x" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text
        assert 1 == text.count("<img ")


def test_a_name_that_is_no_text_is_written_out(tmp_path: Path) -> None:
    page = page_of(written(tmp_path, training(answer(3, path="cat/\udcff.png"))))
    assert "cat/\\udcff.png" in section_of(page)


def test_a_run_without_answers_has_no_section(tmp_path: Path) -> None:
    assert "" == section_of(page_of(written(tmp_path, {"right": 90})))


def test_pictures_of_answers_are_not_among_those_of_the_inside_of_networks(tmp_path: Path) -> None:
    assert '<section id="looking"' not in page_of(written(tmp_path, training(answer(3))))


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Path, list[dict[str, str]]]:
    """The folder of an export of a cross-validation with a doubted label, and its table."""
    path = written(tmp_path, *cross_validation(3))
    assert 0 == main(["export", "--store", str(path), "--csv", str(tmp_path / "out")])
    with (tmp_path / "out" / "mistakes.csv").open(newline="") as file:
        return tmp_path / "out", list(csv.DictReader(file))


def test_an_export_has_a_row_an_image_and_kind(exported: tuple[Path, list[dict[str, str]]]) -> None:
    _, rows = exported
    assert [("cat/3.png", "probably mislabelled"), ("cat/3.png", "confident mistake")] == [
        (row["Image"], row["Kind"]) for row in rows
    ]
    expected = {"Label": "cat", "Predicted class": "dog", "Probability (%)": "90", "Votes": "1", "Of": "1"}
    assert expected == {name: rows[0][name] for name in expected}


def test_an_export_names_the_file_of_each_picture(exported: tuple[Path, list[dict[str, str]]]) -> None:
    folder, rows = exported
    assert {png()} == {(folder / "pictures" / row["Picture"]).read_bytes() for row in rows}


def test_votes_that_may_be_more_are_marked(tmp_path: Path) -> None:
    cut = training(answer(9), steps=99, errors=40)
    frames = learned(tmp_path / "s.sqlite", map(dict, [training(answer(3), val_top1=0.9), cut]))
    assert "≥ 1" == load_tables().get("mistakes").formatted(frames)["Votes"].iloc[0]
