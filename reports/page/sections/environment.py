"""The machine and the software."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pandas as pd
from markupsafe import Markup

from bench.compare.facts import flat
from bench.declare.nature import Nature
from bench.store.database import RunRow
from bench.store.rows import STUDY
from bench.words import moment
from reports.page.section import Page, section
from reports.tidy.frame import Frames

_MACHINE = ("cpu", "cores", "memory_gib", "cpu_flags", "cpu_capability", "machine", "system", "release")
_ACCELERATORS = ("gpus", "driver", "cuda", "cudnn", "hip", "mps")
_SOFTWARE = ("python", "torch_build", "versions", "git")
_WORDS = {
    "cpu": "CPU",
    "cores": "CPUs available",
    "memory_gib": "memory (GiB)",
    "cpu_flags": "digest of the CPU's flags",
    "cpu_capability": "vector instructions that torch uses",
    "release": "kernel",
    "gpus": "GPUs",
    "mps": "Apple's GPU (MPS)",
    "cuda": "CUDA",
    "cudnn": "cuDNN",
    "hip": "ROCm",
    "torch_build": "torch's build",
    "git": "git revision",
    "python": "Python",
}
_FLAGS = {
    "cpu_quota": "CPUs that the control group grants",
    "smt": "two threads per core (SMT)",
    "governor": "CPU governor",
    "boost": "boost",
    "no_turbo": "turbo switched off",
    "huge_pages": "transparent huge pages",
    "environment": "variable",
}


@section(title="Environment", order=50, part="appendix")
def environment(page: Page) -> Markup:
    """The fingerprint of each host, what of its settings changes a speed, the software, and the run's settings."""
    frames = page.frames
    run, several = frames.run, len(frames.run.hosts) > 1
    names = {key: frames.host_names.get(key, key) for key in run.hosts}
    grids = [_about(key, host, f" {names[key]}" if several else "") for key, host in run.hosts.items()]
    settings = ("Settings", "What the run was asked for; everything else has its default.", _settings(run))
    shown = [(title, about, _pairs(found)) for title, about, found in (*chain(*grids), settings) if found]
    if several:
        about = (
            "How many cells with a figure each host measured. Speeds are times, rates, energies and peaks of"
            " memory: those of different hosts are not compared."
        )
        shown.insert(0, ("Hosts of this run", about, _shares(frames, names)))
    return Markup("").join(page.grid(*grid) for grid in shown)


def _shares(frames: Frames, names: Mapping[str, str]) -> pd.DataFrame:
    """Share of each host in the measurements; figures that were taken over from an earlier run do not count."""
    records, decided = frames.plain_records, frames.decided
    own = records["value"].notna() & (records["reused_from"] == "")
    learned = records["nature"].isin([nature for nature in Nature if nature.is_mean])
    sorts = {"Speeds": decided, "Accuracies": learned & ~decided, "Counts": ~learned & ~decided}
    made_on = {sort: records.loc[own & of, "host"].str.split("; ").explode() for sort, of in sorts.items()}
    rows = [
        {
            "Host": names[key],
            "Key": key,
            "CPUs": host.get("cores"),
            "Memory": f"{host['memory_gib']} GiB" if "memory_gib" in host else "",
            "GPUs": ", ".join(map(str, host.get("gpus") or ())) or "none",
            **{sort: int((hosts == names[key]).sum()) for sort, hosts in made_on.items()},
        }
        for key, host in frames.run.hosts.items()
    ]
    return pd.DataFrame(rows, dtype="object")


def _about(key: str, host: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Title, what to know, and facts of a host's grids."""
    known = {*_MACHINE, *_ACCELERATORS, *_SOFTWARE, "flags"}
    others = {fact: value for fact, value in host.items() if fact not in known}
    yield (
        f"Host{name}",
        "Speeds are compared only between runs with the same host key.",
        {"host key": key, **_part(host, _MACHINE), **_part(host, _ACCELERATORS), **others},
    )
    yield (
        f"Software{name and ' of'}{name}",
        "The git revision is that of the repository that was worked in, else of evobench; + marks changes that"
        " were not committed.",
        _part(host, _SOFTWARE),
    )
    yield (
        f"Settings of the host{name}",
        "What else changes a speed. None means that it could not be read, or does not exist here.",
        _named(host.get("flags", {}), _FLAGS),
    )


def _settings(run: RunRow) -> dict[str, object]:
    given = {"command": run.command, "profile": run.profile, **run.settings}
    given.pop(STUDY, None)  # it has a table of its own
    moments = {"started": moment(run.started), "finished": moment(run.finished) or "not finished"}
    return {**given, **moments, "state": run.state}


def _part(host: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return _named({name: host[name] for name in names if name in host}, _WORDS)


def _named(facts: Mapping[str, object], words: Mapping[str, str]) -> dict[str, object]:
    return {words.get(name, name): value for name, value in facts.items()}


def _pairs(facts: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(flat(facts)), columns=["Name", "Value"], dtype="object")
