"""The digest that decides whether a kept figure may stand for a new one."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import bench
from bench.cell import Cell, Cost, Learning
from bench.declare.artifact import PRODUCERS
from bench.declare.catalog import MEASURES, load_catalogs
from bench.declare.loading import code
from bench.declare.loading.code import code_digest
from bench.declare.loading.imports import Sources

ROOT = Path(bench.__file__).parents[1]


@pytest.fixture
def declared(tmp_path: Path) -> str:
    """Place of an architecture whose blocks are in a module beside it."""
    (tmp_path / "net.py").write_text("def net():\n    from parts import WIDTH\n    from torch import nn\n")
    (tmp_path / "parts.py").write_text("WIDTH = 8\n")
    return f"{tmp_path / 'net.py'}:7"


def file_of(place: str) -> Path:
    return Path(place.rpartition(":")[0])


def anew(*places: str) -> str:
    return code_digest(*places, sources=Sources())


def test_unchanged_code_has_an_unchanged_digest(declared: str) -> None:
    assert anew(declared) == anew(declared)


def test_a_changed_declaration_changes_the_digest(declared: str) -> None:
    before = anew(declared)
    file_of(declared).write_text("# mended\n")
    assert before != anew(declared)


def test_a_change_of_what_a_catalogue_imports_from_beside_it_changes_the_digest(
    declared: str, tmp_path: Path
) -> None:
    before = anew(declared)
    (tmp_path / "parts.py").write_text("WIDTH = 80\n")
    assert before != anew(declared)


def test_a_new_file_beside_a_catalogue_does_not_change_the_digest(declared: str, tmp_path: Path) -> None:
    before = anew(declared)
    (tmp_path / "other.py").write_text("WIDTH = 80\n")
    assert before == anew(declared)


def test_a_moved_line_alone_does_not_change_the_digest(declared: str) -> None:
    assert anew(declared) == anew(declared.replace(":7", ":9"))


def test_a_changed_version_changes_the_digest(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = anew(declared)
    monkeypatch.setattr(code, "versions", lambda: (("torch", "3.0"),))
    assert before != anew(declared)


def test_the_version_of_a_package_that_only_the_catalogue_imports_is_covered() -> None:
    names = frozenset({"rich", "PIL", "not_there"})
    assert ["not_there", "pillow", "rich"] == [name for name, _ in code._versions_of(names)]
    assert ("not_there", "absent") in code._versions_of(names)


def test_a_package_that_is_not_installed_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "PACKAGES", ("not-there-at-all",))
    code.versions.cache_clear()
    assert (("not-there-at-all", "absent"),) == code.versions()
    code.versions.cache_clear()


def learning(mode: str, augmentation: str) -> Learning:
    how = {"resolution": 32, "shots": 0, "steps": 4, "batch": 8, "lr": 0.01}
    return Learning(weights="random", target="dots", mode=mode, augmentation=augmentation, **how)  # type: ignore[arg-type]


KINDS = {
    "count": [Cell("tiny", name, Cost(mode="infer", resolution=32)) for name in ("macs", "parameters")],
    "timing": [Cell("tiny", "latency", Cost(mode="infer", resolution=32))],
    "training": [
        Cell("tiny", "top1", learning(mode, augmentation))
        for mode, augmentation in (("features+softmax", "digits"), ("features+svm", "none"), ("scratch", "hflip"))
    ],
}


@cache
def really_loaded(kind: str) -> dict[str, set[Path]]:
    """Our modules that a process has loaded once it has `made` artifacts, and once it has `measured` the cells."""
    modules = ",".join(sorted({MEASURES.get(cell.measure).function.__module__ for cell in KINDS[kind]}))
    cells = json.dumps([cell.to_dict() for cell in KINDS[kind]])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).with_name("imported.py")), folder, modules, cells]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return {when: set(map(Path, files)) for when, files in json.loads(done.stdout.splitlines()[-1]).items()}


def unnoticed(modules: set[Path], *places: str) -> list[str]:
    """Those of the modules whose change leaves the digest as it is."""
    before = anew(*places)
    with_change = {module: code_digest(*places, sources=Sources(_changing(module))) for module in sorted(modules)}
    return [module.relative_to(ROOT).as_posix() for module, found in with_change.items() if found == before]


def _changing(module: Path) -> Callable[[Path], bytes]:
    return lambda file: file.read_bytes() + (b"\nchanged = 1\n" if file == module else b"")


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_any_module_that_a_figure_has_loaded_is_noticed(kind: str) -> None:
    load_catalogs()
    loaded = really_loaded(kind)["measured"]
    places = [MEASURES.get(cell.measure).place for cell in KINDS[kind]]
    assert {file_of(place) for place in places} <= loaded
    assert [] == unnoticed(loaded, *places)


@pytest.mark.parametrize(
    ("kind", "artifacts"), [("count", ["count"]), ("training", ["dataset", "features", "heads", "views"])]
)
def test_a_change_of_any_module_that_an_artifact_has_loaded_is_noticed(kind: str, artifacts: list[str]) -> None:
    load_catalogs()
    made = {file for file in really_loaded(kind)["made"] if file.parent.name != "measures"}
    assert [] == unnoticed(made, *map(PRODUCERS.place, artifacts))


def test_a_figure_does_not_stand_on_the_files_of_other_measures() -> None:
    load_catalogs()
    declaring = {file_of(item.place) for item in MEASURES if file_of(item.place).is_relative_to(ROOT / "bench")}
    found = {item.name: Sources().closure(file_of(item.place)).files & declaring for item in MEASURES}
    expected = {
        "latency": {"timing"},
        "macs": {"counts"},
        "roofline": {"roofline", "counts", "timing"},
        "top1": {"accuracy"},
    }
    assert expected == {name: {file.stem for file in found[name]} for name in expected}


def test_a_figure_does_not_stand_on_what_only_plans_shows_or_judges() -> None:
    load_catalogs()
    files = {file for item in MEASURES for file in Sources().closure(file_of(item.place)).files}
    # whether a training started, and which answers are worth a look, is worked out where it is trained and kept
    kept = ("__init__.py", "start.py", "answers/__init__.py", "answers/kept.py")
    files -= {ROOT / "bench" / "statistics" / name for name in kept}
    rooms = {file.relative_to(ROOT).parts[1] for file in files if file.is_relative_to(ROOT / "bench")}
    assert set() == rooms & {"run", "store", "gate", "audit", "cli", "statistics"}


def test_what_runs_a_measure_is_a_part_of_every_digest(declared: str) -> None:
    runner = ROOT / "bench" / "execute" / "work" / "measuring.py"
    subject, clock = ROOT / "bench" / "network" / "subject.py", ROOT / "bench" / "clock.py"
    assert [] == unnoticed({runner, subject, clock}, declared)


def test_a_new_measure_in_a_file_of_its_own_changes_only_its_own_figures(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "cli", "gate", "run")
    folder = shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=ignored) / "measures"
    before = digests_in(folder)
    new = folder / "depth.py"
    new.write_text("from bench.measures.counts import count_parameters\n")
    own = digests_in(folder)
    new.write_text("from bench.measures.counts import count_macs\n")
    after = digests_in(folder)
    assert own.pop(new) != after.pop(new)
    assert before == own == after


def digests_in(folder: Path) -> dict[Path, str]:
    sources = Sources()
    return {file: sources.digest(file) for file in folder.glob("*.py")}
