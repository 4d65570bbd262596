"""Declarations, and the catalogues that make them."""

import sys
from pathlib import Path

import pytest

from bench.cell import Samples
from bench.declare.catalog import (
    ARCHITECTURES,
    DATASETS,
    MEASURES,
    SUITES,
    architecture,
    dataset,
    load_catalogs,
    measure,
    suite,
)
from bench.declare.declarations import Setting
from bench.errors import DuplicateName, UsageError

DECLARATION = """\
from evobench import architecture


@architecture(family="Mine", year=2026, paper="none")
def {name}(num_classes):
    \"\"\"My network.\"\"\"
"""


@pytest.fixture(autouse=True)
def _alone(no_declarations: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the catalogues that a test names are loaded."""
    monkeypatch.setattr("bench.declare.loading.discovery.entry_points", lambda group: [])
    monkeypatch.setattr("bench.declare.loading.discovery._loaded", {"bench.measures", "suites"})


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_a_decorator_returns_its_function_unchanged() -> None:
    def net(num_classes: int) -> None: ...

    assert net is architecture(family="F", year=2026, paper="none")(net)


def test_an_architecture_is_declared_under_its_functions_name_with_its_lineage() -> None:
    @architecture(family="ResNet", year=2015, paper="arXiv:1512.03385", lecture=True, tags=["residual"])
    def net(num_classes: int) -> None:
        """Adds what went in to what comes out."""

    item = ARCHITECTURES.get("net")
    assert ("ResNet", 2015, "arXiv:1512.03385") == (item.family, item.year, item.paper)
    assert "Adds what went in to what comes out." == item.idea
    assert ("residual",) == item.tags


def test_architectures_stand_in_the_order_that_they_declare_and_those_without_one_behind() -> None:
    for name, order in (("unplaced", None), ("late", 20), ("early", 10), ("late_too", 20), ("unplaced_too", None)):

        def net(num_classes: int) -> None: ...

        net.__name__ = name
        architecture(family="F", year=2026, paper="none", order=order)(net)
    assert ("early", "late", "late_too", "unplaced", "unplaced_too") == ARCHITECTURES.names()


def test_a_measure_needs_no_artifact_unless_it_says_so() -> None:
    @measure(unit="s", better="lower")
    def wait(subject: object, clock: object) -> Samples:
        """Time."""
        return Samples((1.0,))

    item = MEASURES.get("wait")
    assert ("s", "lower", "never", "Time.") == (item.unit, item.better, item.repeats, item.about)


def test_a_data_set_is_declared_under_the_name_that_it_gives() -> None:
    @dataset(name="uci", classes=10, channels=1, resolution=8, licence="CC-BY-4.0", source="doi")
    def load() -> None:
        """Digits."""

    assert ("uci", "Digits.") == (DATASETS.get("uci").name, DATASETS.get("uci").about)


def test_a_suite_is_declared_with_the_cells_that_it_plans() -> None:
    @suite(title="Nothing")
    def nothing(setting: Setting) -> tuple[()]:
        """No cells."""
        return ()

    assert () == SUITES.get("nothing").cells(Setting("smoke", "cpu", 1))


def test_a_file_is_a_catalogue(tmp_path: Path) -> None:
    load_catalogs([write(tmp_path / "mine.py", DECLARATION.format(name="my_net"))])
    assert ("my_net",) == ARCHITECTURES.names()


def test_a_package_is_a_catalogue_with_its_modules_and_with_what_packages_in_it_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "mine_package"
    for folder in ("", "declaring", "models", "_private"):
        (package / folder).mkdir(exist_ok=True)
        (package / folder / "__init__.py").touch()
        write(package / folder / "nets.py", DECLARATION.format(name=f"net_{folder}"))
    own = "from bench.declare.loading.discovery import import_all\nimport_all(__name__)\n"
    for folder in ("declaring", "_private"):
        write(package / folder / "__init__.py", own)
    monkeypatch.syspath_prepend(str(tmp_path))
    load_catalogs(["mine_package"])
    assert {"net_", "net_declaring"} == set(ARCHITECTURES.names())


def test_a_catalogue_that_is_named_twice_loads_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "mine.py", DECLARATION.format(name="my_net"))
    monkeypatch.chdir(tmp_path)
    load_catalogs(["mine.py", str(tmp_path / "mine.py")])
    assert ("my_net",) == ARCHITECTURES.names()


def test_a_name_in_two_catalogues_is_refused_and_both_places_are_named(tmp_path: Path) -> None:
    first = write(tmp_path / "first.py", DECLARATION.format(name="same"))
    second = write(tmp_path / "second.py", "\n" + DECLARATION.format(name="same"))
    with pytest.raises(DuplicateName) as caught:
        load_catalogs([first, second])
    assert f"architecture 'same' is declared twice: in {first}:4 and in {second}:5" == str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("\ndef\n", 2, "SyntaxError"),
        ("\n\n1 / 0\n", 3, "ZeroDivisionError"),
        ("import not_there_at_all\n", 1, "ModuleNotFoundError"),
        ("from evobench import architecture\narchitecture(familly='F')\n", 2, "TypeError"),
        ("from evobench import suite\nsuite(title='S')(5)\n", 2, "AttributeError"),
        ("import json\n\njson.loads('{')\n", 3, "JSONDecodeError"),
    ],
)
def test_a_catalogue_that_fails_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int, fault: str
) -> None:
    path = write(tmp_path / "mine.py", text)
    with pytest.raises(UsageError) as caught:
        load_catalogs([path])
    assert f"catalogue '{path}' failed to import at {path}:{line}: {fault}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_declaration_that_cannot_be_is_refused_where_it_is_made(tmp_path: Path) -> None:
    text = (
        "from evobench import architecture\n\n"
        "@architecture(family='', year='abc', paper=3, resolution=-3, min_resolution='x', tags='deep')\n"
        "def net(num_classes): ...\n"
    )
    path = write(tmp_path / "mine.py", text)
    with pytest.raises(UsageError) as caught:
        load_catalogs([path])
    assert str(caught.value) == (
        f"architecture 'net' ({path}:3): family must be some text, not ''; year must be a whole number or nothing,"
        " not 'abc'; paper must be text, not 3; resolution must be 1 or more, not -3; min_resolution must be a"
        " whole number, not 'x'; tags must be a list of text, not 'deep'"
    )
    assert () == ARCHITECTURES.names()


def test_a_catalogue_that_failed_can_be_mended_and_loaded(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.py", "1 / 0\n")
    with pytest.raises(UsageError):
        load_catalogs([path])
    write(tmp_path / "mine.py", "# mended, and longer\n" + DECLARATION.format(name="my_net"))
    load_catalogs([path])
    assert ("my_net",) == ARCHITECTURES.names()


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match=r"^catalogue 'nowhere.py' is not a file$"):
        load_catalogs(["nowhere.py"])


def test_a_package_that_is_not_installed_is_said() -> None:
    with pytest.raises(UsageError, match=r"^catalogue 'not_there.nets' is not installed: no module 'not_there'$"):
        load_catalogs(["not_there.nets"])


def test_a_missing_import_is_not_taken_for_the_catalogue_that_is_named_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "absent_nets.py", "import absent\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=r"failed to import at .*absent_nets.py:1"):
        load_catalogs(["absent_nets"])
    assert "absent" not in sys.modules
