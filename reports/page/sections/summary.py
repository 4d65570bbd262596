"""What ran, and what came of it."""

from __future__ import annotations

from markupsafe import Markup

from bench.audit.errata import counts
from bench.store.rows import AUDIT
from bench.words import moment
from reports import formats
from reports.highlights.left_out import fills_its_time, left_out
from reports.page.section import Page, section
from reports.tables.audit import counts_told
from reports.tables.counts import one_counter
from reports.tidy.frame import Frames

STATES = {
    "complete": "complete",
    "budget": "ended by its time budget before all cells were tried",
    "interrupted": "interrupted; what was measured is kept",
    "running": "still running, or killed",
}
_LONG = ("Profile", "Lecture", "Counters", "Command")
"""Facts that have no place at the foot of the page."""


@section(title="This run", order=10, part="appendix")
def summary(page: Page) -> Markup:
    """The run, its coverage and its failures; the facts that stand at the foot of the page, too."""
    frames = page.frames
    run = frames.run
    seconds = formats.elapsed(run.started, run.finished)
    measured = int((frames.records["status"] == "ok").sum())
    facts = {
        "Run": run.id,
        "State": _state(frames),
        **_scope(frames, measured),
        "Profile": run.profile,
        "Started": moment(run.started),
        "Wall time": formats.duration(seconds) if seconds is not None else "not finished",
        **_hosts(frames),
        **({"Counters": text} if (text := one_counter(frames)) else {}),
        "Command": run.command,
    }
    page.foot = page.render("foot.html", facts={name: facts[name] for name in facts if name not in _LONG})
    return page.render("summary.html", facts=facts, audits=run.profile == AUDIT, left_out=left_out(frames))


def _state(frames: Frames) -> str:
    return "complete within its time" if fills_its_time(frames) else STATES.get(frames.run.state, frames.run.state)


def _hosts(frames: Frames) -> dict[str, str]:
    found = frames.run.hosts
    if len(found) == 1:
        return {"Host": f"{frames.run.host.get('cpu', 'unknown CPU')}, {frames.run.host.get('cores', '?')} cores"}
    names = (f"{frames.host_names.get(key, key)}, {host.get('cores', '?')} cores" for key, host in found.items())
    return {"Hosts": "; ".join(names)}


def _scope(frames: Frames, measured: int) -> dict[str, str]:
    if frames.run.profile != AUDIT:
        lecture = {"Lecture": counts_told(frames)} if frames.counts_from else {}
        return {"Cells": f"{measured} of {len(frames.records)} have a figure", **lecture}
    found = counts(frames.verdicts["verdict"])
    return {"Claims": ", ".join(f"{number} {verdict}" for verdict, number in found.items())}
