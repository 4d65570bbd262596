"""Pictures of the report's main sections, of the newest run or of a smoke run.

nox -s screenshots
nox -s screenshots -- build/pictures --store runs/evobench.sqlite --run latest --width 390
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.store.database import Store
from reports.page.document import render
from tests.chromium import CHROMIUM, launch, open_tab, wait_until

SECTIONS = ("summary", "lessons", "evolution", "architectures", "cost", "transfer", "audit")
HEIGHT = 900
DRAWN = "performance.getEntriesByName('charts drawn').length"


def main() -> int:
    """Write a PNG file a section; 1 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs"), help="for the files (%(default)s)")
    parser.add_argument("--store", type=Path, default=Path("runs/evobench.sqlite"), help="(%(default)s)")
    parser.add_argument("--run", default="latest", help="id, its beginning, or latest (%(default)s)")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in pixels (%(default)s)")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    arguments = parser.parse_args()
    if CHROMIUM is None:
        sys.stderr.write("no Chromium on this machine: install one to make pictures\n")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        store, run = arguments.store, arguments.run
        if not store.is_file():
            store, run = Path(temporary) / "smoke.sqlite", "latest"
            command = [sys.executable, "-m", "evobench", "run", "--profile", "smoke", "--no-report"]
            # its exit says whether every cell has a figure; those that have one can be pictured
            subprocess.run([*command, "--store", str(store)], check=False)
        page = Path(temporary) / "report.html"
        with Store.open(store) as opened:
            page.write_text(render(opened, run), encoding="utf-8")
        arguments.folder.mkdir(parents=True, exist_ok=True)
        picture(page, arguments)
    return 0


def picture(page: Path, arguments: argparse.Namespace) -> None:
    """Write one file for each of the sections that the page has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        tab = open_tab(browser, arguments.width, HEIGHT, arguments.scheme)
        tab.goto(page.as_uri())
        wait_until(tab, "performance.getEntriesByName('charts drawn').length || !document.querySelector('.plot')")
        for name in SECTIONS:
            if not tab.locator(f"section#{name}").count():
                continue
            tab.evaluate(f"document.getElementById('{name}').scrollIntoView()")
            tab.wait_for_timeout(500)
            path = arguments.folder / f"report-{name}.png"
            tab.screenshot(path=path)
            sys.stdout.write(f"{path}\n")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
