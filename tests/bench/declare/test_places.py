"""Where an error is best looked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Samples
from bench.declare.declarations import Measure, checked
from bench.declare.nature import Nature
from bench.declare.places import Misdeclared, place_in, place_of, short_place
from bench.measures.counts import count_macs
from bench.network import subject
from bench.network.building import build_untouched

DECLARED = "/somewhere/own.py:6"


def caught(function: Callable[[], object]) -> Exception:
    """The error that it raises."""
    with pytest.raises(Exception) as error:
        function()
    return error.value


def own(value: str = "{") -> Any:
    return json.loads(value)


def test_what_a_library_raises_is_told_at_the_line_that_called_it() -> None:
    assert f"{__file__}:{own.__code__.co_firstlineno + 1}" == place_in(caught(own))


def test_a_network_made_of_the_librarys_parts_alone_is_told_at_its_declaration() -> None:
    error = caught(lambda: count_macs(nn.Conv2d(1, 2, 3), torch.zeros(1, 3, 8, 8)))
    assert place_in(error, DECLARED) == DECLARED


def test_a_builder_that_takes_no_number_of_classes_is_told_at_its_declaration() -> None:
    def own() -> nn.Module:
        return nn.Flatten()

    assert place_in(caught(lambda: build_untouched(own, 10)), DECLARED) == DECLARED  # type: ignore[arg-type]


def test_a_line_of_a_users_network_goes_before_its_declaration() -> None:
    class Own(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images @ images

    line = Own.forward.__code__.co_firstlineno + 1
    assert f"{__file__}:{line}" == place_in(caught(lambda: Own()(torch.zeros(2, 3))), DECLARED)


def test_an_error_of_the_harness_itself_is_told_where_it_was_raised() -> None:
    error = caught(lambda: subject.Subject.cost.fget(None))  # type: ignore[attr-defined]
    assert place_in(error, DECLARED).partition(":")[0] == subject.__file__


def test_an_error_whose_message_has_the_place_gets_no_other() -> None:
    assert "" == place_in(caught(lambda: build_untouched(lambda _: None, 10)), DECLARED)  # type: ignore[arg-type, return-value]


def test_the_place_of_a_function_is_that_of_the_function_within() -> None:
    @wraps(own)
    def wrapped() -> None: ...

    assert place_of(own) == place_of(partial(partial(wrapped), value="["))
    assert "test_places.py:" in short_place(place_of(own))


def of_measure(found: object) -> Samples:
    """What is kept of an answer."""

    def function(*_: object) -> Any: ...

    item = Measure(
        name="own",
        function=function,
        unit="s",
        nature=Nature.TIME,
        better="lower",
        about="",
        kind="cost",
        repeats="never",
        artifacts=lambda _: (),
        place=DECLARED,
    )
    return checked(found, item)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (None, "returned NoneType, not Samples"),
        (3.0, "returned float, not Samples"),
        (Samples(()), "returned Samples whose values must hold one or more"),
        (Samples(("a",)), "returned Samples whose values[0] must be a finite number, not 'a'"),  # type: ignore[arg-type]
        (Samples((float("nan"),)), "returned Samples whose values[0] must be a finite number, not nan"),
        (Samples([1.0]), "returned Samples whose values must be a list of a finite number, not [1.0]"),  # type: ignore[arg-type]
        (Samples((1.0, 0.0), images=("a.jpg",)), "images must be as many as values (2), not 1"),
        (Samples((1.0,), details={"a": {1}}), "details must be JSON: Object of type set is not JSON serializable"),
    ],
)
def test_a_measure_that_returns_what_no_record_can_keep_is_named_with_its_file(found: object, fault: str) -> None:
    with pytest.raises(Misdeclared) as error:
        of_measure(found)
    assert str(error.value).startswith("measure 'own' (own.py:6) ")
    assert fault in str(error.value)


def test_sound_samples_of_a_measure_are_kept_as_they_are() -> None:
    samples = Samples((1.0, 2), (3.0,), {"a": [1]})
    assert samples is of_measure(samples)
