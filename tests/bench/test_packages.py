"""Which distributions are installed, and how one that is missing is installed."""

from importlib.metadata import PackageNotFoundError

import pytest

from bench import packages
from bench.packages import install_command, required, version_of

LINES = [
    "torch<3,>=2.9",
    'mlxtend>=0.23.4; extra == "data"',
    'timm>=1.0; extra == "timm"',
    'timm>=1.0; extra == "test"',
]


@pytest.fixture
def metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """The requirements of an evobench that is installed."""
    monkeypatch.setattr(packages, "requires", {"evobench": LINES}.get)


@pytest.mark.usefixtures("metadata")
@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("mlxtend", "pip install 'evobench[data]'"),
        ("timm", "pip install 'evobench[timm]'"),
        ("somebodys-data", "pip install somebodys-data"),
    ],
)
def test_a_package_is_installed_by_the_first_extra_that_names_it_or_by_its_name(
    package: str, command: str
) -> None:
    assert command == install_command(package)


@pytest.mark.usefixtures("metadata")
def test_what_an_extra_asks_for_is_not_required() -> None:
    assert {"torch"} == required()


def test_where_evobench_runs_from_its_source_files_a_package_is_installed_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def not_there(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "requires", not_there)
    assert ("pip install mlxtend", frozenset()) == (install_command("mlxtend"), required())


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert ("", True) == (version_of("not-there-at-all"), version_of("numpy") > "")
