"""The structure: dependencies point one way, declarations are light, the wheel holds what it needs and no more."""

import ast
import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from setuptools import find_namespace_packages

from tests.rooms import ROOT, asked, sources

PACKAGES = ("evobench", "bench", "suites", "reports")
LONGEST = 300
"""Lines of a module: past that it holds two ideas."""
HEAVY = {
    "torch",
    "torchvision",
    "sklearn",
    "skimage",
    "scipy",
    "mlxtend",
    "fvcore",
    "pandas",
    "plotly",
    "matplotlib",
}


def tops(path: Path) -> set[str]:
    """Top-level packages that a file imports anywhere, in functions and for types too, lazily or not."""
    return {name.partition(".")[0] for name in asked(path)}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("evobench", {"suites", "tests", "torch", "torchvision"}),
        ("bench", {"evobench", "suites", "reports", "tests"}),
        ("suites", {"reports", "tests"}),
        ("reports", {"evobench", "suites", "tests", "torch", "torchvision"}),
    ],
)
def test_dependencies_point_one_way(package: str, forbidden: set[str]) -> None:
    found = {name: tops(path) & forbidden for name, path in sources(package).items()}
    assert {} == {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize(
    ("folder", "decorators"),
    [
        ("suites/architectures", {"architecture", "of_work", "of_preprint"}),
        ("bench/measures", {"measure"}),
        ("reports/charts", {"chart"}),
    ],
)
def test_every_public_module_of_declarations_declares_something(folder: str, decorators: set[str]) -> None:
    silent = [
        path.name
        for path in (ROOT / folder).glob("*.py")
        if not path.name.startswith("_")
        and path.name != "clock.py"
        and not any(
            isinstance(node, ast.Name) and node.id in decorators for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert [] == silent


def test_no_test_imports_a_catalogue_whose_declarations_would_stay_for_all_tests() -> None:
    asking = {name for name, path in sources("tests").items() for asks in asked(path) if "tests.catalogs." in asks}
    assert set() == asking


def test_modules_are_short() -> None:
    files = [path for package in (*PACKAGES, "tests") for path in sources(package).values()]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {} == {name: length for name, length in lengths.items() if length > LONGEST}


def loaded(script: str) -> set[str]:
    """Heavy packages that a fresh interpreter has loaded after the script."""
    script += f"\nimport json, sys; print(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, check=True)
    return set(json.loads(done.stdout))


def test_what_a_catalogue_imports_loads_nothing_heavy() -> None:
    assert set() == loaded("from evobench import architecture, chart, dataset, measure, suite, table")


def test_loading_every_catalogue_loads_nothing_heavy() -> None:
    assert set() == loaded("from bench.declare.catalog import load_catalogs; load_catalogs()")


def test_the_reports_load_no_torch() -> None:
    assert set() == loaded("; ".join(f"import {name}" for name in sources("reports"))) & {"torch", "torchvision"}


@pytest.fixture
def project() -> dict[str, Any]:
    """The content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_wheel_holds_the_packages_and_leaves_out_the_tests(project: dict[str, Any]) -> None:
    include = project["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = find_namespace_packages(str(ROOT), include=include)
    assert set(PACKAGES) == {name.partition(".")[0] for name in packages}


def test_the_wheel_holds_every_file_that_a_package_reads(project: dict[str, Any]) -> None:
    declared = project["tool"]["setuptools"]["package-data"]
    missing = [
        path
        for path in tracked()
        if (package := path.partition("/")[0]) in PACKAGES
        and not path.endswith(".py")
        and not any(fnmatch.fnmatch(path, f"{package}/{pattern}") for pattern in declared.get(package, []))
    ]
    assert [] == missing


def test_the_lock_pins_versions_alone_and_the_tried_pair_of_torch() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    assert [] == [pin for pin in pins if not re.fullmatch(r"[a-z0-9._-]+==[a-z0-9.]+", pin)]
    assert {"torch==2.13.0", "torchvision==0.28.0"} <= set(pins)


def test_the_lock_pins_every_requirement(project: dict[str, Any]) -> None:
    extras = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *(item for extra in extras for item in extra)]
    names = {re.split(r"[<>=!~\[; ]", item, maxsplit=1)[0].lower() for item in wanted}
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert set() == names - pinned


def tracked() -> list[str]:
    """Paths of the files that git tracks."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True)
    return [path for path in done.stdout.splitlines() if (ROOT / path).is_file()]


def test_no_file_names_a_folder_of_somebodys_machine_or_a_package_index() -> None:
    folders = r"(?<![\w.])/(?:home|root|work|Users)/\w"
    hosts = "|".join(re.escape(".".join(host)) for host in (("pypi", "org"), ("pythonhosted", "org")))
    texts = {path: (ROOT / path).read_bytes() for path in tracked()}
    pattern = re.compile(f"{folders}|{hosts}".encode())
    assert {} == {path: match.group() for path, text in texts.items() if (match := pattern.search(text))}
