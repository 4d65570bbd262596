"""The design of a run's comparisons."""

from __future__ import annotations

import json

from bench.compare.experiments.contrasts import contrasts
from bench.compare.experiments.rule import ComparisonRule, Design
from bench.statistics.looks import Looks
from tests.bench.compare.experiments.arms import cell

DESIGN = Design((5, 8), level=0.1, margin=0.02)


def test_a_design_is_read_as_it_was_kept() -> None:
    assert DESIGN == Design.from_dict(json.loads(json.dumps(DESIGN.to_dict())))


def test_each_table_has_the_number_of_its_own_comparisons() -> None:
    cells = [cell(), cell(augmentation="digits"), cell(augmentation="lecture"), cell(mode="features+softmax")]
    looks = Looks((5, 8), 0.1)
    assert {
        "augmentation": ComparisonRule(2, 0.02, looks),
        "tuning": ComparisonRule(1, 0.02, looks),
    } == DESIGN.rules(contrasts(cells))


def test_without_looks_each_comparison_is_looked_at_once() -> None:
    assert ComparisonRule(3, 0.01, None) == Design().rule(3)
