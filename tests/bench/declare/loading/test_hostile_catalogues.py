"""Catalogues that raise what they like, and names that no catalogue has: one line that names the catalogue."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.declare.beyond.variants import SOURCES
from bench.declare.catalog import ARCHITECTURES, SUITES, load_catalogs
from bench.declare.declarations import Setting
from bench.errors import UsageError
from tests.bench.hostile import each_without_end, sparse

RAISED = {
    "raise GeneratorExit": "GeneratorExit",
    "raise SystemExit(0)": "SystemExit: 0",
    "import os; os._exit(1)": "SystemExit: 1",
    "raise StopIteration": "StopIteration",
    "raise MemoryError": "MemoryError",
    "import asyncio; raise asyncio.CancelledError": "CancelledError",
    "import pytest; pytest.skip('no', allow_module_level=True)": "Skipped: no",
    "class Own(BaseException): pass\nraise Own('why')": "Own: why",
    "class E(Exception):\n def __str__(self): raise ValueError\nraise E": "E: its words cannot be had: ValueError",
    "class E(Exception):\n def __str__(self): raise SystemExit\nraise E": "its words cannot be had: SystemExit",
    "class Own(TypeError):\n def __str__(self): return 3\nraise Own": "its words cannot be had: TypeError",
    "raise ValueError('a\\nb\\x1bc' * 10**6)": "ValueError: a b",
    "def again(): again()\nagain()": "RecursionError: maximum recursion depth exceeded",
    "x = " + "(" * 5000: "SyntaxError: too many nested parentheses",
    "x = " + "-" * 100_000 + "1": "",
    "x = " + "9" * 5000: "SyntaxError: Exceeds the limit",
    "x = '\0'": "SyntaxError: source code",
}


@pytest.fixture(autouse=True)
def _alone(no_declarations: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the catalogues that a test names are loaded."""
    monkeypatch.setattr("bench.declare.loading.discovery.entry_points", lambda group: [])
    monkeypatch.setattr("bench.declare.loading.discovery._loaded", {"bench.measures", "suites"})


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[[str], str]:
    """Writes a catalogue with a text; returns its path."""

    def write(text: str) -> str:
        (tmp_path / "mine.py").write_text(text)
        return str(tmp_path / "mine.py")

    return write


@pytest.mark.parametrize("text", RAISED, ids=range(len(RAISED)))
def test_whatever_a_catalogue_raises_is_one_line_that_names_it(text: str, catalogue: Callable[[str], str]) -> None:
    path = catalogue(text)
    with pytest.raises(UsageError) as raised:
        load_catalogs([path])
    said = str(raised.value)
    assert said.startswith(f"catalogue '{path}' failed to import at ")
    assert RAISED[text] in said
    assert len(said.splitlines()) == 1
    assert len(said) < 1000


def test_an_interrupt_while_a_catalogue_is_imported_stays_one(catalogue: Callable[[str], str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_catalogs([catalogue("raise KeyboardInterrupt")])


@each_without_end
def test_a_catalogue_must_be_a_regular_file(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "mine.py")
    with pytest.raises(UsageError, match=r"^catalogue '.*mine.py' cannot be read: it is not a regular file$"):
        load_catalogs([str(path)])


def test_a_catalogue_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "mine.py", 1 << 40)
    with pytest.raises(UsageError, match=r"it has more than 4,194,304 bytes, which none may have$"):
        load_catalogs([str(path)])


def test_a_catalogue_that_is_a_link_in_a_circle_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").symlink_to("mine.py")
    with pytest.raises(UsageError, match=f"^catalogue '.*mine.py' cannot be read: {os.strerror(40)}$"):
        load_catalogs([str(tmp_path / "mine.py")])


SOURCE = """
from evobench import source
@source(name="zoo", names=lambda: {names}, fetch=lambda name: {fetch})
def find(name):
    "Networks of a zoo."
    {find}
"""


@pytest.mark.parametrize("find", ["raise KeyError(name)", "raise GeneratorExit", "raise StopIteration", "exit()"])
def test_a_source_that_fails_is_named(find: str, catalogue: Callable[[str], str]) -> None:
    load_catalogs([catalogue(SOURCE.format(names="()", fetch="None", find=find))])
    with pytest.raises(UsageError, match=r"^source 'zoo' failed at .*mine.py:6: "):
        ARCHITECTURES.get("zoo/lion")


def test_a_source_that_fails_to_fetch_is_named(catalogue: Callable[[str], str]) -> None:
    load_catalogs([catalogue(SOURCE.format(names="()", fetch="1 / 0", find="return None"))])
    with pytest.raises(UsageError, match=r"^source 'zoo' failed at .*mine.py:3: ZeroDivisionError"):
        ARCHITECTURES.fetch("zoo/lion")
    assert "zoo" in SOURCES


@pytest.mark.parametrize("body", ["raise GeneratorExit", "raise BaseException", "yield 1 / 0", "exit()"])
def test_a_suite_that_fails_is_named(body: str, catalogue: Callable[[str], str]) -> None:
    text = f"from evobench import suite\n@suite(title='Mine')\ndef mine(setting):\n    'Mine.'\n    {body}\n"
    load_catalogs([catalogue(text)])
    with pytest.raises(UsageError, match=r"^suite 'mine' failed at .*mine.py:5: "):
        SUITES.get("mine").cells(Setting("default", "cpu", 1))
