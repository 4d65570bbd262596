"""Runs of a store that somebody else may have made: none of its text becomes a path or is imported unasked."""

from dataclasses import replace
from pathlib import Path

import pytest

import evobench
from bench.cell import Cell, Cost
from bench.cli.main import main
from bench.run.runs import Wish, find_unfinished
from bench.store.database import CellRow, RunRow, Store
from tests.bench.strangers import NOT_IDS

RUN = RunRow("20260102-030405-aaaa", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "?"}, "x", {})
CELL = Cell("lenet5", "parameters", Cost(mode="infer", resolution=32))
OTHER_HOST = "was begun on another host or with other packages"


def begin(path: Path, run: RunRow = RUN) -> Path:
    with Store.create(path) as store:
        store.begin_run(run, [], [CellRow(CELL, ("s",), 1.0, 1)])
        store.end_run(run.id, "interrupted", "2026-01-02T03:05:05Z")
    return path


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """Code that leaves a trace where it is imported."""
    path = tmp_path / "evil.py"
    path.write_text("from pathlib import Path\nPath(__file__).with_name('imported').touch()\n")
    return path


@pytest.fixture
def naming(tmp_path: Path, catalog: Path) -> Path:
    """A store that names this code."""
    return begin(tmp_path / "s.sqlite", replace(RUN, settings={"catalogs": [str(catalog)]}))


def told(capsys: pytest.CaptureFixture[str]) -> str:
    *_, line = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("name", NOT_IDS.values(), ids=NOT_IDS)
@pytest.mark.parametrize("options", [["--resume"], ["--resume", "--dry-run"]], ids=["run", "dry run"])
def test_a_run_whose_id_evobench_never_gave_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, options: list[str]
) -> None:
    store = begin(tmp_path / "a" / "b" / "s.sqlite", replace(RUN, id=name))
    assert 2 == main(["run", *options, "--store", str(store)])
    assert "is not an id that evobench gives to a run: no file is written" in told(capsys)
    assert [tmp_path / "a", store.parent, store] == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize("options", [["--resume"], ["--resume", "--dry-run"]], ids=["run", "dry run"])
def test_a_catalogue_that_a_store_names_is_not_imported(
    naming: Path, catalog: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert 2 == main(["run", *options, "--store", str(naming)])
    assert told(capsys).endswith(f"name it to have it loaded: --catalog {catalog}")
    assert not catalog.with_name("imported").exists()


def test_a_relative_name_is_one_of_the_folder_that_one_works_in_and_is_refused_as_well(
    tmp_path: Path, catalog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = begin(tmp_path / "s.sqlite", replace(RUN, settings={"catalogs": [catalog.name]}))
    assert 2 == main(["run", "--resume", "--store", str(store)])
    assert "--catalog evil.py" in told(capsys)


def test_naming_the_catalogue_alone_has_it_loaded(
    naming: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["run", "--resume", "--catalog", str(catalog), "--store", str(naming)])
    assert (4, True) == (code, OTHER_HOST in told(capsys))  # as far as this one may go
    assert catalog.with_name("imported").exists()


def test_another_catalogue_is_another_option(
    naming: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = catalog.with_name("other.py")
    other.write_text("")
    assert 2 == main(["run", "--resume", "--catalog", str(other), "--store", str(naming)])
    assert "was begun with other options" in told(capsys)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        *((names, "is damaged: table run, column settings") for names in (5, {"a": 1}, [None])),
        (["a\0.py"], "was begun with catalogues that have no name"),
    ],
)
def test_what_is_not_the_name_of_a_catalogue_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: object, line: str
) -> None:
    store = begin(tmp_path / "s.sqlite", replace(RUN, settings={"catalogs": names}))
    assert 2 == main(["run", "--resume", "--store", str(store)])
    assert line in told(capsys)


@pytest.mark.parametrize(
    "words", [["save-model", "latest", "DIR"], ["regress", "--against", RUN.id]], ids=["save-model", "regress"]
)
def test_no_other_verb_imports_it(
    naming: Path, catalog: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    words = [str(naming.with_name(word)) if word == "DIR" else word for word in words]
    assert 2 == main([*words, "--store", str(naming)])
    assert told(capsys).endswith(f"name it to have it loaded: --catalog {catalog}")
    assert not catalog.with_name("imported").exists()


def test_the_door_imports_nothing_of_it(naming: Path, catalog: Path) -> None:
    assert RUN.id == evobench.load("latest", naming).id
    assert not catalog.with_name("imported").exists()


def test_nothing_is_downloaded_into_a_folder_that_a_store_alone_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = begin(tmp_path / "s.sqlite", replace(RUN, settings={"data": str(tmp_path / "elsewhere")}))
    assert 2 == main(["run", "--resume", "--download", "--store", str(store)])
    assert f"was begun with --data {tmp_path / 'elsewhere'}: name it again" in told(capsys)


def test_the_newest_unfinished_run_is_the_one_that_was_begun_last_whatever_the_clock_said(tmp_path: Path) -> None:
    path = begin(tmp_path / "s.sqlite")
    begin(path, replace(RUN, id="20250102-030405-bbbb", started="2025-01-02T03:04:05Z"))
    with Store.open(path) as store:
        found = find_unfinished(store, "", Wish())
    assert found is not None
    assert "20250102-030405-bbbb" == found.id


@pytest.mark.parametrize("linked", ["store", "folder"])
def test_a_store_behind_a_link_is_gone_on_with_as_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], linked: str
) -> None:
    path = begin(tmp_path / "real" / "s.sqlite")
    link = tmp_path / "link"
    link.symlink_to(path if linked == "store" else path.parent)
    code = main(["run", "--resume", "--store", str(link if linked == "store" else link / path.name)])
    assert (4, True) == (code, OTHER_HOST in told(capsys))
