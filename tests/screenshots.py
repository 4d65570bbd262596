"""Pictures for the documentation: the report's first screen, a chapter, the form, a comparison of two runs.

The file `run.gif` is a moving picture of a short run in a terminal.

nox -s screenshots
nox -s screenshots -- build/pictures --store runs/evobench.sqlite --run latest --base before --width 390

They are of the newest run, or of two smoke runs where there is no store. A comparison needs an earlier run: the
one before is taken where none is named. What a page does not have is left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.store.database import Store
from reports.output.declared import load_declared
from reports.page.document import render
from reports.page.several import render_pair
from tests.chromium import CHROMIUM, launch, open_tab, wait_until
from tests.terminal import record

PICTURED = {"start": "#start", "chapters": "#chapters article", "recommend": "#recommend"}
"""By section what is pictured of it, from its top edge on; of chapters the fourth, ResNet's in the lecture."""
CHAPTER = 3
HEIGHT = 960
EDGE = 12
"""Pixels above what is pictured."""


def main() -> int:
    """Write a PNG file for each of the four, and the moving picture; 1 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("docs/pictures"), help="for the files (%(default)s)"
    )
    parser.add_argument("--store", type=Path, default=Path("runs/evobench.sqlite"), help="(%(default)s)")
    parser.add_argument("--run", default="latest", help="id, its beginning, or latest (%(default)s)")
    parser.add_argument("--base", help="the run that it is compared with (the one before it)")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in pixels (%(default)s)")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    arguments = parser.parse_args()
    if CHROMIUM is None:
        sys.stderr.write("no Chromium on this machine: install one to make pictures\n")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        store, run = arguments.store, arguments.run
        if not store.is_file():
            store, run = folder / "smoke.sqlite", "latest"
            command = [sys.executable, "-m", "evobench", "run", "--profile", "smoke", "--no-report", "--fresh"]
            for _ in range(2):
                # its exit says whether every cell has a figure; those that have one can be pictured
                subprocess.run([*command, "--store", str(store)], check=False)
        pages = dict(written(store, run, arguments.base, folder))
        arguments.folder.mkdir(parents=True, exist_ok=True)
        picture(pages, arguments)
    return 0


def written(store: Path, run: str, base: str | None, folder: Path) -> Iterator[tuple[str, Path]]:
    """The page of a run, and that which compares it with an earlier one, by what they are pictured for."""
    load_declared()
    with Store.open(store) as opened:
        page = folder / "report.html"
        page.write_text(render(opened, run), encoding="utf-8")
        yield "run", page
        ids = [item.id for item in opened.runs()]
        place = ids.index(opened.run(run).id)
        earlier = base or next(iter(ids[max(0, place - 1) : place]), None)
        if earlier:
            page = folder / "compare.html"
            page.write_text(render_pair(opened, earlier, run), encoding="utf-8")
            yield "compare", page


def picture(pages: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Write the files of what the pages have."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        tab = open_tab(browser, arguments.width, HEIGHT, arguments.scheme)
        shown(tab, pages["run"])
        for name, place in PICTURED.items():
            take(tab, name, place, arguments.folder)
        if "compare" in pages:
            shown(tab, pages["compare"])
            take(tab, "compare", "#compare", arguments.folder)
        with tempfile.TemporaryDirectory() as empty:
            record(browser, arguments.folder / "run.gif", Path(empty))
        browser.close()


def shown(tab: Any, page: Path) -> None:
    """Open a page, and wait until its charts are drawn."""
    tab.goto(page.as_uri())
    wait_until(tab, "performance.getEntriesByName('charts drawn').length || !document.querySelector('.plot')")


def take(tab: Any, name: str, place: str, folder: Path) -> None:
    """Write a window's worth of the page from a place on; nothing where the page has no such place."""
    found = tab.locator(place)
    if not found.count():
        sys.stdout.write(f"the page has no {name}\n")
        return
    part = found.nth(min(CHAPTER, found.count() - 1))
    # below what sticks to the top of the window
    move = "(part, edge) => scrollBy(0, part.getBoundingClientRect().top - edge)"
    tab.evaluate("scrollTo(0, 0)")
    if name != "start":
        top = tab.evaluate("document.querySelector('body > header').getBoundingClientRect().bottom")
        part.evaluate(move, top + EDGE)
    wait_until(tab, "!document.querySelector('.plot:not([data-drawn])')")
    path = folder / f"report-{name}.png"
    tab.screenshot(path=path)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    sys.exit(main())
