"""The runs of a store over time."""

from __future__ import annotations

from markupsafe import Markup

from reports.history.overview import MEASURES, History, overview
from reports.history.table import table_in_words
from reports.history.words import summary
from reports.page.course import DASHES, MOST, course, left_out
from reports.page.section import Page, section

_TITLES = {
    "latency": "Latency over the runs",
    "throughput": "Throughput over the runs",
    "train_step": "Training step over the runs",
    "peak_memory": "Peak memory over the runs",
    "top1": "Accuracy over the runs",
}
_CHANGES = (
    "The gravest and largest first. Levels are compared by ranks, the error is controlled over all series; "
    "counts are exact. A spread is half of what lies between the 5th and the 95th percentile of a run's samples, "
    "over their median. An interval is one of 95 % for its change alone. What differs between the last run before "
    "and the first run after may have made the change, and need not have."
)
_ABOUT = "The newest first. A cell has a figure where one of its processes has."


@section(title="History", order=11)
def history(page: Page) -> Markup:
    """A table of the runs and the course of each measure; nothing on the page of a run."""
    found = page.history
    if found is None:
        return Markup("")
    return page.render(
        "history.html",
        runs=[(run.id, found.links[run.id]) for run in reversed(found.runs) if run.id in found.links],
        count=len(found.runs),
        hosts=[(letter, key, _dash(i)) for i, (key, letter) in enumerate(found.hosts.items())],
        charts=Markup("").join(_chart(page, found, measure) for measure in MEASURES if measure in found.medians),
        table=page.grid("Runs", _ABOUT, overview(found)),
        answers=summary(found.search) if found.search else (),
        changes=_changes(page, found),
    )


def _chart(page: Page, found: History, measure: str) -> Markup:
    more = left_out(found, measure)
    about = (
        "For each architecture, the cell that most runs have under the same conditions. Runs of different hosts "
        "are not joined; point at a mark to see its cell."
    )
    if more:
        about += f" Shown are the {MOST} that most runs have, the largest changes first; {more} are left out."
    return page.figure(f"course_of_{measure}", _TITLES[measure], about, lambda _: course(found, measure))


def _changes(page: Page, found: History) -> Markup:
    if found.search is None or not found.search.changes:
        return Markup("")
    return page.grid("Changes of level and of spread", _CHANGES, table_in_words(found.search.changes))


def _dash(i: int) -> str:
    words = {"dash": "dashed", "dot": "dotted", "dashdot": "dashed and dotted"}
    return words.get(DASHES[i % len(DASHES)], "solid")
