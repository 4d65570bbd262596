"""What the environments of the sessions hold."""

import importlib.util
import re
import tomllib
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from bench.declare.catalog import DATASETS, load_catalogs
from tests.rooms import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def noxfile(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file of the sessions, as nox loads it."""
    pytest.importorskip("nox")
    monkeypatch.chdir(ROOT)
    spec = importlib.util.spec_from_file_location("noxfile", ROOT / "noxfile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # nox keeps the sessions of an earlier test
        spec.loader.exec_module(module)
    return module


def test_the_oldest_versions_are_those_of_dependencies_and_of_the_extras_of_every_session(
    noxfile: ModuleType,
) -> None:
    extras = PROJECT["optional-dependencies"]
    bounds = [*PROJECT["dependencies"], *extras["data"], *extras["parquet"]]
    names = [re.split("[<>=]", line)[0] for line in bounds]
    pins = noxfile.lowest().splitlines()
    assert names == [pin.partition("==")[0] for pin in pins]
    assert {"mlxtend==0.23.4.*", "pyarrow==16.1.*"} <= set(pins)


def test_every_environment_has_the_embedded_data_and_parquet(noxfile: ModuleType) -> None:
    environments = (noxfile.SHARED, noxfile.NEWEST, noxfile.FLOORS)
    assert [] == [one.name for one in environments if not {"data", "parquet"} <= set(one.extras)]


def test_every_package_that_ships_a_data_set_is_a_dependency_or_in_the_extra_data() -> None:
    load_catalogs()
    shipped = {item.package for item in DATASETS if item.package and ROOT / "suites" in Path(item.place).parents}
    named = {
        re.split("[<>=]", line)[0]
        for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["data"])
    }
    assert set() == shipped - named
