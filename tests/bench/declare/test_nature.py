"""What sort of figure a measure gives, and where runs of older versions leave it to be told by the unit."""

from __future__ import annotations

from typing import Any

import pytest

from bench.declare.catalog import MEASURES, measure
from bench.declare.declarations import Measure
from bench.declare.nature import OF_CLOCK, OLDER_DETAILS, Detail, Nature, completed, gain, nature_of
from bench.errors import UsageError
from bench.run.snapshot import plain

pytestmark = pytest.mark.usefixtures("no_declarations")


def declared(**how: Any) -> Measure:
    """A measure that is declared so."""

    def own(*_: object) -> None: ...

    measure(**{"unit": "s", "better": "lower", **how})(own)
    return MEASURES.get("own")


@pytest.mark.parametrize(
    ("unit", "nature"),
    [("s", Nature.TIME), ("1/s", Nature.RATE), ("B", Nature.SIZE), ("J", Nature.ENERGY)],
)
def test_a_unit_that_belongs_to_one_nature_tells_it(unit: str, nature: Nature) -> None:
    assert nature is declared(unit=unit).nature


def test_a_number_without_a_unit_is_what_its_measure_says() -> None:
    assert Nature.LOSS is declared(unit="1", nature="loss").nature


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ({"unit": "1"}, "nature must be time or rate or .* or pictures, not ''"),
        ({"unit": "1", "nature": "cuont"}, "nature must be time or rate or .*, not 'cuont'"),
        ({"unit": "ms", "nature": "time"}, "unit must be that of its nature, not 'ms'"),
        ({"unit": "s", "nature": "ratio"}, "unit must be that of its nature, not 's'"),
        ({"unit": "1", "nature": "share"}, "nature must be another one outside learning, such as ratio"),
        ({"details": [Detail("a"), Detail("b", column="a")]}, "details must be of different names"),
        ({"details": [Detail("ended")]}, "details must be of different names"),
        ({"details": ["a"]}, "details.0. must be of Detail, not 'a'"),
        ({"details": "a"}, "details must be a list of of Detail, not 'a'"),
    ],
)
def test_what_does_not_go_together_is_one_line(how: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError, match=rf"^measure 'own' \(.*\d+\): {fault}"):
        declared(**how)


def test_what_the_clock_tells_is_a_detail_of_every_time_and_rate() -> None:
    assert OF_CLOCK == declared(unit="1/s").details


def test_a_measure_declares_details_beside_those_of_the_clock() -> None:
    assert (Detail("slowest", "s"), *OF_CLOCK) == declared(details=[Detail("slowest", "s")]).details


def test_what_is_no_speed_has_the_details_that_it_declares_alone() -> None:
    assert () == declared(unit="B").details


def test_a_snapshot_has_nature_and_details() -> None:
    item = plain(declared(unit="B", details=[Detail("reserved", "B")]))
    detail = {"name": "reserved", "unit": "B", "column": "", "processes": "median", "bounds": False}
    assert ("size", [detail]) == (item["nature"], item["details"])


@pytest.mark.parametrize(
    ("older", "nature"),
    [
        ({"name": "latency", "unit": "s", "kind": "cost"}, Nature.TIME),
        ({"name": "throughput", "unit": "1/s", "kind": "cost"}, Nature.RATE),
        ({"name": "peak_memory", "unit": "B", "kind": "cost"}, Nature.SIZE),
        ({"name": "energy", "unit": "J", "kind": "cost"}, Nature.ENERGY),
        ({"name": "macs", "unit": "1", "kind": "cost"}, Nature.COUNT),
        ({"name": "roofline", "unit": "1", "kind": "cost"}, Nature.RATIO),
        ({"name": "watts", "unit": "W", "kind": "cost"}, Nature.RATIO),
        ({"name": "top1", "unit": "1", "kind": "learning", "better": "higher"}, Nature.SHARE),
        ({"name": "filters", "unit": "1", "kind": "learning", "better": "neither"}, Nature.PICTURES),
        ({"name": "augmentation_rate", "unit": "1/s", "kind": "learning"}, Nature.RATE),
    ],
)
def test_of_an_older_run_the_unit_tells_the_nature(older: dict[str, str], nature: Nature) -> None:
    assert nature is nature_of(older)


def test_what_a_run_tells_outranks_the_unit() -> None:
    assert Nature.LOSS is nature_of({"name": "nll", "unit": "1", "kind": "learning", "nature": "loss"})


def test_an_older_run_has_the_details_of_its_time() -> None:
    assert OLDER_DETAILS == tuple(Detail(**item) for item in completed({"name": "own", "unit": "s"})["details"])


def test_a_count_of_an_older_run_repeats_anywhere() -> None:
    assert "anywhere" == completed({"name": "parameters", "unit": "1"})["repeats"]


def test_a_run_that_declares_no_details_has_none() -> None:
    assert [] == completed({"name": "own", "unit": "s", "nature": "time", "details": []})["details"]


def test_the_share_that_comes_with_pictures_is_read_in_percent_and_no_speed() -> None:
    pictures = Nature.PICTURES
    assert (True, True, False) == (pictures.is_share, pictures.is_mean, pictures.is_speed)


def test_a_loss_is_a_mean_and_no_share() -> None:
    assert (True, False) == (Nature.LOSS.is_mean, Nature.LOSS.is_share)


def test_where_less_is_better_a_rise_is_a_loss() -> None:
    assert (-2.0, 2.0) == (gain("lower", 2.0), gain("higher", 2.0))
