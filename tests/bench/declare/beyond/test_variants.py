"""Names beyond the declared ones: variants by option, and sources."""

from __future__ import annotations

import pytest

from bench.declare.beyond.variants import options_of, variant
from bench.declare.catalog import ARCHITECTURES, architecture, source
from bench.declare.declarations import Architecture
from bench.errors import UnknownName, UsageError
from bench.run.plan import Selection, plan

pytestmark = pytest.mark.usefixtures("no_declarations")


@pytest.fixture(autouse=True)
def net(no_declarations: None) -> None:
    @architecture(family="F", year=2026, paper="none", lecture=True)
    def net(
        num_classes: int, *, depth: int = 2, width: float = 1.0, bias: bool = True, image_size: int = 64
    ) -> tuple[object, ...]:
        """A network."""
        return num_classes, depth, width, bias, image_size

    @architecture(family="F", year=2026, paper="none")
    def fixed(num_classes: int) -> None:
        """Without options."""


def test_options_are_the_keyword_arguments_with_their_defaults() -> None:
    assert {"depth": 2, "width": 1.0, "bias": True, "image_size": 64} == options_of(ARCHITECTURES.get("net").build)


def test_a_variant_builds_with_its_options() -> None:
    built: object = ARCHITECTURES.get("net:depth=5,width=0.5,bias=false").build(7)
    assert (7, 5, 0.5, False, 64) == built


def test_a_variant_has_one_spelling() -> None:
    assert "net:bias=False,depth=5" == ARCHITECTURES.get("net:depth=5,bias=false").name


def test_an_image_size_is_the_resolution() -> None:
    assert (96, 96) == (
        (item := ARCHITECTURES.get("net:image_size=96")).resolution,
        item.min_resolution,
    )


def test_a_variant_is_no_part_of_the_lineage_and_has_no_published_figures() -> None:
    item = variant(ARCHITECTURES.get("net"), "depth=3")
    assert (False, ()) == (item.lecture, item.published)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net:dept=3", "unknown option of architecture 'net' 'dept'; did you mean 'depth'?"),
        ("net:depth", "needs a value, as in net:depth=2"),
        ("net:", "an option of architecture 'net' is missing; it has: depth, width, bias, image_size"),
        ("net:depth=3,", "an option of architecture 'net' is missing"),
        ("net:depth=3,depth=4", "option 'depth' of architecture 'net' is given twice"),
        ("net:image_size=-16", "option 'image_size' of architecture 'net' must be 1 to 32768 pixels, not -16"),
        ("net:depth=x", "'x' is not a value of option 'depth' of architecture 'net': it takes int"),
        ("net:bias=maybe", "it takes bool"),
        ("fixed:depth=3", "architecture 'fixed' has no options"),
        ("nett:depth=3", "unknown architecture 'nett'; did you mean 'net'?"),
        ("nowhere/x", "unknown architecture 'nowhere/x'"),
    ],
)
def test_wrong_names_get_one_clear_line(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ARCHITECTURES.get(name)
    assert message in str(caught.value)


def test_a_source_names_its_own_architectures() -> None:
    @source(name="shop")
    def shop(name: str) -> Architecture:
        """A package."""
        if name != "one":
            raise UnknownName("model of shop", name, ["one"])
        return variant(ARCHITECTURES.get("net"), "depth=9")

    assert 9 == ARCHITECTURES.get("shop/one").build(1)[1]  # type: ignore[index]
    with pytest.raises(UnknownName, match="did you mean 'one'"):
        ARCHITECTURES.get("shop/on")


def test_a_source_that_returns_something_else_is_named_with_its_place() -> None:
    def bare(name: str) -> None:
        """Nothing."""

    source(name="bare")(bare)
    line = r"^source 'bare' \(.*test_variants.py:\d+\) returned NoneType for 'one', not an Architecture$"
    with pytest.raises(UsageError, match=line):
        ARCHITECTURES.get("bare/one")


def test_a_plan_finds_a_variant_by_any_spelling() -> None:
    from bench.declare.declarations import Setting
    from evobench import Cell, Cost, Planned, measure, suite

    @measure(unit="1", nature="count", better="lower")
    def size(subject: object, clock: object) -> None:
        """A size."""

    @suite(title="S")
    def some(setting: Setting) -> list[Planned]:
        """Those that are chosen."""
        return [Planned(Cell(name, "size", Cost(mode="infer", resolution=64)), 1.0) for name in setting.chosen]

    steps = plan(Selection(("some",), ("net:width=2.0,depth=3",)), Setting("default", "cpu", 1))
    assert ["net:depth=3,width=2.0"] == [step.planned.cell.architecture for step in steps]
