"""The wire to a side of another revision: what is handed out has a number, and nothing else is used there."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

import bench.gate.inside
from bench import remote
from bench.execute.jobs import KINDS, Given, Orders

HANDED_OUT = {
    1: """
    ARCHITECTURES BEST Cell Clock Describe EvobenchError JOBS Jobs Line MEASURES Samples Send Step Unsupported
    cell_code get_ready load measured own_line serve versions with_conditions
    """,
    2: """
    ARCHITECTURES BEST Cell Clock Describe EvobenchError JOBS Jobs Line MEASURES Samples Send Step Unsupported
    cell_code get_ready load measured own_line serve versions with_conditions
    """,
    3: """
    ARCHITECTURES BEST Cell Clock Count Describe EvobenchError JOBS Jobs Line MEASURES Plan Profile SUITES Samples
    Send Step Unsupported UsageError Wish cell_code get_ready load measured own_line plan_of_known serve versions
    with_conditions
    """,
}
"""By the protocol's number: a name that comes or goes is a new entry; an old one is never changed."""
SAID = {
    1: {
        "Orders": ["parent", "catalogs", "preload", "forks"],
        "Given": ["shelf", "memory_limit", "data", "weights"],
        "Measure": ["cell", "allowance", "given", "makes"],
        "Make": ["artifact", "threads", "given"],
        "Probe": ["given"],
        "Fetch": ["what", "name", "given"],
        "Check": ["claims", "threads", "imagenet", "given"],
        "Step": ["cell", "cpus", "given"],
        "Describe": ["cells", "given"],
    },
    2: {
        "Orders": ["parent", "catalogs", "preload", "forks"],
        "Given": ["shelf", "memory_limit", "data", "weights", "preprocessing"],
        "Measure": ["cell", "allowance", "given", "makes"],
        "Make": ["artifact", "threads", "given"],
        "Probe": ["given"],
        "Inspect": ["weights", "given", "evaluated"],
        "Fetch": ["what", "name", "given"],
        "Check": ["claims", "threads", "imagenet", "given"],
        "Step": ["cell", "cpus", "given"],
        "Describe": ["cells", "given"],
    },
    3: {
        "Orders": ["parent", "catalogs", "preload", "forks", "digests"],
        "Given": ["shelf", "memory_limit", "data", "weights", "preprocessing"],
        "Measure": ["cell", "allowance", "given", "makes", "gpu"],
        "Make": ["artifact", "threads", "given", "gpu"],
        "Probe": ["given"],
        "Rate": ["threads", "gpu", "given"],
        "Inspect": ["weights", "given", "evaluated"],
        "Fetch": ["what", "name", "given"],
        "Check": ["claims", "threads", "imagenet", "given"],
        "Step": ["cell", "cpus", "given"],
        "Count": ["cell", "steps", "counter", "dumps", "given"],
        "Profile": ["cell", "what", "cpus", "given"],
        "Describe": ["cells", "given"],
        "Plan": ["wish", "given"],
    },
}
"""By the protocol's number: what is said to a side, and its fields."""
GATE = Path(bench.gate.inside.__file__).parent
OWN = (
    *("side", "stepping", "single", "counting", "apart", "scatter", "instructions", "needs"),
    *("layers", "spans", "holding", "planning"),
)
"""The files of the gate that run in the interpreter of the other revision."""


def imported(module: str) -> set[tuple[str, str]]:
    """Of a file of the gate: modules and names that it imports from `bench`, or beside it."""
    nodes = ast.walk(ast.parse((GATE / f"{module}.py").read_text()))
    return {
        ("." * node.level + (node.module or ""), alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.level or (node.module or "").partition(".")[0] == "bench"
    }


def test_the_names_that_are_handed_out_are_those_of_the_protocol_s_number() -> None:
    number = max(HANDED_OUT)
    assert (number, set(HANDED_OUT[number].split())) == (remote.PROTOCOL, set(remote.__all__))


def test_what_is_said_to_a_side_is_that_of_the_protocol_s_number() -> None:
    said = {kind.__name__: [f.name for f in fields(kind)] for kind in (Orders, Given, *KINDS.values())}
    assert (max(SAID), SAID[max(SAID)]) == (remote.PROTOCOL, said)


def test_every_name_that_is_handed_out_is_used() -> None:
    used = {name for module in OWN for place, name in imported(module) if place == "bench.remote"}
    assert set(remote.__all__) == used


@pytest.mark.parametrize("module", OWN)
def test_what_runs_in_another_revision_takes_from_it_what_is_handed_out_alone(module: str) -> None:
    beside = {f".{name}" for name in OWN}
    assert {place for place, _ in imported(module)} <= {"bench.remote", *beside}
