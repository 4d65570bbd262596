"""Which work an architecture is of, and when that was published."""

from __future__ import annotations

import pytest

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.errors import UnknownName
from suites.references import of_preprint, of_work, references


@pytest.fixture
def catalogues() -> None:
    load_catalogs()


def net(num_classes: int) -> None: ...


@pytest.mark.usefixtures("no_declarations")
def test_a_work_with_a_preprint_has_its_year_and_that_of_the_venue() -> None:
    of_work("he2015resnet")(family="F")(net)
    item = ARCHITECTURES.get("net")
    assert ("arXiv:1512.03385", 2015, 2016) == (item.paper, item.year, item.venue_year)


@pytest.mark.usefixtures("no_declarations")
def test_a_work_without_a_preprint_first_appeared_at_its_venue() -> None:
    of_work("krizhevsky2012alexnet")(family="F")(net)
    item = ARCHITECTURES.get("net")
    assert ("Krizhevsky et al., NeurIPS 2012", 2012, 2012) == (item.paper, item.year, item.venue_year)


@pytest.mark.usefixtures("no_declarations")
def test_a_preprint_that_no_venue_published_has_one_year() -> None:
    of_preprint("1602.07360", venue_year=None)(family="F")(net)
    item = ARCHITECTURES.get("net")
    assert ("arXiv:1602.07360", 2016, None) == (item.paper, item.year, item.venue_year)


def test_a_misspelt_work_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown reference 'he2015resnets'; did you mean 'he2015resnet'"):
        of_work("he2015resnets")


@pytest.mark.usefixtures("catalogues")
def test_every_architecture_of_a_work_that_is_cited_has_the_years_of_that_work() -> None:
    venues = {f"arXiv:{work['arxiv']}": work["year"] for work in references().values() if "arxiv" in work}
    cited = [item for item in ARCHITECTURES if item.paper in venues]
    expected = {item.name: (2000 + int(item.paper[6:8]), venues[item.paper]) for item in cited}
    assert expected == {item.name: (item.year, item.venue_year) for item in cited}


@pytest.mark.usefixtures("catalogues")
def test_the_lecture_s_own_network_has_no_year_since_no_source_says_one() -> None:
    item = ARCHITECTURES.get("lecture_cnn")
    assert (None, None) == (item.year, item.venue_year)


@pytest.mark.usefixtures("catalogues")
def test_swin_v2_first_appeared_the_year_before_its_venue() -> None:
    item = ARCHITECTURES.get("swin_v2_t")
    assert (2021, 2022) == (item.year, item.venue_year)
