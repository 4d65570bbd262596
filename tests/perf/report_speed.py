"""How large the report of a large run is, and how fast: 120 architectures, 2,000 records, a million raw samples.

nox -s report-speed
nox -s report-speed -- --loads 9 --keep build/large

The run is synthetic; the browser is the machine's Chromium, a fresh tab a time, opened from disk.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.store.database import Store
from reports.page.document import render
from reports.tidy.frame import read
from tests.chromium import CHROMIUM, launch, open_tab, wait_until
from tests.perf.large_run import LEARNERS, large
from tests.reports.conftest import write_run

PARTS = {
    "plotly": r'<script type="text/plain" id="plotly">(.*?)</script>',
    "figures, long tables": r'<script type="text/plain" id="data">(.*?)</script>',
    "pictures": r'src="(data:image/[^"]*)"',
    "script": r"<script>(.*?)</script>",
    "style": r"<style>(.*?)</style>",
}
MARKS = {
    "first paint": "first-contentful-paint",
    "tables usable": "tables usable",
    "all tables filled": "tables filled",
    "all charts drawn": "charts drawn",
}


def main() -> int:
    """Print seconds and sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renders", type=int, default=3, help="times that it is rendered (%(default)s)")
    parser.add_argument("--loads", type=int, default=5, help="times that it is opened (%(default)s)")
    parser.add_argument("--learners", type=int, default=LEARNERS, help="architectures trained (%(default)s)")
    parser.add_argument("--keep", type=Path, help="folder to leave the store and the page in")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        store = folder / "large.sqlite"
        store.unlink(missing_ok=True)
        write_run(store, large(arguments.learners))
        html = rendered(store, arguments.renders)
        (folder / "report.html").write_text(html, encoding="utf-8")
        sizes(html)
        opened(folder / "report.html", arguments.loads)
    return 0


def rendered(path: Path, times: int) -> str:
    """The page; says what it is of and how long it took, the store read included."""
    with Store.open(path) as store:
        run = store.run("latest")
        records = store.records(run.id)
        samples, architectures = sum(row.n for row in records), len(store.declarations(run.id, "architecture"))
        say("of", f"{architectures} architectures, {len(records)} records, {samples} raw samples")
        reading: list[float] = []
        rendering: list[float] = []
        computing: list[float] = []
        for _ in range(times):
            begin = time.perf_counter()
            read(store, "latest")
            reading.append(time.perf_counter() - begin)
            begin, before = time.perf_counter(), time.process_time()
            html = render(store, "latest")
            rendering.append(time.perf_counter() - begin)
            computing.append(time.process_time() - before)
    say("reading the store", spread(reading))
    say("rendering, with that", spread(rendering))
    say("  of the processor", spread(computing))
    return html


def sizes(html: str) -> None:
    """Say how large the page is, by part."""
    left = html
    found = {}
    for name, pattern in PARTS.items():
        texts = re.findall(pattern, left, flags=re.DOTALL)
        found[name] = sum(map(len, texts))
        left = re.sub(pattern, "", left, flags=re.DOTALL)
    found["HTML"] = len(left)
    say("file", f"{len(html) / 1e6:.2f} MB, {(len(html) - found['pictures']) / 1e6:.2f} MB without pictures")
    for name, size in found.items():
        say(f"  {name}", f"{size / 1e6:.2f} MB")


def opened(path: Path, times: int) -> None:
    """Say what a reader waits for, where there is a Chromium."""
    if CHROMIUM is None:
        say("opening", "not measured: no Chromium on this machine")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        loads = [marks(browser, path) for _ in range(times)]
        waits = {chart: asked_for(browser, path, chart) for chart in charts(path)}
        browser.close()
    for name, mark in MARKS.items():
        say(name, spread([load[mark] / 1000 for load in loads]))
    slowest = max(waits, key=lambda chart: waits[chart])
    say("a chart, when asked for", f"{spread(list(waits.values()))}, the slowest {slowest}")


def marks(browser: Any, path: Path) -> dict[str, float]:
    """Milliseconds since the page was asked for, by mark."""
    tab = open_tab(browser)
    tab.goto(path.as_uri())
    ends = "['charts drawn', 'tables filled'].every(name => performance.getEntriesByName(name).length)"
    wait_until(tab, ends)
    entries = "[...performance.getEntriesByType('paint'), ...performance.getEntriesByType('mark')]"
    found: dict[str, float] = tab.evaluate(
        f"Object.fromEntries({entries}.map(item => [item.name, item.startTime]))"
    )
    tab.close()
    return found


def charts(path: Path) -> list[str]:
    """The charts of the page, by the name in their address."""
    return re.findall(r'<figure class="chart" id="(chart-[^"]*)"', path.read_text(encoding="utf-8"))


def asked_for(browser: Any, path: Path, chart: str) -> float:
    """Seconds from asking for the page at the address of a chart until that is drawn."""
    tab = open_tab(browser)
    tab.goto(f"{path.as_uri()}#{chart}")
    drawn = f"document.querySelector('#{chart} .plot[data-drawn] .main-svg') && performance.now()"
    while (milliseconds := tab.evaluate(drawn)) is None:
        tab.wait_for_timeout(20)
    tab.close()
    return float(milliseconds) / 1000


def spread(seconds: list[float]) -> str:
    """The median with the extremes."""
    return f"{median(seconds):.2f} s [{min(seconds):.2f}, {max(seconds):.2f}], n = {len(seconds)}"


def say(name: str, words: str) -> None:
    """One line of the answer."""
    sys.stdout.write(f"{name:25}{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
