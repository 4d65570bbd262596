"""From the store to tidy pandas tables: the sole reader for display. Loads no torch and no suites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from html import escape
from statistics import median
from typing import Any

import pandas as pd

from bench.audit.claims import architectures_of
from bench.audit.errata import Row
from bench.cell import STATUSES, scenario_to_dict
from bench.declare.nature import Detail, completed
from bench.run.runs import AUDIT
from bench.store.database import CellRow, RecordRow, Run, Store
from reports.learning import curves as learning
from reports.tidy import groups, pictures
from reports.tidy.columns import (
    ARTIFACTS,
    ATTEMPTS,
    CONFUSIONS,
    COUNTED,
    COVERAGE,
    CURVES,
    DECLARED,
    INTEGERS,
    LEFT_OUT,
    PARTS,
    PICTURES,
    POINTS,
    PUBLISHED,
    PUBLISHED_COUNTS,
    QUADRANTS,
    RECORDS,
    SIDES,
    VERDICTS,
)
from reports.tidy.details import column_of, detailed, details_of, of_processes
from reports.tidy.networks import Network, networks
from reports.tidy.outcome import NOT_RUN, figure_of, outcome_of

SINGLE_CROP = "single crop"
"""The protocol of published figures that charts compare."""


@dataclass(frozen=True)
class Frames:
    """One run as tidy tables."""

    run: Run
    records: pd.DataFrame
    """One row a planned cell, in the order of the plan; figures in SI units, accuracies as shares of one."""
    attempts: pd.DataFrame
    """One row a record, that is, a process."""
    published: pd.DataFrame
    """One row a published error, in percent."""
    published_counts: pd.DataFrame
    """One row a published number of parameters or multiply-adds."""
    parts: pd.DataFrame
    """One row a part that a figure is made of: of a training step's time, of a predicted peak of memory."""
    curves: pd.DataFrame
    """One row a point of a learning curve."""
    confusions: pd.DataFrame
    """One row a training's true class and named class, with the number of its test images that have both."""
    pictures: pd.DataFrame
    """One row a picture that a record carries, in the order of the plan; `png` is its file, in base64."""
    coverage: pd.DataFrame
    """One row a suite, cells counted by status."""
    artifacts: pd.DataFrame
    """One row an artifact that cells shared."""
    architectures: pd.DataFrame
    measures: pd.DataFrame
    details: Mapping[str, tuple[Detail, ...]]
    """By measure those that it declares."""
    suites: pd.DataFrame
    datasets: pd.DataFrame
    sides: pd.DataFrame
    """One row a side of a comparison that this run measured two sides of, at least; the first one is its base."""
    points: pd.DataFrame
    """One row a point of a sweep that this run measured two points of, at least."""
    quadrants: pd.DataFrame
    """One row a task of a quadrant in which this run measured two ways of transfer, at least."""
    networks: Mapping[str, Network]
    """By architecture its layers and its block, where a count of this run has them."""
    audit: Run | None
    """This run, if it is an audit; else the newest audit of the same store, one of all claims if there is one."""
    verdicts: pd.DataFrame
    """One row a claim that it judged, its values as they are."""
    subjects: Mapping[str, tuple[str, ...]]
    """By claim the architectures that its check names."""
    slides: tuple[str, ...]
    """Titles of the slides that it went through."""
    left_out: pd.DataFrame
    """One row a part of these slides that is not registered as a claim."""

    def measured(self, measure: str, **scenario: object) -> pd.DataFrame:
        """The cells of one measure that have a figure, with scenario fields of the given values."""
        rows = self.records[(self.records["measure"] == measure) & self.records["value"].notna()]
        for name, value in scenario.items():
            rows = rows[rows[name] == value]
        return rows

    @cached_property
    def escaped(self) -> Frames:
        """The same with HTML entities in text that has `&` or `<`: plotly reads tags in what it shows.

        This very run where none has, so that what charts and tables both ask of it is worked out once.
        """
        frames: dict[str, Any] = {}
        for item in fields(self):
            frame = getattr(self, item.name)
            if isinstance(frame, pd.DataFrame) and (changed := _escape(frame)):
                frames[item.name] = frame.assign(**changed)
        return replace(self, **frames) if frames else self

    @property
    def failures(self) -> pd.DataFrame:
        """The cells that were tried and have no figure."""
        return self.records[~self.records["status"].isin(["ok", NOT_RUN])]


