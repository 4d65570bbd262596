"""The rooms: each asks only those that it may, nothing goes round in circles, and none is crowded."""

import ast
import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.rooms import PACKAGES, ROOT, asked, between, graph, knots, sources

MAY_ASK = {
    "bench.ground": "",
    "bench.text": "",
    "bench.statistics": "ground",
    "bench.data": "ground",
    "bench.declare": "ground text data",
    "bench.machine": "ground declare",
    "bench.network": "ground declare machine",
    "bench.store": "ground statistics declare",
    "bench.learning": "ground text statistics data declare machine network",
    "bench.measures": "ground declare machine network learning",
    "bench.audit": "ground text declare",
    "bench.execute": "ground data declare machine network learning measures audit",
    "bench.run": "ground text data declare machine network store learning measures execute",
    "bench.remote": "ground declare execute run",
    "bench.gate": "ground text statistics declare machine network store execute run remote",
    "bench.compare": "ground statistics declare machine store execute run gate",
    "bench.cli": "ground text statistics data declare machine network store learning measures audit execute run"
    " gate compare",
    "reports.ground": "",
    "reports.tidy": "ground",
    "reports.learning": "ground tidy",
    "reports.lessons": "ground tidy",
    "reports.candidates": "ground tidy learning",
    "reports.drawing": "ground tidy",
    "reports.comparing": "ground tidy",
    "reports.history": "ground tidy comparing",
    "reports.tables": "ground tidy learning lessons candidates",
    "reports.highlights": "ground tidy learning candidates tables",
    "reports.story": "ground tidy learning lessons candidates tables highlights",
    "reports.charts": "ground tidy learning lessons candidates drawing comparing history tables highlights story",
    "reports.page": "ground tidy learning lessons candidates drawing comparing history tables highlights story"
    " charts",
    "reports.output": "ground tidy learning lessons candidates drawing comparing history tables highlights story"
    " charts page",
    "reports.ci": "ground tidy comparing history output",
    "reports.choosing": "ground tidy learning candidates",
    "reports.verbs": "ground tidy learning candidates choosing comparing history tables charts page output ci",
}
"""By room those of its package that it may ask. A package's own door may ask all; no room asks the door."""
REPORTS_MAY_ASK = "ground text statistics declare store compare audit run cli"
"""Rooms of bench that any room of reports may ask, beside its door: none that measures."""
DOZEN = 12
OF_ONE_SORT = {
    "bench/measures",
    "bench/cli/verbs",
    "reports/tables",
    "reports/charts",
    "reports/page/sections",
    "reports/verbs",
}
"""Folders whose modules are all of one sort: one more makes none of them harder to find."""


@pytest.mark.parametrize("package", PACKAGES)
def test_the_rules_for_the_rooms_lead_in_no_circle(package: str) -> None:
    rules = {
        room: {f"{package}.{name}" for name in names.split()}
        for room, names in MAY_ASK.items()
        if room.startswith(package)
    }
    assert rules.keys() == set(TopologicalSorter(rules).static_order())


def test_every_room_asks_only_those_that_it_may() -> None:
    modules = {name: path for package in PACKAGES for name, path in sources(package).items()}
    wrong = {
        (room, other): lines
        for (room, other), lines in between(modules).items()
        if room not in PACKAGES and not may_ask(room, other)
    }
    assert {} == wrong


@pytest.mark.parametrize("package", PACKAGES)
def test_the_page_on_the_architecture_tells_of_the_same_rooms(package: str) -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    part = page.partition(f"\n## The rooms of {package}\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `?(\w+)(?:\.py)?`? \|", part, re.MULTILINE)
    arrows = re.findall(r"^ +(\w+) --> (\w+)$", part, re.MULTILINE)
    rules = {room.partition(".")[2]: names.split() for room, names in MAY_ASK.items() if room.startswith(package)}
    assert ["room", *rules] == told
    assert [] == [(room, other) for room, other in arrows if other not in rules[room]]


def may_ask(room: str, other: str) -> bool:
    """Whether the rules let a room ask another."""
    package, (target, _, name) = room.partition(".")[0], other.partition(".")
    if package == target:
        return name in MAY_ASK.get(room, "").split()
    return package == "reports" and (not name or name in REPORTS_MAY_ASK.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_asks_itself_by_way_of_others(package: str) -> None:
    assert [] == knots(graph(sources(package)))


def test_no_folder_is_crowded() -> None:
    paths = [path for package in PACKAGES for path in sources(package).values()]
    sizes = Counter(str(path.parent.relative_to(ROOT)) for path in paths if path.name != "__init__.py")
    assert set() == {folder for folder, size in sizes.items() if size > DOZEN and folder not in OF_ONE_SORT}


def test_every_room_has_one_sentence_at_its_door_and_nothing_else_unless_it_is_a_registry() -> None:
    signs = {path for package in PACKAGES for path in sources(package).values() if path.name == "__init__.py"}
    rooms = signs - {ROOT / package / "__init__.py" for package in PACKAGES}
    assert [] == [str(path.relative_to(ROOT)) for path in sorted(rooms) if not is_sign(path)]


def is_sign(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    sentence = ast.get_docstring(tree) or ""
    if any(isinstance(node, ast.Call) and ast.unparse(node.func) == "Registry" for node in ast.walk(tree)):
        return bool(sentence)
    return len(tree.body) == 1 and sentence.find(".") == len(sentence) - 1 and "\n" not in sentence


def test_every_folder_has_a_sign() -> None:
    folders = {path.parent for package in PACKAGES for path in sources(package).values()}
    assert [] == [str(folder) for folder in folders if not (folder / "__init__.py").is_file()]


def test_private_names_stay_in_their_folder() -> None:
    found = {
        (name, hidden)
        for package in (*PACKAGES, "suites")
        for name, path in sources(package).items()
        for other in asked(path)
        if (hidden := hidden_from(path, other))
    }
    assert set() == found


def hidden_from(path: Path, name: str) -> str:
    """The private part of a name that a module may not import: it is seen from its own folder alone."""
    parts = name.split(".")
    private = next((i for i, part in enumerate(parts) if part.startswith("_") and not part.startswith("__")), None)
    if private is None or parts[0] not in (*PACKAGES, "suites"):
        return ""
    module = ROOT.joinpath(*parts[:private])
    home = module if module.is_dir() else module.parent
    return "" if path.is_relative_to(home) else ".".join(parts[: private + 1])
