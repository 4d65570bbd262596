"""`evobench show`: a run on the terminal."""

from __future__ import annotations

import argparse

from bench.audit.errata import errata
from bench.cli.verb import Terminal, Verb, add_catalog, add_format, add_store, emit
from bench.errors import Exit
from bench.store.database import Store
from bench.store.rows import AUDIT
from bench.text.stdout import data_out
from reports.uncollected import uncollected

_RECORDS = "records"
_AUDITED = "claims"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `show`."""
    parser.add_argument("run", nargs="?", default="latest", metavar="RUN", help="id, its beginning, or latest")
    parser.add_argument("--table", metavar="NAME", help="one table alone; records for every cell")
    add_catalog(parser)
    add_format(parser)
    add_store(parser)


@uncollected()
def run(arguments: argparse.Namespace) -> int:
    """Print the summary and the main tables of a run, or one table in the format asked for."""
    from reports.output.brief import brief_table
    from reports.output.declared import load_declared
    from reports.output.files import as_markdown, plain_rows
    from reports.output.terminal import FIRST, findings_of, records_table, summary_of, tables_of
    from reports.tables import TABLES
    from reports.tables.audit import judged
    from reports.tidy.frame import read

    load_declared(arguments.catalog)
    with Store.open(arguments.store) as store:
        frames = read(store, arguments.run)
    audits = frames.run.profile == AUDIT
    name = arguments.table or (_AUDITED if audits and arguments.format in ("json", "csv") else None)
    form = arguments.format
    if name == _RECORDS and form == "table":
        Terminal().print(records_table(frames))
        return Exit.OK
    if name == _RECORDS or (name is None and form in ("json", "csv")):
        emit(list(frames.plain_records.columns), plain_rows(frames.plain_records), form)
        return Exit.OK
    if name is None and form == "table":
        Terminal().print(summary_of(frames), *findings_of(frames), sep="\n")
    if name is None and audits and form != "table":
        data_out().write(errata(judged(frames)))
        return Exit.OK
    for item in [TABLES.get(name)] if name else tables_of(frames):
        if form in ("json", "csv"):
            raw = item.raw(frames)
            emit(list(raw.columns), plain_rows(raw), form)
        elif form == "markdown":
            data_out().write(as_markdown(item, frames))
        else:
            Terminal().print(brief_table(item, frames, None if name else FIRST))
    return Exit.OK


VERB = Verb(
    "show",
    "show a run: its summary and tables",
    configure,
    run,
    ("show", "show latest --table scenarios --format csv"),
)
