"""The section about the machine and the software."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.page.section import Page
from reports.page.sections.environment import environment
from reports.tidy.frame import Frames


def _shown(frames: Frames, **host: Any) -> str:
    run = replace(frames.run, host={**frames.run.host, **host})
    return str(environment(Page(frames.changed(run=run))))


def test_what_of_the_machine_changes_a_speed_is_named(frames: Frames) -> None:
    html = _shown(frames, flags={"governor": "powersave", "environment": {"OMP_NUM_THREADS": "2"}})
    assert "<td>CPU governor</td><td>powersave</td>" in html
    assert "<td>variable: OMP_NUM_THREADS</td><td>2</td>" in html


def test_versions_and_the_state_of_the_clone_are_there(frames: Frames) -> None:
    html = _shown(frames, git="0123abc+")
    assert "<td>versions: torch</td><td>2.13.0</td>" in html
    assert "<td>git revision</td><td>0123abc+</td>" in html


def test_what_a_run_did_not_record_makes_no_table(frames: Frames) -> None:
    assert "Settings of the host" not in _shown(frames)


def test_a_fact_that_nobody_foresaw_is_shown_under_its_own_name(frames: Frames) -> None:
    assert "<td>colour</td><td>green</td>" in _shown(frames, colour="green")


def test_the_command_is_escaped(frames: Frames) -> None:
    run = replace(frames.run, command="evobench run --catalog <b>.py")
    html = str(environment(Page(frames.changed(run=run))))
    assert "<td>evobench run --catalog &lt;b&gt;.py</td>" in html
