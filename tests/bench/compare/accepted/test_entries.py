"""What an entry of the file of accepted changes may say, and which verdict it covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest

from bench.compare.accepted.entries import Entry, entries_of
from bench.errors import UsageError
from tests.bench.compare.judgements import BROKEN, FINE, LESS_ACCURATE, OPEN, SLOWER

GROWN = replace(FINE, base=431.0, head=862.0, ratio=2.0, verdict="regression")
DROPPED = replace(GROWN, head=None, ratio=None, verdict=cast(Any, "dropped"))
TWO = """
[[accepted]]
architecture = "resnet*"
measure = "macs"
to = "2.1x"
reason = "a wider stem"
until = 2027-01-31

[[accepted]]
cell = "lenet5 parameters infer 32px b1"
to = 862
reason = "one more layer"
commit = "0123456789ab"
"""


def entry(**fields: Any) -> Entry:
    return Entry(**{"reason": "meant", "architecture": "*", "measure": "*", **fields})


def test_an_entry_names_cells_and_how_far_they_may_go_and_why() -> None:
    assert (
        Entry(reason="a wider stem", architecture="resnet*", measure="macs", ratio=2.1, until=date(2027, 1, 31)),
        Entry(
            reason="one more layer", cell="lenet5 parameters infer 32px b1", figure=862.0, commit="0123456789ab"
        ),
    ) == entries_of(TWO)


def test_an_empty_file_accepts_nothing() -> None:
    assert () == entries_of("# nothing yet\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[accepted]\n", "evobench-accepted.toml: Expected ']]' at the end of an array declaration (at line 1, "),
        ("[accepted]\ncell = 'x'\n", "evobench-accepted.toml: takes tables [[accepted]] and nothing else"),
        ("[[other]]\n", "takes tables [[accepted]] and nothing else"),
        ("accepted = [1]\n", "takes tables [[accepted]] and nothing else"),
        (f"{TWO}[[accepted]]\nresaon = 'x'\n", "entry 3: unknown field 'resaon'; did you mean 'reason'?"),
        ("[[accepted]]\ncell = 'x'\nto = 1\n", "entry 1: has no reason"),
        ("[[accepted]]\ncell = 'x'\nto = 1\nreason = ' '\n", "entry 1: reason takes a text"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\n", "entry 1: says how far it goes"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = 1\ndropped = true\n", "entry 1: says how far it goes"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\ndropped = false\n", "entry 1: says how far it goes"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = '2.1'\n", "or a ratio such as '2.1x', not '2.1'"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = true\n", "or a ratio such as '2.1x', not True"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = inf\n", "or a ratio such as '2.1x', not inf"),
        (
            "[[accepted]]\nmeasure = 'macs'\nreason = 'y'\nto = 1\n",
            "names a cell, or an architecture and a measure",
        ),
        ("[[accepted]]\ncell = 'x'\nmeasure = 'macs'\nreason = 'y'\nto = 1\n", "names a cell, or an architecture"),
        (
            "[[accepted]]\ncell = 'x'\nreason = 'y'\nto = 1\nuntil = '2027-01-31'\n",
            "until takes a date without quotes",
        ),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = 1\nuntil = 2027-01-31T01:00:00\n", "until takes a date"),
        ("[[accepted]]\ncell = 'x'\nreason = 'y'\nto = 1\ncommit = 'HEAD'\n", "commit takes 7 to 40 hexadecimal"),
    ],
)
def test_what_an_entry_cannot_say_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        entries_of(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("evobench-accepted.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "matches"),
    [
        ({"architecture": "lenet5", "measure": "parameters"}, True),
        ({"architecture": "lenet*", "measure": "*"}, True),
        ({"architecture": "net5", "measure": "parameters"}, False),
        ({"architecture": "lenet5", "measure": "macs"}, False),
        ({"architecture": "", "measure": "", "cell": FINE.cell}, True),
        ({"architecture": "", "measure": "", "cell": "lenet5 parameters*"}, False),
    ],
)
def test_it_is_about_the_cells_of_its_architecture_and_measure_or_of_its_name(
    fields: dict[str, Any], matches: bool
) -> None:
    assert matches == entry(**fields).matches(GROWN)


@pytest.mark.parametrize(
    ("fields", "beyond"),
    [
        ({"figure": 862.0}, ""),
        ({"figure": 900.0}, ""),
        ({"figure": 861.0}, "accepted to 861 only, and it reaches 862"),
        ({"figure": 400.0}, "accepted to 400 only, and it reaches 862"),
        ({"ratio": 2.0}, ""),
        ({"figure": 1.0}, "accepted to 1 only, and it reaches 862"),
        ({"ratio": 1.9}, "accepted to 1.9x only, and it reaches 2x"),
        ({"dropped": True}, "only that it is dropped is accepted"),
    ],
)
def test_a_count_may_go_as_far_as_the_entry_says_and_no_farther(fields: dict[str, Any], beyond: str) -> None:
    assert beyond == entry(**fields).beyond(GROWN)


def test_the_figure_that_a_count_reaches_is_told_in_full_so_that_it_can_be_copied() -> None:
    large = replace(GROWN, base=8_612_345.0, head=17_223_041.0)
    assert "accepted to 17200000 only, and it reaches 17223041" == entry(figure=17_200_000.0).beyond(large)


def test_a_count_that_is_exactly_the_ratio_is_accepted_whatever_a_product_rounds_to() -> None:
    assert "" == entry(ratio=1.1).beyond(replace(GROWN, base=3.0, head=3.3000000000000003, ratio=1.1))


def test_of_what_chance_decides_the_whole_interval_must_be_accepted() -> None:
    assert "" == entry(ratio=1.15).beyond(SLOWER)
    assert "accepted to 1.13x only, and it reaches 1.15x" == entry(ratio=1.13).beyond(SLOWER)


def test_where_more_is_better_the_limit_lies_below() -> None:
    assert "" == entry(ratio=0.9).beyond(OPEN)
    assert "accepted to 0.92x only, and it reaches 0.9x" == entry(ratio=0.92).beyond(OPEN)


def test_of_an_accuracy_the_limit_is_the_accuracy() -> None:
    assert "" == entry(figure=0.72).beyond(LESS_ACCURATE)
    assert "accepted to 0.74 only, and it reaches 0.72" == entry(figure=0.74).beyond(LESS_ACCURATE)


def test_a_speed_has_no_figure_that_holds_on_another_machine() -> None:
    assert "a speed is accepted by a ratio" in entry(figure=1.0).beyond(SLOWER)


def test_a_cell_that_broke_is_never_accepted() -> None:
    assert "there are no two figures to compare" == entry(ratio=9.0).beyond(BROKEN)


def test_a_dropped_cell_is_accepted_only_as_such() -> None:
    assert "" == entry(dropped=True).beyond(DROPPED)
    assert "that it is dropped is not accepted" == entry(figure=862.0).beyond(DROPPED)