def read(store: Store, name: str) -> Frames:
    """Read run `name` (an id, a unique beginning of one, or `latest`).

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    run = store.run(name)
    declared = {kind: [d.content for d in store.declarations(run.id, kind)] for kind in DECLARED}
    lineage = {item["name"]: item for item in declared["architecture"]}
    measures = {item["name"]: item for item in declared["measure"]}
    details = {name: details_of(item) for name, item in measures.items()}
    columns = (column_of(name, item) for name, items in details.items() for item in items)
    cells = store.cells(run.id)
    by_key: dict[str, list[RecordRow]] = {}
    for row in store.records(run.id):
        by_key.setdefault(row.cell_key, []).append(row)
    records = [_record(run, cell, by_key.get(cell.cell.key, []), lineage, measures) for cell in cells]
    frames = {kind: _frame(items, DECLARED[kind]) for kind, items in declared.items()}
    return Frames(
        run=run,
        records=_frame(records, tuple(dict.fromkeys([*RECORDS, *columns]))),
        attempts=_frame(_attempts(cells, by_key), ATTEMPTS),
        published=_frame(_published(lineage.values(), counts=False), PUBLISHED),
        published_counts=_frame(_published(lineage.values(), counts=True), PUBLISHED_COUNTS),
        parts=_frame(_parts(cells, by_key), PARTS),
        curves=_frame(learning.curves(cells, by_key), CURVES),
        confusions=_frame(learning.confusions(cells, by_key), CONFUSIONS),
        pictures=_frame(pictures.rows(store, run, cells), PICTURES),
        coverage=_frame(_coverage(records), COVERAGE),
        artifacts=_frame([asdict(row) for row in store.artifacts(run.id)], ARTIFACTS),
        architectures=frames["architecture"],
        measures=frames["measure"],
        details=details,
        suites=frames["suite"],
        datasets=frames["dataset"],
        sides=_frame(groups.sides(store, run), SIDES),
        points=_frame(groups.points(store, run), POINTS),
        quadrants=_frame(groups.quadrants(store, run), QUADRANTS),
        networks=networks(cells, by_key),
        **_audited(store, run),
    )


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dictionaries by column."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame([dict(row) for row in rows], columns=list(columns))
    integers = [name for name in INTEGERS if name in columns]
    return frame.astype(dict.fromkeys(integers, "Int64"))


def _escape(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """By name the columns that change."""
    columns = {str(name): frame[name].tolist() for name in frame.select_dtypes(include=["object", "string"])}
    return {
        name: [escape(value, quote=False) if _marked(value) else value for value in values]
        for name, values in columns.items()
        if any(map(_marked, values))
    }


def _marked(value: Any) -> bool:
    # `>` alone is no tag: every name of a training has one
    return isinstance(value, str) and ("<" in value or "&" in value)


def _record(
    run: Run,
    planned: CellRow,
    rows: list[RecordRow],
    lineage: Mapping[str, Mapping[str, Any]],
    measures: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    cell = planned.cell
    item = lineage.get(cell.architecture, {})
    good = [row for row in rows if row.status == "ok"]
    unit = rows[0].unit if rows else ""
    told = measures.get(cell.measure) or completed(
        {"name": cell.measure, "unit": unit, "kind": cell.scenario.kind}
    )
    first = (good or rows)[0].details if rows else {}
    return {
        "run": run.id,
        "key": cell.key,
        "cell": str(cell),
        "suites": " ".join(planned.suites),
        **scenario_to_dict(cell.scenario),
        "architecture": cell.architecture,
        "family": item.get("family", ""),
        "year": item.get("year"),
        "measure": cell.measure,
        "unit": unit or told["unit"],
        "nature": told["nature"],
        **asdict(outcome_of(rows)),
        **asdict(figure_of(told["nature"], good)),
        "provenance": rows[0].provenance if rows else "",
        "reused_from": " ".join(dict.fromkeys(row.reused_from for row in rows if row.reused_from)),
        "seconds": sum(row.seconds for row in rows),
        "noisy": of_processes("noisy", good),
        "warnings": "; ".join(str(warning) for warning in first.get("warnings") or []),
        **detailed(cell.measure, details_of(told), rows),
    }


def _attempts(cells: Iterable[CellRow], by_key: Mapping[str, list[RecordRow]]) -> Iterable[dict[str, Any]]:
    for planned in cells:
        cell = planned.cell
        names = {"key": cell.key, "cell": str(cell), "architecture": cell.architecture, "measure": cell.measure}
        for row in by_key.get(cell.key, []):
            yield {**{name: getattr(row, name) for name in ATTEMPTS if hasattr(row, name)}, **names}


def _published(lineage: Iterable[Mapping[str, Any]], counts: bool) -> Iterable[dict[str, Any]]:
    for item in lineage:
        for figure in item.get("published", ()):
            if counts == (figure["quantity"] in COUNTED):
                yield {"architecture": item["name"], "family": item["family"], "year": item["year"], **figure}


def _parts(cells: Iterable[CellRow], by_key: Mapping[str, list[RecordRow]]) -> Iterable[dict[str, Any]]:
    """Of a part with raw samples its median, over all processes."""
    for planned in cells:
        cell = planned.cell
        good = [row for row in by_key.get(cell.key, []) if row.status == "ok"]
        names = [name for row in good[:1] for name in row.details.get("parts", {})]
        for name in names:
            found = [row.details["parts"][name] for row in good]
            samples = [value for values in found for value in (values if isinstance(values, list) else [values])]
            whole = {"key": cell.key, "architecture": cell.architecture, "measure": cell.measure}
            yield {**whole, "part": name, "unit": good[0].unit, "value": median(samples)}


def _audited(store: Store, run: Run) -> dict[str, Any]:
    """The frames of the audit that belongs to a run."""
    audits = [other for other in store.runs() if other.profile == AUDIT]
    whole = [other for other in audits if not other.settings.get("narrowed")]
    audit = run if run.profile == AUDIT else next(reversed(whole or audits), None)
    name = audit.id if audit else ""
    verdicts = store.verdicts(name)
    claims = [d.content for d in store.declarations(name, "claim")]
    rows = [asdict(Row.of(entry, verdicts.get(entry["id"], {}))) for entry in claims]
    left_out = [d.content for d in store.declarations(name, "left_out")]
    return {
        "audit": audit,
        # as objects: a column of whole numbers with gaps would become one of fractions
        "verdicts": pd.DataFrame(rows, columns=list(VERDICTS), dtype="object"),
        "subjects": {entry["id"]: architectures_of(entry) for entry in claims},
        "slides": tuple(d.name for d in store.declarations(name, "slide")),
        "left_out": _frame(left_out, LEFT_OUT),
    }


def _coverage(records: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    counts: dict[str, Counter[str]] = {}
    for record in records:
        for suite in record["suites"].split() or ["(no suite)"]:
            counts.setdefault(suite, Counter())[record["status"]] += 1
    for suite, count in counts.items():
        tally = {status: count[status] for status in (*STATUSES, NOT_RUN)}
        yield {"suite": suite, "planned": count.total(), **tally}
