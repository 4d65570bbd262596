"""The charts and tables that there are: those of evobench, and those of catalogues."""

from __future__ import annotations

from collections.abc import Iterable

from bench.declare.catalog import load_catalogs
from reports.charts import load_charts
from reports.tables import load_tables


def load_declared(catalogs: Iterable[str] = ()) -> None:
    """Load the charts and tables of evobench, then those of catalogues: of the installed, and of the ones named.

    A store may come from anywhere: a catalogue that its runs name is not loaded for that.

    Raises:
        UsageError: a catalogue is not there or fails to import; the line names its file and line.
    """
    load_charts()
    load_tables()
    load_catalogs(catalogs)
