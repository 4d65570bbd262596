"""The section of the chapters."""

from __future__ import annotations

import re
from dataclasses import replace

from bench.declare.groups import Side
from bench.declare.lessons.chapter import Step
from reports.page.section import Page
from reports.page.sections.chapters import chapters
from reports.tidy.frame import Frames
from tests.reports.blocks import NETWORK
from tests.reports.chaptered import ALEXNET, NOT_MEASURED, RESNET, VGG, chapter
from tests.reports.story.test_chapters import keeping

EVIL = "<img src=x onerror=alert(1)>"


def built(frames: Frames) -> str:
    return str(chapters(Page(frames)))


def test_a_sentence_leads_to_the_cards_of_both_networks(frames: Frames) -> None:
    html = built(keeping(frames, chapter(Step(RESNET, VGG, ("parameters",)))))
    cards = '<a href="#architectures?card={}">{}</a>'
    before, after = cards.format("vgg19", "VGG-19"), cards.format("resnet50", "ResNet-50")
    assert f"Compared with {before}, {after} has 25.6\N{NO-BREAK SPACE}M instead of" in html


def test_a_chapter_has_an_address(frames: Frames) -> None:
    html = built(keeping(frames, chapter(Step(RESNET)), chapter(Step(ALEXNET), name="early")))
    assert ["early", "ours"] == re.findall(r'<article [^>]*id="chapter-(\w+)"', html)


def test_words_of_a_catalogue_are_escaped(frames: Frames) -> None:
    words = {"title": EVIL, "problem": EVIL, "idea": EVIL, "remark": EVIL, "command": EVIL}
    html = built(keeping(frames, chapter(Step(Side("resnet50", EVIL)), **words)))
    assert (0, 6) == (html.count(EVIL), html.count("&lt;img src=x"))


def test_a_chapter_without_a_recorded_block_has_no_drawing(frames: Frames) -> None:
    plain = keeping(frames, chapter(Step(RESNET), drawn=(Side("resnet50", "A block of ResNet-50"),)))
    recorded = plain.changed(networks={"resnet50": NETWORK})
    assert (0, 1) == (built(plain).count("<figure>"), built(recorded).count("<figcaption>A block of ResNet-50<"))


def test_a_tall_drawing_stands_beside_the_words(frames: Frames) -> None:
    plain = keeping(frames, chapter(Step(RESNET), drawn=(Side("resnet50", "A block"),)))
    assert 'class="chapter beside"' in built(plain.changed(networks={"resnet50": NETWORK}))


def test_chapters_that_are_left_out_are_named(frames: Frames) -> None:
    html = built(keeping(frames, chapter(Step(RESNET)), chapter(Step(NOT_MEASURED), name="dense")))
    assert "this run measured none of their networks: Dense." in html


def test_a_run_that_measured_no_network_of_a_chapter_has_no_section(frames: Frames) -> None:
    assert "" == built(keeping(frames, chapter(Step(NOT_MEASURED))))


def test_a_network_whose_layers_were_counted_tells_its_era(frames: Frames) -> None:
    plain = keeping(frames, chapter(Step(RESNET)))
    recorded = plain.changed(networks={"resnet50": replace(NETWORK, resolution=224)})
    assert ["residual and scaled"] == re.findall(r"</svg> ([\w ]+)</small>", built(recorded))
