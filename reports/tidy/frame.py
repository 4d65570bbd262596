"""Tidy pandas tables from the store: the sole reader for display. Loads no torch and no suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.claims import architectures_of
from bench.declare.nature import Detail
from bench.statistics.answers.kept import Answers
from bench.store.database import CellRow, RunRow, Store
from bench.store.outcome import UNTRIED
from bench.store.rows import COUNTS
from reports.hosts import of_machines, told_apart
from reports.tidy import columns, curves, groups, pictures
from reports.tidy.columns import escaped, framed
from reports.tidy.details import column_of, details_of
from reports.tidy.networks import NetworkStructure, networks
from reports.tidy.records import attempts, coverage, parts, published, records
from reports.tidy.rows import Lessons, Rows, read_rows

SINGLE_CROP = "single crop"
"""The protocol of published figures that charts compare."""


class Frames:
    """One run as tidy tables, each made when it is first asked for, also when the store is closed."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def changed(self, **tables: Any) -> Frames:
        """The same run with other tables, by name, in place of its own."""
        other = Frames(self._rows)
        own = {name: made for name, made in vars(self).items() if name in TABLES}
        vars(other).update(own | tables)
        return other

    @cached_property
    def run(self) -> RunRow:
        """The run itself."""
        return self._rows.run

    @cached_property
    def records(self) -> pd.DataFrame:
        """One row per planned cell, in the order of the plan; figures in SI units, accuracies as shares of one.

        Where figures that a machine decides are of several hosts, their device is told with the host.
        """
        return told_apart(self.plain_records, self.decided, self.hosts)

    @cached_property
    def host_names(self) -> Mapping[str, str]:
        """Names of the hosts of its records, by host key."""
        return self._rows.hosts

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """Names of the hosts of the figures that a machine decides: of one, they all compare."""
        found = self.plain_records
        return tuple(found.loc[self.decided & found["value"].notna(), "host"].unique())

    @cached_property
    def decided(self) -> pd.Series:
        """Whether a machine decides each record's figure."""
        repeats = {name: str(item.get("repeats", "")) for name, item in self._rows.measures.items()}
        return of_machines(self.plain_records, repeats)

    @cached_property
    def plain_records(self) -> pd.DataFrame:
        """The records with their device by torch's name alone."""
        further = (column_of(name, item) for name, items in self.details.items() for item in items)
        return framed(records(self._rows), tuple(dict.fromkeys([*columns.RECORDS, *further])))

    @cached_property
    def details(self) -> Mapping[str, tuple[Detail, ...]]:
        """Details that each measure declares, by measure."""
        return {item["name"]: details_of(item) for item in self._rows.contents("measure")}

    @cached_property
    def attempts(self) -> pd.DataFrame:
        """One row per record, that is, per process."""
        return framed(attempts(self._rows.cells, self._rows.records, self._rows.hosts), columns.ATTEMPTS)

    @cached_property
    def published(self) -> pd.DataFrame:
        """One row per published error, in percent."""
        return framed(published(self._rows.lineage.values(), counts=False), columns.PUBLISHED)

    @cached_property
    def published_counts(self) -> pd.DataFrame:
        """One row per published number of parameters or multiply-adds."""
        return framed(published(self._rows.lineage.values(), counts=True), columns.PUBLISHED_COUNTS)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """One row per part of a figure: of a training step's time, of a predicted peak of memory."""
        return framed(parts(self._rows.cells, self._rows.records, self._rows.measures), columns.PARTS)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """One row per point of a learning curve."""
        return framed(curves.curves(self._rows.cells, self._rows.records), columns.CURVES)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial of a tuned training."""
        return framed(curves.trials(self._rows.cells, self._rows.records), columns.TRIALS)

    @cached_property
    def confusions(self) -> pd.DataFrame:
        """One row per true class and named class of a training, with the number of its test images that have
        both."""
        return framed(curves.confusions(self._rows.cells, self._rows.records), columns.CONFUSIONS)

    @cached_property
    def answers(self) -> Mapping[str, Answers]:
        """Single answers that a training kept, by key of the training; empty for older runs."""
        return curves.answers(self._rows.cells, self._rows.records)

    @cached_property
    def recalls(self) -> pd.DataFrame:
        """One row per training and class, with its test images and how many of them were named rightly."""
        return framed(curves.recalls(self._rows.cells, self._rows.records), columns.RECALLS)

    @cached_property
    def pictures(self) -> pd.DataFrame:
        """One row per picture that a record carries, in the order of the plan; `png` is its file, in base64."""
        return framed(pictures.rows(self._rows.pictures, self._rows.cells), columns.PICTURES)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """One row per suite, cells counted by status."""
        return framed(coverage(rows_of(self.records[["suites", "status"]])), columns.COVERAGE)

    @cached_property
    def artifacts(self) -> pd.DataFrame:
        """One row per artifact that cells shared."""
        return framed([asdict(row) for row in self._rows.artifacts], columns.ARTIFACTS)

    @cached_property
    def architectures(self) -> pd.DataFrame:
        """One row per architecture that was measured."""
        return framed(self._rows.lineage.values(), columns.DECLARED["architecture"])

    @cached_property
    def measures(self) -> pd.DataFrame:
        """One row per measure."""
        return self._declared("measure")

    @cached_property
    def suites(self) -> pd.DataFrame:
        """One row per suite."""
        return self._declared("suite")

    @cached_property
    def datasets(self) -> pd.DataFrame:
        """One row per data set."""
        return self._declared("dataset")

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """One row per published fact about some architectures' time; an error in percent, 0 where there is
        none."""
        return self._declared("milestone")

    @cached_property
    def sides(self) -> pd.DataFrame:
        """One row per side of a comparison of which this run measured at least two sides; the first is its
        base."""
        return framed(groups.sides(self._rows.declared.get("comparison", ())), columns.SIDES)

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row per point of a sweep of which this run measured at least two points."""
        return framed(groups.points(self._rows.declared.get("sweep", ())), columns.POINTS)

    @cached_property
    def blocks(self) -> frozenset[str]:
        """Architectures that the run holds as sides of comparisons alone, where it holds others beside them."""
        return groups.sides_alone(self.sides, self.plain_records)

    @property
    def measured_networks(self) -> frozenset[str]:
        """Architectures with a figure, but for `blocks`."""
        return frozenset(self.records.loc[self.records["value"].notna(), "architecture"]) - self.blocks

    @cached_property
    def quadrants(self) -> pd.DataFrame:
        """One row per task of a quadrant in which this run measured at least two ways of transfer."""
        return framed(groups.quadrants(self._rows.declared.get("quadrant", ())), columns.QUADRANTS)

    @cached_property
    def networks(self) -> Mapping[str, NetworkStructure]:
        """Layers and block of each architecture, where a count of this run has them."""
        own = {name: item.get("resolution", 0) for name, item in self._rows.lineage.items()}
        return networks(self._rows.cells, self._rows.records, own)

    @cached_property
    def audit(self) -> RunRow | None:
        """The run whose verdicts on claims are shown: this one, or an audit beside it."""
        return self._rows.audit.run if self._rows.audit else None

    @cached_property
    def counts_from(self) -> str | None:
        """The run that judged the claims, where verdicts are only about claims whose checks count; else None."""
        found = self._audited(COUNTS)
        return str(found[0]["reused_from"]) or self.run.id if found else None

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row per claim that the audit judged, its values unchanged."""
        # as objects: a column of whole numbers with gaps would become one of fractions
        return pd.DataFrame(map(asdict, self._rows.claims), columns=list(columns.VERDICTS), dtype="object")

    @cached_property
    def subjects(self) -> Mapping[str, tuple[str, ...]]:
        """Architectures that the check of a claim names, by claim."""
        return {claim["id"]: architectures_of(claim) for claim in self._audited("claim")}

    @cached_property
    def slides(self) -> tuple[str, ...]:
        """Titles of the slides that the audit went through."""
        return tuple(item.name for item in self._rows.audit.declared["slide"]) if self._rows.audit else ()

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """One row per part of these slides that is not registered as a claim."""
        return framed(self._audited("left_out"), columns.LEFT_OUT)

    @cached_property
    def lessons(self) -> Lessons | None:
        """The lessons of this run or, where it has none, of the newest run of the same store that has some."""
        return self._rows.lessons

    def measured(self, measure: str, **scenario: object) -> pd.DataFrame:
        """The cells of one measure that have a figure, with scenario fields of the given values."""
        rows = self.records[(self.records["measure"] == measure) & self.records["value"].notna()]
        for name, value in scenario.items():
            rows = rows[rows[name] == value]
        return rows

    @property
    def plan(self) -> Sequence[CellRow]:
        """The planned cells as they were declared, those among them that a run added while it went on."""
        return self._rows.cells

    def declared(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """Declarations of a kind that the run wrote down, such as the `design` of its comparisons, as plain
        data."""
        return self._rows.contents(kind)

    @property
    def failures(self) -> pd.DataFrame:
        """The cells that were tried and have no figure."""
        return self.records[~self.records["status"].isin(["ok", *UNTRIED])]

    @cached_property
    def escaped(self) -> Frames:
        """The same with HTML entities in text that has `&` or `<`, which plotly reads; itself without any."""
        frames = {name: frame for name in TABLES if isinstance(frame := getattr(self, name), pd.DataFrame)}
        changes = {name: frame.assign(**new) for name, frame in frames.items() if (new := escaped(frame))}
        return self.changed(**changes) if changes else self

    def _declared(self, kind: str) -> pd.DataFrame:
        return framed(self._rows.contents(kind), columns.DECLARED[kind])

    def _audited(self, kind: str) -> list[dict[str, Any]]:
        return [item.content for item in self._rows.audit.declared[kind]] if self._rows.audit else []


TABLES = {name for name, item in vars(Frames).items() if isinstance(item, cached_property)} - {"escaped"}
"""Names of all that `Frames` makes when it is asked for."""


def read(store: Store, name: str) -> Frames:
    """Read run `name` (an id, a unique beginning of one, or `latest`).

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    return Frames(read_rows(store, name))


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dictionaries by column, NA as None; `to_dict` of pandas takes several times as long."""
    columns = {str(name): _plain(column) for name, column in frame.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: pd.Series) -> list[Any]:
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return column.tolist()
    return [None if v is pd.NA else v.item() if isinstance(v, np.generic) else v for v in column.tolist()]
