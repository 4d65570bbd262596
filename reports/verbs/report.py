"""`evobench report`: the HTML report of a run, of two side by side, or of all that a store has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.options.values import percent, place, port
from bench.cli.verb import Verb, add_catalog, add_store, require_writable
from bench.errors import Exit, UsageError
from bench.run.shelf.beside import folder_of_run, is_id, name_of_run, require_own
from bench.store.database import Store
from bench.text.stdout import data_out
from reports.uncollected import uncollected

if TYPE_CHECKING:
    from reports.page.document import Document

_PORT = 8000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `report`."""
    parser.add_argument(
        "run",
        nargs="*",
        metavar="RUN",
        help="id, its beginning, a baseline, or latest (the default); of two, the second is compared",
    )
    parser.add_argument("-o", "--output", type=place, metavar="FILE", help="default: report.html in RUN's folder")
    parser.add_argument(
        "--assets",
        type=place,
        metavar="FOLDER",
        help="write the page with its style and scripts as files into a folder, for servers that refuse scripts"
        " within a page (Jenkins, GitLab's artifacts)",
    )
    parser.add_argument("--history", action="store_true", help="one page of all runs of the store")
    parser.add_argument(
        "--serve", action="store_true", help="show the reports of all runs at an address of this host"
    )
    parser.add_argument(
        "--port", type=port, metavar="N", help=f"of --serve; 0: any that is free (default: {_PORT})"
    )
    parser.add_argument(
        "--tolerance", type=percent, metavar="PERCENT", help="of two runs: growth that is fine (default: 5)"
    )
    parser.add_argument(
        "--force", action="store_true", help="for two runs: compare speeds even where the hosts differ"
    )
    add_catalog(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the report and print its path, or serve the reports until Ctrl-C."""
    from reports.output.declared import load_declared

    _check(arguments)
    load_declared(arguments.catalog)
    if arguments.serve:
        return _serve(arguments)
    with uncollected():
        if arguments.history:
            return _history(arguments)
        return _pair(arguments) if len(arguments.run) == 2 else _single(arguments)


def _single(arguments: argparse.Namespace) -> int:
    from reports.page.document import compose

    with Store.open(arguments.store) as store:
        if not arguments.run and not store.runs():
            return _empty(arguments, store)
        name = store.run(arguments.run[0] if arguments.run else "latest").id
        built = compose(store, name)
    return _written(arguments, built, lambda: _folder(arguments.store, name) / "report.html")


def _written(arguments: argparse.Namespace, built: Document, usual: Callable[[], Path]) -> int:
    """Write a page in the form and to the place that were asked for, else to the usual one; prints its path."""
    from reports.output.files import write_files, write_text
    from reports.page.assets import files_of

    if arguments.assets:
        return _told(write_files(arguments.assets, files_of(built)))
    return _told(write_text(arguments.output or usual(), built.whole()))


def _empty(arguments: argparse.Namespace, store: Store) -> int:
    """A page that says that there is nothing to show."""
    from reports.page.several import compose_history

    sys.stderr.write(f"evobench: {store.path} holds no run yet: the page says so\n")
    return _written(arguments, compose_history(store), lambda: _at(arguments.store, "report.html"))


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if len(arguments.run) > 2:
        raise UsageError(f"report takes one run, or two to compare, not {len(arguments.run)}")
    if arguments.run and (arguments.history or arguments.serve):
        raise UsageError("--history and --serve show all runs of the store: name none")
    if arguments.history and arguments.serve:
        raise UsageError("--serve shows the history already: leave --history out")
    _check_port(arguments)
    if arguments.serve and (arguments.output or arguments.assets):
        raise UsageError("--serve writes no file: leave --output and --assets out")
    if arguments.output and arguments.assets:
        raise UsageError("--output writes one file, --assets several: give one of them")
    if len(arguments.run) < 2 and (arguments.force or arguments.tolerance is not None):
        raise UsageError("--force and --tolerance belong to a report of two runs")
    if arguments.output:
        require_writable(arguments.output)
    if arguments.assets:
        require_writable(arguments.assets / "index.html")
    if arguments.tolerance is not None:
        from bench.compare.verdict import tolerance_of

        tolerance_of(arguments.tolerance)


def _check_port(arguments: argparse.Namespace) -> None:
    if arguments.port is not None and not arguments.serve:
        raise UsageError("--port belongs to --serve")


def _pair(arguments: argparse.Namespace) -> int:
    from bench.compare.runs import host_difference
    from bench.compare.verdict import tolerance_of
    from reports.comparing.pairing import TOLERANCE
    from reports.page.several import compose_pair

    with Store.open(arguments.store) as store:
        base, head = (store.run(name) for name in arguments.run)
        tolerance = TOLERANCE if arguments.tolerance is None else tolerance_of(arguments.tolerance)
        built = compose_pair(store, base.id, head.id, tolerance, arguments.force)
        difference = host_difference(store, base, head)
    if difference:
        what = "ignored: the hosts differ" if arguments.force else "speeds are not compared: the hosts differ"
        sys.stderr.write(f"evobench: {what} ({difference})\n")
    return _written(arguments, built, lambda: _folder(arguments.store, head.id) / _compared_with(base.id))


def _folder(store: Path, run: str) -> Path:
    """Folder of a run's reports, beside its store."""
    try:
        return folder_of_run(store, run)
    except UsageError as error:
        raise UsageError(f"{error}: name one with --output") from error


def _at(store: Path, name: str) -> Path:
    """Path of a page of the whole store, beside it."""
    path = store.parent / name
    require_own(path)
    return path


def _compared_with(base: str) -> str:
    return f"compared-with-{name_of_run(base)}.html"


def _history(arguments: argparse.Namespace) -> int:
    from reports.page.assets import PAGE
    from reports.page.several import compose_history

    path = arguments.output or _at(arguments.store, "history.html")
    if arguments.assets:
        path = arguments.assets / PAGE
    with Store.open(arguments.store) as store:
        built = compose_history(store, _beside(path, store))
    return _written(arguments, built, lambda: path)


def _beside(path: Path, store: Store) -> dict[str, str]:
    """The reports that lie where `report` writes them, by run, as addresses from the page at `path`."""
    from urllib.parse import quote

    if path.absolute().parent != store.path.absolute().parent:
        return {}
    known = (run.id for run in store.runs() if is_id(run.id))
    return {name: f"{quote(name)}/report.html" for name in known if (path.parent / name / "report.html").is_file()}


def _serve(arguments: argparse.Namespace) -> int:
    from reports.page.serving import serve

    with Store.open(arguments.store):
        pass  # a store that cannot be read is told of now, not to the first reader
    serve(arguments.store, _PORT if arguments.port is None else arguments.port)
    return Exit.OK


def _told(path: Path) -> int:
    data_out().write(f"{path}\n")
    return Exit.OK


VERB = Verb(
    "report",
    "write the HTML report of a run, of two, or of all",
    configure,
    run,
    ("report", "report latest -o evolution.html"),
)
