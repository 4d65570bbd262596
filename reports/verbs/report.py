"""`evobench report`: the HTML report of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.errors import Exit
from bench.store import Store
from bench.verb import Verb, add_store


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `report`."""
    parser.add_argument("run", nargs="?", default="latest", metavar="RUN", help="id, its beginning, or latest")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: report.html in RUN's folder")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the report and print its path."""
    from reports.files import write_report

    with Store.open(arguments.store) as store:
        name = store.run(arguments.run).id
        path = write_report(store, name, arguments.output or arguments.store.parent / name / "report.html")
    sys.stdout.write(f"{path}\n")
    return Exit.OK


VERB = Verb("report", "write the HTML report of a run", configure, run)
