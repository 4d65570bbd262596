"""The HTML report of a run: one self-contained file that opens offline."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from bench.compare.gate.decided import base_of_gate
from bench.store.database import Store
from bench.store.rows import AUDIT
from bench.text.plain import harmless
from bench.text.strict_json import as_json, harmless_json
from reports.comparing.pairing import pair_up
from reports.drawing.style import TEMPLATE
from reports.page.reading import Term, templates, terms
from reports.page.section import SAMPLES, Page, Part, Section, load_sections
from reports.tidy.frame import Frames, read

_FOLDER = Path(__file__).parent
_CONFIG = {"showSendToCloud": False, "displaylogo": False, "responsive": True, "typesetMath": False}
"""Configuration of plotly; a name with dollar signs is not a formula."""


_TITLES: Mapping[Part, str] = {"story": "The story", "results": "Results", "appendix": "Appendix"}
"""Titles of the parts in the contents."""
_EARLY, _SHARED, _STRICT = "early.js", "page.js", "strict.js"
"""The script that runs before anything is painted, the first of those that run when all is there, and the one that
only a page in several files has."""


@dataclass(frozen=True)
class Document:
    """A page that is built and not yet written: as one file, or in several (`reports.page.assets`)."""

    title: str
    sections: tuple[tuple[Section, Markup], ...]
    missing: tuple[Section, ...]
    """Sections without anything to show that name what measures them."""
    terms: tuple[Term, ...]
    """Terms that its captions explain."""
    headings: Mapping[str, str]
    """Headings that this run gives sections instead of their titles, by the section's name."""
    foot: Markup
    """Foot of the page."""
    data: Mapping[str, Any]
    """Figures, long tables and what sections packed, for the script to open."""

    def whole(self) -> str:
        """The page as one file that opens without a network and asks for nothing."""
        return self.html(
            policy=_policy(early(), script()),
            style=Markup(style()),
            early=Markup(early()),
            script=Markup(script()),
            data=packed_data(self.data),
            plotly=_plotly() if self.data["figures"] else "",
        )

    def html(self, policy: str, folder: str = "", **texts: object) -> str:
        """The HTML.

        Args:
            policy: Content-Security-Policy of the page.
            folder: address of the folder with style and scripts; empty: they are `texts` within the page.
            texts: style, scripts and data; with a folder the ids of styles that plotly is not to bring.
        """
        parts = groupby((item for item, _ in self.sections), key=lambda item: _TITLES[item.part])
        return harmless(
            templates()
            .get_template("page.html")
            .render(
                title=self.title,
                file=f"evobench-{'-'.join(self.title.split())}.json",
                sections=self.sections,
                parts=[(part, list(items)) for part, items in parts],
                stories=any(item.part == "story" for item, _ in self.sections),
                missing=self.missing,
                terms=self.terms,
                headings=self.headings,
                foot=self.foot,
                explains=any(item.name == "reading" for item, _ in self.sections),
                policy=policy,
                folder=folder,
                **texts,
            )
        )


def render(store: Store, run_id: str) -> str:
    """The report as one file of HTML: see `compose`."""
    return compose(store, run_id).whole()


def compose(store: Store, run_id: str) -> Document:
    """The report of a run; that of a gate's head compares it with its base.

    Args:
        store: the store that holds the run.
        run_id: an id, a unique beginning of one, or `latest`.

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    page = page_of(store, read(store, run_id))
    base = base_of_gate(page.frames.run)
    if base in {run.id for run in store.runs()}:
        page.compared = pair_up(store, str(base), page.frames.run.id)
    return document(page, f"run {page.frames.run.id}", ordered(page))


def page_of(store: Store, frames: Frames) -> Page:
    """Page with what the sections of a run's page are built from."""
    page = Page(frames)
    page.evidence = store.shown.evidence(frames.run.id, SAMPLES)
    return page


def document(page: Page, title: str, sections: Iterable[Section]) -> Document:
    """The document of sections that are built with `page`."""
    built = [(item, page.built(item)) for item in sections]
    return Document(
        title,
        tuple((item, content) for item, content in built if content),
        tuple(item for item, content in built if item.command and not content),
        tuple(term for term in terms() if term.key in page.terms),
        page.headings,
        page.foot,
        {
            "figures": page.figures,
            "template": TEMPLATE,
            "config": _CONFIG,
            "tables": page.bodies,
            "blocks": page.blocks,
        },
    )


def ordered(page: Page) -> list[Section]:
    """The sections in their order; in a run that is an audit, its verdicts stand before all others."""
    audits = page.frames.run.profile == AUDIT
    return sorted(load_sections(), key=lambda item: not (audits and item.name == "audit"))


def _policy(*scripts: str) -> str:
    """Content-Security-Policy: our scripts by hash, plotly from a blob of theirs, nothing from anywhere."""
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes} blob:; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def style() -> str:
    """The page's style sheet."""
    return _text("page.css")


def early() -> str:
    """The script that runs before anything is painted."""
    return _text(_EARLY)


def strict() -> str:
    """The script that draws charts with what strict servers allow."""
    return _text(_STRICT)


@cache
def script() -> str:
    """The files of the page's script as one: `page.js` has what the others share; those follow by name."""
    others = sorted(path.name for path in _FOLDER.glob("*.js") if path.name not in (_EARLY, _SHARED, _STRICT))
    return "\n".join(map(_text, (_SHARED, *others)))


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    """plotly.js of the installed package."""
    return packed(get_plotlyjs())


def packed_data(data: Mapping[str, Any]) -> str:
    """Data for the script to open; texts in it are harmless, as those in templates are."""
    return packed(harmless_json(as_json(data, separators=(",", ":"))))


def packed(text: str) -> str:
    """Gzipped, in base64: nothing in it can end the element that holds it."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
