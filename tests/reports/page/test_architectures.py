"""The cards of the architectures."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.audit.errata import ErrataRow
from bench.cell import Cell, Cost
from bench.store.database import CellRow, Store
from reports.highlights.cards import Card, address_of, cards
from reports.page.section import Page
from reports.page.sections.architectures import architectures
from reports.tidy.frame import Frames, read
from reports.tidy.networks import networks
from tests.reports.blocks import LAYERS, NETWORK, layer

EVIL = "<img src=x onerror=alert(1)>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]


def card_of(frames: Frames, name: str) -> Card:
    return next(card for card in cards(frames) if card.name == name)


def body(frames: Frames, name: str) -> str:
    page = Page(frames)
    architectures(page)
    return str(page.blocks["cards"][name])


def with_network(frames: Frames, **changes: Any) -> Frames:
    return frames.changed(networks={"resnet18": replace(NETWORK, **changes)})


def judged(frames: Frames, subjects: dict[str, tuple[str, ...]]) -> Frames:
    rows = [
        ErrataRow(claim=claim, slide="Deep", words=claim, printed=1, verdict="reproduced") for claim in subjects
    ]
    verdicts = frames.verdicts.iloc[:0].copy()
    for i, row in enumerate(rows):
        verdicts.loc[i] = [getattr(row, name) for name in verdicts.columns]
    return frames.changed(verdicts=verdicts, subjects=subjects)


def names_of_cards(frames: Frames) -> list[str]:
    return re.findall(r'<details class="architecture" id="architecture-([\w.]+)"', architectures(Page(frames)))


def test_every_architecture_of_the_run_has_a_card_and_a_place_in_the_index(frames: Frames) -> None:
    names = set(frames.architectures["name"])
    assert names == set(names_of_cards(frames))
    links = re.findall(r'href="#architectures\?card=([\w.]+)"', architectures(Page(frames)))
    assert names == set(links)


def test_the_oldest_card_stands_first_and_one_without_a_year_last(frames: Frames) -> None:
    found = names_of_cards(frames)
    assert ["lenet5", "alexnet", "googlenet", "vgg16"] == found[:4]
    assert "lecture_cnn" == found[-1]


def test_cards_of_blocks_that_stand_in_comparisons_alone_follow_all_others(frames: Frames) -> None:
    assert "alexnet" == names_of_cards(frames.changed(blocks=frozenset({"alexnet"})))[-1]


def test_a_run_without_architectures_has_no_section(frames: Frames) -> None:
    assert "" == architectures(Page(frames.changed(architectures=frames.architectures.iloc[:0])))


def test_a_card_has_its_costs_with_their_conditions(frames: Frames) -> None:
    facts = {fact.name: fact for fact in card_of(frames, "resnet18").facts}
    assert ("11.7 M", "") == (facts["Parameters"].value, facts["Parameters"].note)
    assert re.fullmatch(r"\d+ % of what (memory|compute|arithmetic) allows", facts["Roofline"].value)


def test_a_card_has_its_costs_at_the_input_size_of_each_accuracy(frames: Frames) -> None:
    card = card_of(frames, "resnet18")
    assert ["224 px, batch 1", "32 px, batch 1"] == [fact.note for fact in card.facts if fact.name == "Latency"]
    assert ["single crop, 224 px; weights IMAGENET1K_V1"] == [
        fact.note for fact in card.facts if fact.name == "Published top-1 error"
    ]
    assert {32} == {way.resolution for way in card.transfer}


def test_a_card_has_the_parameters_of_an_inference_and_names_those_of_auxiliary_heads(frames: Frames) -> None:
    facts = {fact.name: fact for fact in card_of(frames, "googlenet").facts}
    assert ("6.62 M", "6.38 M more in auxiliary heads") == (facts["Parameters"].value, facts["Parameters"].note)


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("googlenet", "GoogLeNet, 2014 (at its venue 2015)"),
        ("alexnet", "AlexNet, 2012"),
        ("lecture_cnn", "Lecture CNN"),
    ],
)
def test_a_card_has_the_years_that_are_known(frames: Frames, name: str, since: str) -> None:
    assert since == card_of(frames, name).since


def test_a_cost_that_has_no_figure_says_what_became_of_it(frames: Frames) -> None:
    facts = {fact.name: fact.value for fact in card_of(frames, "vit_b_16").facts}
    assert "timeout" == facts["Training step"]


def test_a_published_error_comes_with_its_protocol_and_source(frames: Frames) -> None:
    facts = {fact.name: fact for fact in card_of(frames, "vgg16").facts}
    assert ("28.1 %", "10-crop, 224 px; weights IMAGENET1K_V1") == (
        facts["Published top-1 error"].value,
        facts["Published top-1 error"].note,
    )


def test_the_best_scenario_of_a_target_has_its_interval_and_how_many_it_is_the_best_of(frames: Frames) -> None:
    (best,) = card_of(frames, "resnet18").transfer
    assert ("digits8, 5 shots", 3, 8) == (best.target, best.n, best.of)
    assert re.fullmatch(r"\d+\.\d % \[\d+\.\d, \d+\.\d\]", best.accuracy)
    assert best.scenario.startswith("finetune:all")


def test_only_claims_whose_check_names_the_architecture_are_on_its_card(frames: Frames) -> None:
    frames = judged(frames, {"a": ("resnet18",), "b": ("resnet34", "resnet18"), "c": ("resnet34",), "d": ()})
    assert ["a", "b"] == [row.claim for row in card_of(frames, "resnet18").claims]


def test_a_claim_is_shown_with_its_verdict_and_a_card_without_claims_says_nothing_of_them(frames: Frames) -> None:
    frames = judged(frames, {"a": ("resnet18",)})
    assert '<td class="helps">reproduced</td>' in body(frames, "resnet18")
    assert "What the lecture says of it" not in body(frames, "resnet34")


@pytest.mark.parametrize(
    ("paper", "address"),
    [
        ("arXiv:1512.03385", "https://arxiv.org/abs/1512.03385"),
        ("arXiv:1311.2901, ECCV 2014", "https://arxiv.org/abs/1311.2901"),
        ("doi:10.1109/5.726791", "https://doi.org/10.1109/5.726791"),
        ("https://example.org/paper", "https://example.org/paper"),
        ("LeCun et al., Proceedings of the IEEE 86(11), 1998", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_paper_is_a_link_where_its_name_tells_the_address(paper: str, address: str) -> None:
    assert address == address_of(paper)


def test_the_link_to_a_paper_does_not_tell_where_it_was_followed(frames: Frames) -> None:
    assert '<a href="https://arxiv.org/abs/0000.00000" rel="noreferrer">' in body(frames, "resnet18")


def test_the_block_is_drawn_with_a_title_and_in_words(frames: Frames) -> None:
    html = body(with_network(frames), "resnet18")
    assert "<title>Its block, BasicBlock of resnet18</title>" in html
    assert "1: 3 × 3 conv, 4 → 4, batch norm · ReLU, from the input; 2: 3 × 3 conv, 4 → 4, from 1" in html
    assert "3: +, from 2 and the input" in html


def test_a_run_that_tells_no_layers_says_how_to_get_them(frames: Frames) -> None:
    assert "`evobench show-model resnet34`" in body(with_network(frames), "resnet34")


def test_a_count_of_an_older_version_has_its_stages_and_says_why_no_diagram(frames: Frames) -> None:
    html = body(with_network(frames, block=None, widths={}), "resnet18")
    assert "made by an older version" in html
    assert "56 × 56 × 64" in html


def test_a_stage_with_an_operator_that_nobody_counts_has_a_lower_bound(frames: Frames) -> None:
    uncounted = {**layer("conv1", (1, 64, 112, 112), 9_408, 118_013_952), "uncounted": 1}
    assert "<span>≥ 118 M MACs</span>" in body(with_network(frames, layers=(uncounted,)), "resnet18")


def test_the_layers_are_packed_with_the_numbers_that_they_sort_by(frames: Frames) -> None:
    page = Page(with_network(frames))
    architectures(page)
    expected = ["conv1", "Conv2d", "64 × 112 × 112", ["9,408", "9408", ""], ["118,013,952", "118013952", ""]]
    assert expected == page.blocks["layers"]["resnet18"][0]


def test_of_very_many_layers_the_last_row_counts_the_rest(frames: Frames) -> None:
    page = Page(with_network(frames, layers=tuple(layer(f"l{i}", (1, 8, 4, 4), 10, 1) for i in range(300))))
    architectures(page)
    rows = page.blocks["layers"]["resnet18"]
    assert (200, "and 101 more", ["1,010", "1010", ""]) == (len(rows), rows[-1][0], rows[-1][3])


def test_nothing_that_users_name_becomes_markup(frames: Frames) -> None:
    item = frames.architectures.assign(name=EVIL, family=EVIL, paper=EVIL, idea=EVIL, reduced_of=EVIL)
    steps = [{**row, "name": EVIL, "kind": EVIL} for row in (NETWORK.block or {})["steps"]]
    block = {**(NETWORK.block or {}), "type": EVIL, "name": EVIL, "steps": steps}
    named = replace(NETWORK, layers=({**LAYERS[0], "name": EVIL},), block=block)
    evil = frames.changed(architectures=item.iloc[:1], networks={EVIL: named})
    page = Page(judged(evil, {EVIL: (EVIL,)}))
    reader = _Reader()
    reader.feed(str(architectures(page)) + page.blocks["cards"][EVIL])
    assert "svg" in reader.tags
    assert "img" not in reader.tags
    assert {"#", "h"} >= {(link or "")[:1] for link in reader.links}


def test_the_store_gives_an_older_run_cards_without_networks(synthetic: Path) -> None:
    with Store.open(synthetic) as store:
        assert {} == read(store, "latest").networks


def test_layers_of_a_count_that_did_not_number_its_calls_are_of_the_first_call() -> None:
    cell = Cell("resnet18", "macs", Cost(mode="infer", resolution=32))
    older = {"name": "fc", "type": "Linear", "output": [1, 10], "parameters": 10, "macs": 10}
    row = SimpleNamespace(status="ok", details={"layers": [older]})
    found = networks([CellRow(cell, (), 1.0, 1)], {cell.key: [row]}, {})  # type: ignore[list-item]
    assert [{"call": 1, **older}] == list(found["resnet18"].layers)
