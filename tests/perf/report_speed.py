"""How large a report is, and how fast: of a large run, or of the newest of a store, against what it is to keep to.

nox -s report-speed
nox -s report-speed -- --store runs/evobench.sqlite
nox -s report-speed -- --loads 9 --keep build/large

The large run is synthetic: 120 architectures, 2,000 records, a million raw samples. The browser is the machine's
Chromium, a fresh tab each time, opened from disk. Exits with 1 where a limit is not kept.
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
    "scripts": r"<script>(.*?)</script>",
    "style": r"<style>(.*?)</style>",
}
LIMIT_MB = 4.0
"""Of the file of a default run, pictures included."""
LIMIT_PAINT = 0.5
LIMIT_CHART = 3.0
"""Seconds until the first paint, and until a chart that is asked for is drawn."""
OWN = ("file:", "blob:", "data:")
"""What addresses of a page that asks for nothing begin with."""
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
    parser.add_argument("--store", type=Path, help="whose newest run it is, instead of a synthetic one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        html = rendered(arguments.store or synthetic(folder, arguments.learners), arguments.renders)
        (folder / "report.html").write_text(html, encoding="utf-8")
        broken = sizes(html) + opened(folder / "report.html", arguments.loads)
    say("limits", "all kept" if not broken else f"not kept: {', '.join(broken)}")
    return bool(broken)


def synthetic(folder: Path, learners: int) -> Path:
    """A store with the large run."""
    store = folder / "large.sqlite"
    store.unlink(missing_ok=True)
    write_run(store, large(learners))
    return store


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


def sizes(html: str) -> list[str]:
    """Say how large the page is, by part; returns the limit that it breaks."""
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
    return [f"the file has over {LIMIT_MB:g} MB"] if len(html.encode()) > LIMIT_MB * 1e6 else []


def opened(path: Path, times: int) -> list[str]:
    """Say what a reader waits for, where there is a Chromium; returns the limits that are broken."""
    if CHROMIUM is None:
        say("opening", "not measured: no Chromium on this machine")
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        said: list[str] = []
        loads = [marks(browser, path, said) for _ in range(times)]
        waits = {chart: asked_for(browser, path, chart) for chart in charts(path)}
        browser.close()
    for name, mark in MARKS.items():
        say(name, spread([load[mark] / 1000 for load in loads]))
    for chart, seconds in waits.items():
        say(f"  {chart.removeprefix('chart-')}", f"{seconds:.2f} s")
    if waits:
        say("a chart, when asked for", spread(list(waits.values())))
    say("requests and messages", f"{len(said)}{': ' if said else ''}{'; '.join(dict.fromkeys(said))}")
    broken = [f"{chart} takes {seconds:.1f} s" for chart, seconds in waits.items() if seconds > LIMIT_CHART]
    if (paint := median(load[MARKS["first paint"]] for load in loads) / 1000) > LIMIT_PAINT:
        broken.append(f"the first paint comes after {paint:.2f} s")
    return [*broken, *(["the page asks or says something"] if said else [])]


def marks(browser: Any, path: Path, said: list[str]) -> dict[str, float]:
    """Milliseconds since the page was asked for, by mark; puts its requests and messages behind `said`."""
    tab = open_tab(browser)
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda asked: None if asked.url.startswith(OWN) else said.append(asked.url))
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
    sys.stdout.write(f"{name:37}{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
