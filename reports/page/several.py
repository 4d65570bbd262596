"""Pages of several runs: two side by side, and all that a store has."""

from __future__ import annotations

from collections.abc import Mapping

from bench.store.database import RunRow, Store
from reports.comparing.pairing import TOLERANCE, pair_up
from reports.history.overview import read_history
from reports.page.document import Document, document, ordered, page_of
from reports.page.section import Page, load_sections
from reports.tidy.frame import Frames
from reports.tidy.rows import Rows

_NO_RUN = RunRow(id="", started="", profile="", command="", host={}, host_key="", settings={}, state="")


def render_pair(store: Store, base: str, head: str, tolerance: float = TOLERANCE, force: bool = False) -> str:
    """The page of two runs as one file of HTML: see `compose_pair`."""
    return compose_pair(store, base, head, tolerance, force).whole()


def render_history(store: Store, links: Mapping[str, str] | None = None) -> str:
    """The page of all runs as one file of HTML: see `compose_history`."""
    return compose_history(store, links).whole()


def compose_pair(
    store: Store, base: str, head: str, tolerance: float = TOLERANCE, force: bool = False
) -> Document:
    """The page of run `head`, with a section that compares it with run `base`.

    Args:
        store: the store that holds both runs.
        base: an id, a unique beginning of one, or `latest`.
        head: the same.
        tolerance: share by which a time or a peak may grow and still be fine.
        force: compare speeds of different hosts all the same.

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    compared = pair_up(store, base, head, tolerance, force)
    page = page_of(store, compared.head)
    page.compared = compared
    return document(page, f"run {compared.head.run.id} beside {compared.base.run.id}", ordered(page))


def compose_history(store: Store, links: Mapping[str, str] | None = None) -> Document:
    """The page of all runs of a store, which may have none.

    Args:
        store: the store that holds the runs.
        links: addresses of reports by run, for those that have one.

    Raises:
        StoreError: the store cannot be read.
    """
    page = Page(Frames(Rows(_NO_RUN)))
    page.history = read_history(store, links or {})
    return document(page, "history", [item for item in load_sections() if item.name == "history"])
