"""What the report tells first of the lecture's lineage: nothing that the quoted works do not say."""

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.lessons.milestones import MILESTONES
from suites import milestones
from suites.references import references


def test_every_error_is_a_figure_of_a_quoted_work() -> None:
    known = {
        figure
        for work in references().values()
        for figure in work.get("figures", {}).values()
        if isinstance(figure, float)
    }
    errors = {item.top5_error for item in MILESTONES if item.top5_error is not None}
    assert (5, True) == (len(errors), errors <= known)


def test_every_milestone_tells_of_declared_architectures() -> None:
    load_catalogs()
    assert [] == [name for item in MILESTONES for name in item.of if name not in ARCHITECTURES]


def test_a_decade_has_no_error_of_its_own_and_begins_with_a_round_year() -> None:
    found = [(item.top5_error, item.year % 10) for item in MILESTONES if item.kind == "decade"]
    assert [(None, 0)] * 3 == found
    assert milestones.__name__ == MILESTONES.place("checks")
