"""Heading and sentence that describe a run truthfully."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bench.words import few, listed
from reports.learning.scenarios import short_names
from reports.story.milestones import decades
from reports.tidy.frame import Frames

LECTURE = "The evolution of deep learning, measured"
_LINEAGE = 5
"""Architectures of the lecture from which on a run is said to be of its lineage, where it has kept no decades."""
_KINDS = (
    ({"parameters", "macs", "activations"}, "size"),
    ({"latency", "throughput", "train_step"}, "speed"),
    ({"peak_memory"}, "memory"),
)


def measured(frames: Frames) -> pd.DataFrame:
    """The architectures of which the run has a figure, those that are sides of comparisons alone left out."""
    rows = frames.architectures[frames.architectures["name"].isin(frames.measured_networks)]
    return rows.sort_values("year", kind="stable")


def of_the_lecture(frames: Frames) -> bool:
    """Whether the run belongs to the lecture's lineage."""
    return len(decades(frames)) > 1 or int(measured(frames)["lecture"].eq(True).sum()) >= _LINEAGE


def title(frames: Frames) -> str:
    """Title of the page."""
    count = len(measured(frames))
    if not count:
        return "A run without a figure"
    return LECTURE if of_the_lecture(frames) else f"{_networks(count)}, measured"


def lead(frames: Frames) -> str:
    """Sentence on the networks of the run, and on the sources of their figures; empty where it has none."""
    networks = measured(frames)
    if networks.empty:
        return ""
    names, years = list(networks["name"]), networks["year"].dropna()
    whose = few(names) if len(names) < _LINEAGE else f"{len(names)} image networks"
    if len(years) and years.min() < years.max():
        whose += f" from {years.min()} to {years.max()}"
    parts = "; ".join(_parts(frames))
    return f"{whose}." + (f" {parts[0].upper()}{parts[1:]}." if parts else "")


def _parts(frames: Frames) -> Iterator[str]:
    """What was measured, what was learned, and what is published, as far as the run has any."""
    figures = frames.records[frames.records["value"].notna()]
    kinds = [word for names, word in _KINDS if names & set(figures["measure"])]
    if kinds == ["size"]:
        yield "their size is counted"
    elif kinds:
        yield f"{listed(kinds)} {'is' if len(kinds) == 1 else 'are'} measured on {_where(frames)}"
    learned = figures[(figures["kind"] == "learning") & (figures["nature"] == "share")]
    if len(learned):
        targets = list(dict.fromkeys(short_names(map(str, learned["target"])).values()))
        number = f"{len(learned):,} training{'' if len(learned) == 1 else 's'}"
        yield f"accuracy comes from {number} on {few(targets) if len(targets) > 2 else listed(targets)}"
    if not kinds and learned.empty:
        yield few(list(dict.fromkeys(figures["measure"])))
    if len(frames.published):
        yield "errors on ImageNet are published values"


def _where(frames: Frames) -> str:
    """The machine with its cores, or how many there are."""
    keys = [key for key, name in frames.host_names.items() if name in frames.hosts]
    if len(keys) != 1:
        return f"{len(keys)} machines" if keys else "one machine"
    cores = frames.run.hosts[keys[0]].get("cores")
    of = [frames.host_names[keys[0]], *([f"{cores} core{'' if cores == 1 else 's'}"] if cores else [])]
    return f"one machine ({', '.join(of)})"


def _networks(count: int) -> str:
    return f"{count} network{'' if count == 1 else 's'}"
