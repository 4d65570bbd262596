"""Shapes of what a store says: as deep as readers rely on them."""

from __future__ import annotations

import pytest

from bench.store.checked.contents import CELL
from bench.store.checked.declared import DECLARED, verdict

MODES = {"better": 1.0, "worse": 2.0, "share": 0.5, "between": True}
SIDE = {"spread": 0.1, "counts": [1], "modes": MODES}
SPREAD = {"base": {**SIDE, "modes": None}, "head": SIDE, "low": 1.0, "high": 2.0, "erratic": False}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"better": "Lower"}, "'better': 'Lower' is not lower or higher or neither"),
        ({"spread": {**SPREAD, "erratic": "no"}}, "'spread.erratic': 'no' is not true or false"),
        ({"spread": {**SPREAD, "head": {**SIDE, "modes": "x"}}}, "'spread.head.modes': 'x' is not an object"),
        (
            {"spread": {**SPREAD, "head": {**SIDE, "modes": {**MODES, "worse": "x"}}}},
            "'spread.head.modes.worse': 'x' is not a finite number",
        ),
    ],
)
def test_a_verdict_of_a_gate_is_checked_as_deep_as_it_is_told(changes: dict[str, object], said: str) -> None:
    texts = dict.fromkeys(("cell", "measure", "unit", "verdict", "note"), "x")
    told = {**texts, "nature": "time", "better": "lower", "spread": SPREAD, **changes}
    assert said == str(verdict("regress", "k")(told) or "")


@pytest.mark.parametrize("changes", [{"looks": [0]}, {"level": 0.0}, {"level": 1.5}])
def test_a_design_by_which_nothing_can_be_decided_is_damage(changes: dict[str, object]) -> None:
    sound = {"looks": [8, 12], "level": 0.05, "margin": 0.01}
    assert (True, False) == (DECLARED["design"](sound) is None, DECLARED["design"]({**sound, **changes}) is None)


@pytest.mark.parametrize(("kind", "lacks"), [("cost", "mode"), ("learning", "weights")])
def test_a_cell_without_a_condition_that_has_no_usual_value_is_damage(kind: str, lacks: str) -> None:
    cell = {"architecture": "x", "measure": "latency", "scenario": {"kind": kind}}
    assert f"'scenario': {{'kind': '{kind}'}} is not an object with '{lacks}'" == str(CELL(cell))
