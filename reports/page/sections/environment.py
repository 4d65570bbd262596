"""The machine and the software."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from bench.compare.facts import flat
from bench.store.database import Run
from bench.words import moment
from reports.page.section import Page, section

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
    "smt": "two threads a core (SMT)",
    "governor": "CPU governor",
    "boost": "boost",
    "no_turbo": "turbo switched off",
    "huge_pages": "transparent huge pages",
    "environment": "variable",
}


@section(title="Environment", order=50)
def environment(page: Page) -> Markup:
    """The host's fingerprint, what of its settings changes a speed, the software, and the run's own settings."""
    run = page.frames.run
    known = {*_MACHINE, *_ACCELERATORS, *_SOFTWARE, "flags"}
    others = {name: value for name, value in run.host.items() if name not in known}
    grids = (
        (
            "Host",
            "Speeds are compared only between runs with the same host key.",
            {"host key": run.host_key, **_part(run, _MACHINE), **_part(run, _ACCELERATORS), **others},
        ),
        (
            "Software",
            "The git revision is that of the repository that was worked in, else of evobench; + marks changes that"
            " were not committed.",
            _part(run, _SOFTWARE),
        ),
        (
            "Settings of the host",
            "What else changes a speed. None: it could not be read, or there is no such setting here.",
            _named(run.host.get("flags", {}), _FLAGS),
        ),
        ("Settings", "What the run was asked for; all else has its default.", _settings(run)),
    )
    return Markup("").join(page.grid(title, about, _pairs(found)) for title, about, found in grids if found)


def _settings(run: Run) -> dict[str, object]:
    given = {"command": run.command, "profile": run.profile, **run.settings}
    moments = {"started": moment(run.started), "finished": moment(run.finished) or "not finished"}
    return {**given, **moments, "state": run.state}


def _part(run: Run, names: tuple[str, ...]) -> dict[str, object]:
    return _named({name: run.host[name] for name in names if name in run.host}, _WORDS)


def _named(facts: Mapping[str, object], words: Mapping[str, str]) -> dict[str, object]:
    return {words.get(name, name): value for name, value in facts.items()}


def _pairs(facts: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(flat(facts)), columns=["Name", "Value"], dtype="object")
