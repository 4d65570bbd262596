"""The HTML report of a run: one self-contained file that opens offline."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from bench.compare.gate.decided import base_of_gate
from bench.store.database import Store
from bench.store.rows import AUDIT
from reports.comparing.pairing import pair_up
from reports.drawing.style import TEMPLATE
from reports.page.section import SAMPLES, Page, Section, load_sections, templates
from reports.tidy.frame import Frames, read

_FOLDER = Path(__file__).parent
_CONFIG = {"showSendToCloud": False, "displaylogo": False, "responsive": True}


def render(store: Store, run_id: str) -> str:
    """The report as HTML; that of a gate's head compares it with its base.

    Args:
        store: where the run is.
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
    """What the sections of a run's page are built with."""
    page = Page(frames)
    page.evidence = store.shown.evidence(frames.run.id, SAMPLES)
    return page


def document(page: Page, title: str, sections: Iterable[Section]) -> str:
    """The whole HTML of sections that are built with `page`."""
    built = [(item, page.whole(item.name, item.build(page))) for item in sections]
    script = _script()
    return (
        templates()
        .get_template("page.html")
        .render(
            page=page,
            title=title,
            sections=[(item, content) for item, content in built if content],
            missing=[item for item, content in built if item.command and not content],
            policy=_policy(script),
            style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
            script=Markup(script),
            data=_data(page),
            plotly=_plotly() if page.figures else "",
        )
    )


def ordered(page: Page) -> list[Section]:
    """The sections in their order; in a run that is an audit, its verdicts stand before all others."""
    audits = page.frames.run.profile == AUDIT
    return sorted(load_sections(), key=lambda item: not (audits and item.name == "audit"))


def _policy(script: str) -> str:
    """Content-Security-Policy: our script by its hash, plotly from a blob that it makes, nothing from anywhere."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}' blob:; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    """The files of the page's script as one: `page.js` has what the others share; those follow by name."""
    first = _FOLDER / "page.js"
    others = sorted(path for path in _FOLDER.glob("*.js") if path != first)
    return "\n".join(path.read_text(encoding="utf-8") for path in (first, *others))


def _data(page: Page) -> str:
    """Figures, long tables and what sections packed, for the script to open."""
    content = {
        "figures": page.figures,
        "template": TEMPLATE,
        "config": _CONFIG,
        "tables": page.bodies,
        "blocks": page.blocks,
    }
    return _packed(json.dumps(content, separators=(",", ":")))


@cache
def _plotly() -> str:
    """plotly.js of the installed package."""
    return _packed(get_plotlyjs())


def _packed(text: str) -> str:
    """Gzipped, in base64: nothing in it can end the element that holds it."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
