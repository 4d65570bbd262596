"""How the page explains its words and methods."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from reports.charts import load_charts
from reports.page.reading import marked, notes, notes_of, terms
from reports.tables import load_tables

GLOSSARY = Path(__file__).parents[3] / "docs/reference/glossary.md"


def buttons(text: str) -> list[str]:
    """The words that are marked."""
    return re.findall(r"<button[^>]*>([^<]*)</button>", text)


def test_a_term_is_a_button_that_opens_its_meaning() -> None:
    found = marked("Counted MACs of a pass.", set())
    expected = '<button type="button" class="term" popovertarget="term-macs">MACs</button>'
    assert f"Counted {expected} of a pass." == found


def test_a_term_is_marked_where_it_first_stands_in_any_of_its_forms() -> None:
    seen: set[str] = set()
    assert ["MACs"] == buttons(marked("MACs count multiply-adds.", seen))
    assert [] == buttons(marked("Multiply-adds", seen))


def test_marks_stay_on_the_line_of_their_word() -> None:
    found = marked("error (single crop), and so on", set())
    assert '<span class="held">(<button' in found
    assert "</button>),</span> and so on" in found


def test_a_part_of_a_word_is_no_term() -> None:
    assert [] == buttons(marked("macaroni, parameterspace, non-seeds", set()))


def test_what_comes_from_users_stays_text() -> None:
    assert "&lt;img src=x&gt; " in marked("<img src=x> latency", set())


def test_links_and_code_in_a_caption_are_left_as_they_are() -> None:
    caption = Markup('<a href="#latency">latency</a> <code>latency</code>')
    assert caption == marked(caption, set())


def test_a_word_with_another_meaning_is_no_term() -> None:
    caption = "The two best classes lie nearest (margin: of probabilities), flattered a little by chance."
    assert [] == buttons(marked(caption, set()))


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.key)
def test_the_glossary_has_the_same_words(term: object) -> None:
    rows = GLOSSARY.read_text(encoding="utf-8").splitlines()
    assert 1 == sum(row.startswith(f"| {term.name} | {term.meaning}") for row in rows)  # type: ignore[attr-defined]


def test_no_two_terms_have_a_key_or_a_form_in_common() -> None:
    keys, forms = [term.key for term in terms()], [form.lower() for term in terms() for form in term.forms]
    assert (len(keys), len(forms)) == (len(set(keys)), len(set(forms)))


def test_notes_belong_to_charts_and_tables_that_there_are() -> None:
    known = {item.name for item in (*load_charts(), *load_tables())}
    assert set() == {name for note in notes() for name in note.of} - known


def test_the_caption_of_an_effect_links_how_verdicts_are_made(page: str) -> None:
    assert ["effects"] == [note.key for note in notes_of("pretraining_effect")]
    table = page.partition('id="table-pretraining_effect"')[2].partition("</p>")[0]
    assert '<a href="#reading-effects">' in table
    assert 1 == page.count('id="reading-effects"')


def test_every_marked_word_has_one_meaning_on_the_page(page: str) -> None:
    targets = set(re.findall(r'popovertarget="(term-[^"]*)"', page))
    assert targets
    assert sorted(targets) == sorted(re.findall(r'id="(term-[^"]*)" popover', page))


def test_a_section_marks_a_word_once(page: str) -> None:
    for section in re.findall(r"<section .*?</section>", page, re.DOTALL):
        targets = re.findall(r'popovertarget="(term-[^"]*)"', section)
        assert sorted(set(targets)) == sorted(targets)
