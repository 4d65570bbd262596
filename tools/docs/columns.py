"""The pages of the reference about records, tables and charts, made from their declarations."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import griffe

from bench.declare.catalog import MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.declare.nature import Detail
from reports.charts import load_charts
from reports.tables import Column, Table, load_tables
from reports.tidy.columns import EVERY_RECORD, RECORDS
from tools.docs.meanings import MEANINGS

_RECORDS = """# Records

The records of a run as one table, a row a planned cell: `run.records` in a notebook, `evobench export --csv
FILE` and `evobench show --table records` on the command line. Figures are in SI units and shares lie between 0
and 1. A column is empty where it does not apply.

## Columns that every run has

| column | meaning |
| --- | --- |
"""
_DETAILS = """
## Details that measures declare

A measure may tell more than its figure. Each detail has a column of its own behind the others; a measure of
yours adds its own. A detail that is called like a column above has the name of its measure before its own.

| column | unit | of the measures | meaning |
| --- | --- | --- | --- |
"""
_MEASURES = """
## Measures

`better` says which direction of a change is an improvement, `repeats` where the same code gives the same figure
again: such a figure is taken over from an earlier run ([why so](../decisions/0005-reuse-of-kept-figures.md)).

| measure | unit | nature | better | repeats | what it is |
| --- | --- | --- | --- | --- | --- |
"""
_TABLES = """# Tables

Every table of a run: `run.tables["NAME"]` in a notebook, `evobench show --table NAME` on the command line, and a
file of each beside the report. Data frames and CSV files have plain numbers in the unit that is named here; a
terminal and the report add SI prefixes and intervals. A figure with an interval has two more columns in exports,
such as `Latency low` and `Latency high`.
"""
_CHARTS = """# Charts

Every chart of a report: `run.figures["NAME"]` in a notebook. A chart stands in the section that is named here,
where a run has the measures that it needs.

| chart | title | section | needs | what it shows |
| --- | --- | --- | --- | --- |
"""
_READING = Path("reports/page/reading.toml")


def records_page() -> str:
    """The page on the columns of records, in Markdown."""
    load_catalogs()
    conditions = _conditions()
    rows = [_row(f"`{name}`", MEANINGS["records"].get(name) or conditions[name]) for name in EVERY_RECORD]
    declared: dict[str, list[tuple[str, Detail]]] = {}
    for item in MEASURES:
        for detail in item.details:
            declared.setdefault(detail.heading, []).append((item.name, detail))
    older = {name: declared.get(name, []) for name in RECORDS if name not in EVERY_RECORD}
    details = [_detail(name, found) for name, found in (older | declared).items()]
    measures = [
        _row(f"`{item.name}`", item.unit, item.nature.value, item.better, item.repeats, item.about)
        for item in MEASURES
    ]
    parts = ((_RECORDS, rows), (_DETAILS, details), (_MEASURES, measures))
    return "".join(head + "\n".join(lines) + "\n" for head, lines in parts)


def tables_page() -> str:
    """The page on all tables, in Markdown."""
    tables = list(load_tables())
    listed = [_row(f"[`{item.name}`](#{item.name})", item.title) for item in tables]
    head = ["| table | title |", "| --- | --- |", *listed, ""]
    return "\n".join([_TABLES, *head, *(line for item in tables for line in _table(item))])


def charts_page() -> str:
    """The page on all charts, in Markdown."""
    rows = [
        _row(f"`{item.name}`", item.title, item.section, ", ".join(f"`{name}`" for name in item.needs), item.about)
        for item in load_charts()
    ]
    return _CHARTS + "\n".join(rows) + "\n"


def meaning(table: str, heading: str) -> str:
    """What a column of a table means.

    Raises:
        KeyError: nobody has said it.
    """
    return str(MEANINGS["tables"].get(table, {}).get(heading) or MEANINGS["headings"][heading])


@cache
def _conditions() -> Mapping[str, str]:
    """What the conditions of cells mean, by name: the docstrings of their fields."""
    cell = griffe.load("bench.cell", search_paths=["."])
    found: dict[str, str] = {}
    for name in ("Cost", "Learning"):
        for field, attribute in cell[name].attributes.items():
            text = " ".join(attribute.docstring.value.split()) if attribute.docstring else ""
            if text and text not in found.get(field, ""):
                found[field] = (
                    f"{found[field]} In a training: {text[0].lower()}{text[1:]}" if field in found else text
                )
    return found


def _detail(name: str, found: Iterable[tuple[str, Detail]]) -> str:
    units = dict.fromkeys(detail.unit for _, detail in found if detail.unit)
    measures = ", ".join(f"`{measure}`" for measure, _ in found)
    return _row(f"`{name}`", ", ".join(units), measures or "(older runs)", MEANINGS["details"][name])


def _table(item: Table) -> Iterator[str]:
    """A table with how it is read and its columns."""
    yield f"## {item.name}\n\n**{item.title}.** {item.about}\n"
    for note in _notes():
        if item.name in note["of"]:
            yield f'??? note "{note["title"]}"\n\n    {note["text"]}\n'
    yield "| column | unit | meaning |\n| --- | --- | --- |"
    yield from (_row(column.heading, _unit(column), meaning(item.name, column.heading)) for column in item.columns)
    yield ""


def _unit(column: Column) -> str:
    return f"that of `{column.units}`" if column.units else column.unit


@cache
def _notes() -> tuple[Mapping[str, str], ...]:
    """The notes of the report on how its tables are read."""
    return tuple(tomllib.loads(_READING.read_text(encoding="utf-8"))["note"])


def _row(*cells: str) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '&#124;') for cell in cells)} |"
