"""The pages of the site about reference runs, made from their files in docs/reference-runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.store.database import Store
from bench.text.markdown import escaped, markdown
from bench.words import moment
from reports.hosts import short_names
from reports.output.declared import load_declared
from reports.output.files import as_markdown
from reports.tables import TABLES
from reports.tidy.frame import Frames, read

FOLDER = Path(__file__).parents[2] / "docs" / "reference-runs"
_SHOWN = ("evolution", "scenarios")
"""Tables of a run's page, as far as it has rows of them."""
_ABOUT = """# Reference runs

A reference run is what one machine measured, as a text file without raw samples. To see how your machine does,
download a file, measure with the same options, and compare:

    evobench run
    evobench compare FILE.json latest

Counts must be equal. Speeds of different machines are told as ratios and are not judged.
[How to make, read and send one](../how-to/reference-run.md).

"""
_NONE = "No reference run has been sent yet.\n"


@dataclass(frozen=True)
class _Reference:
    """A file with the run that it holds."""

    name: str
    frames: Frames

    @property
    def machine(self) -> str:
        """Models of its CPU and GPUs."""
        run = self.frames.run
        return short_names({run.host_key: run.host})[run.host_key]

    @property
    def facts(self) -> dict[str, object]:
        """What tells one machine and run from another, by name."""
        run = self.frames.run
        host = run.host
        return {
            "Machine": self.machine,
            "Cores": host.get("cores"),
            "Memory": f"{host.get('memory_gib')} GiB",
            "System": f"{host.get('system')} {host.get('machine')}",
            "Python": host.get("python"),
            "torch": host.get("versions", {}).get("torch"),
            "Date": moment(run.started),
            "Commit": host.get("git") or "not known",
            "Profile": run.profile,
        }


def pages(folder: Path = FOLDER) -> dict[str, str]:
    """The pages by their path in the site: one that lists the reference runs, and one of each.

    Raises:
        StoreError: a file is damaged.
    """
    load_declared()
    found = [_read(path) for path in sorted(folder.glob("*.json"))]
    index = _ABOUT + (_listed(found) if found else _NONE)
    return {"reference-runs/index.md": index, **{f"reference-runs/{item.name}.md": _page(item) for item in found}}


def _read(path: Path) -> _Reference:
    with Store.open(path) as store:
        return _Reference(path.stem, read(store, "latest"))


def _listed(found: list[_Reference]) -> str:
    listed = markdown(["File", *found[0].facts], [[item.name, *item.facts.values()] for item in found])
    for item in found:  # a table of texts has no links
        listed = listed.replace(f"\n| {escaped(item.name)} |", f"\n| [{escaped(item.name)}]({item.name}.md) |")
    return listed


def _page(item: _Reference) -> str:
    tables = [TABLES.get(name) for name in _SHOWN]
    shown = [as_markdown(table, item.frames) for table in tables if len(table.plain(item.frames))]
    parts = (
        f"# {escaped(item.machine)}\n",
        f"The file: [{item.name}.json]({item.name}.json). All reference runs: [list](index.md).\n",
        markdown(["Fact", "Value"], [list(fact) for fact in item.facts.items()]),
        *(f"#{text}" for text in shown),  # a section of the page, whose title stands above
    )
    return "\n".join(parts)
