"""Which tensor of an output has the class scores."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from bench.network.outputs import NetworkOutputs

SCORES, FEATURES, OTHER = torch.zeros(2, 10), torch.zeros(2, 8), torch.ones(2, 10)
Named = namedtuple("Named", "features logits")


@dataclass
class Output:
    """As networks of language answer."""

    features: Any
    logits: Any
    loss: Any = None


class Model(OrderedDict[str, Any]):
    """As those of a large package answer: a mapping with attributes."""


def build(num_classes: int) -> None:
    """Stands for a builder."""


def outputs(declared: str = "") -> NetworkOutputs:
    return NetworkOutputs(build, 10, declared)


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(SCORES, id="a tensor"),
        pytest.param({"features": FEATURES, "logits": SCORES}, id="a dictionary"),
        pytest.param(Model(features=FEATURES, logits=SCORES), id="a mapping"),
        pytest.param(Output(FEATURES, SCORES), id="a dataclass"),
        pytest.param(Named(FEATURES, SCORES), id="a named tuple"),
        pytest.param((SCORES, FEATURES), id="the first of a tuple"),
        pytest.param([SCORES, (FEATURES, None)], id="the first of a list"),
        pytest.param({"main": SCORES, "features": FEATURES}, id="the first of a dictionary"),
        pytest.param({"loss": None, "main": SCORES}, id="the only one"),
        pytest.param(((SCORES, FEATURES), {}), id="nested"),
        pytest.param([{"features": FEATURES, "logits": SCORES}], id="a list of a dictionary"),
        pytest.param({"n": 1, "out": {"aux": OTHER, "logits": SCORES}}, id="a dictionary in another"),
        pytest.param((SCORES, {"logits": OTHER}), id="before an auxiliary dictionary"),
    ],
)
def test_the_scores_are_found(output: Any) -> None:
    assert outputs().scores(output) is SCORES


@pytest.mark.parametrize(
    ("declared", "output"),
    [
        ("main", {"logits": OTHER, "main": SCORES}),
        ("heads.main", {"logits": OTHER, "heads": {"main": SCORES}}),
        ("1", (FEATURES, SCORES)),
        ("features", Named(SCORES, OTHER)),
        ("main", SCORES),
    ],
)
def test_what_the_declaration_names_goes_first(declared: str, output: Any) -> None:
    assert outputs(declared).scores(output) is SCORES


def test_a_declared_name_that_the_output_lacks_is_told_with_the_builders_place() -> None:
    with pytest.raises(
        TypeError, match=r"^`build` \(test_outputs.py:\d+\) is declared with scores='main', .* logits$"
    ):
        outputs("main").scores({"features": FEATURES, "logits": SCORES})


def test_a_first_tensor_that_has_no_score_for_each_class_is_not_taken_for_scores() -> None:
    with pytest.raises(TypeError, match=r"the first of them, 2 x 8, does not hold 10 scores an image: call the"):
        outputs().scores({"features": FEATURES, "main": SCORES})


@pytest.mark.parametrize("output", [None, {"text": "a cat"}, (), Output(None, None), 3.0])
def test_an_output_without_a_tensor_is_refused(output: Any) -> None:
    with pytest.raises(TypeError, match="in which there is no tensor: return the class scores"):
        outputs().tensors(output)


def test_other_tensors_of_the_scores_shape_are_those_of_auxiliary_classifiers() -> None:
    (found,) = outputs().auxiliary({"features": FEATURES, "logits": SCORES, "aux": OTHER})
    assert found is OTHER


def test_a_lone_tensor_has_no_auxiliary_classifiers() -> None:
    assert [] == outputs().auxiliary(SCORES)
