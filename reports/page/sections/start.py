"""The first screen: what this page is, each decade in a sentence, one chart, and what the run found."""

from __future__ import annotations

from markupsafe import Markup

from bench.store.rows import AUDIT
from reports.charts import load_charts
from reports.highlights.findings import findings
from reports.page.section import Page, section
from reports.story.milestones import decades, keeps_none
from reports.story.opening import lead, of_the_lecture, title


@section(title="Start", order=1, part="story")
def start(page: Page) -> Markup:
    """A heading that is true of the run, failures where there are some, and the evolution at a glance.

    Nothing where an audit or a comparison is what the page is for: that comes first then.
    """
    frames = page.frames
    glance = load_charts().get("evolution")
    page.placed.add(glance)
    if frames.run.profile == AUDIT or page.compared is not None:
        return Markup("")
    page.headings["start"] = title(frames)
    failed = frames.failures[frames.failures["status"] != "unsupported"]
    return page.render(
        "start.html",
        lead=lead(frames),
        planned=len(frames.records),
        measured=int((frames.records["status"] == "ok").sum()),
        failures=len(failed),
        first=f"{failed.iloc[0]['cell']}: {failed.iloc[0]['reason']}" if len(failed) else "",
        decades=decades(frames) if of_the_lecture(frames) else (),
        older=keeps_none(frames),
        chart=page.shown(glance),
        findings=findings(frames),
    )
