"""The machine and the software."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from markupsafe import Markup

from reports.page.section import Page, section


@section(title="Environment", order=50)
def environment(page: Page) -> Markup:
    """The host's fingerprint and the run's settings."""
    run = page.frames.run
    host = {**run.host, "host key": run.host_key}
    return page.grid(
        "Host", "Speeds are compared only between runs with the same host key.", _pairs(host)
    ) + page.grid("Settings", "What the run was asked for.", _pairs(run.settings))


def _pairs(data: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(_flat(data)), columns=["Name", "Value"], dtype="object")


def _flat(data: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", ", ".join(str(item) for item in value) or "none"
        else:
            yield f"{prefix}{name}", "none" if value is None else str(value)
