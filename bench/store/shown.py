"""A report's questions to the store beyond the records of one run."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import partial

from bench.cell import Cell, Picture
from bench.declare.nature import nature_of
from bench.store.checked.columns import wrong_in_sql
from bench.store.connection import Connection, undamaged
from bench.store.records import KEY, cell_in, details_of, images_in, lists_of_images
from bench.store.rows import Median, PictureRow, RecordEvidence, Tally, unpack
from bench.store.schema import MADE_ON, plain_json

_READ = ("unit", "n", "median", "mean", "p5", "p95", "reused_from", "code")
_WRONG = wrong_in_sql("record", _READ)
"""Columns of records that figures are made of, and what is wrong with them."""
_IN_EVIDENCE = ("cell", "replicate", "samples", "warmup", "details", "code")
_SPREAD_FROM = 10
"""Samples of a process from which its 5th and 95th percentile are said to be a spread."""


@dataclass(frozen=True)
class RecordSamples:
    """Raw samples of a record, in the order in which they were taken."""

    cell_key: str
    replicate: int
    samples: tuple[float, ...]
    """Samples in the measure's unit."""
    images: tuple[str, ...]
    """Path of the image of each sample; empty where the samples are not images."""


@dataclass(frozen=True)
class Shown:
    """Raw samples, pictures and several runs at once, summarised in SQL."""

    connection: Connection

    @undamaged
    def evidence(self, run: str, most: int) -> tuple[RecordEvidence, ...]:
        """Every record of a run in the order of the plan, with its first `most` raw samples in their order."""
        self.connection.require("record", "run = ?", run, only=_IN_EVIDENCE)
        self.connection.require_whole("record", "cell", run)
        rows = self.connection.rows(
            "SELECT r.cell, r.replicate, coalesce(substr(r.samples, 1, ?), X'') AS samples,"
            " length(r.warmup) / 8 AS warmup, r.details, r.code"
            " FROM record r JOIN cell c ON c.run = r.run AND c.key = r.cell"
            " WHERE r.run = ? ORDER BY c.ordinal, r.replicate",
            8 * most,
            run,
        )
        read = partial(details_of, self.connection, read=plain_json)
        return tuple(
            RecordEvidence(cell, replicate, unpack(samples), warmup, read((run, cell, replicate), details), code)
            for cell, replicate, samples, warmup, details, code in rows
        )

    @undamaged
    def pictures(self, run: str, cell_key: str = "") -> tuple[PictureRow, ...]:
        """The pictures of a run's records in the order of the plan: of all cells, or of the one with that key."""
        self.connection.require("picture", "run = ? AND ? IN ('', cell)", run, cell_key)
        self.connection.require_whole("picture", "record", run)
        rows = self.connection.rows(
            "SELECT p.* FROM picture p JOIN cell c ON c.run = p.run AND c.key = p.cell"
            " WHERE p.run = ? AND ? IN ('', p.cell) ORDER BY c.ordinal, p.replicate, p.ordinal",
            run,
            cell_key,
        )
        return tuple(
            PictureRow(
                row["cell"],
                row["replicate"],
                row["ordinal"],
                Picture(row["name"], row["title"], row["caption"], row["png"]),
            )
            for row in rows
        )

    @undamaged
    def samples(self, run: str) -> tuple[RecordSamples, ...]:
        """The raw samples of every record of a run that has any, in the order of the plan."""
        self.connection.require("record", "run = ?", run)
        lists = lists_of_images(self.connection, run)
        rows = self.connection.rows(
            "SELECT r.cell, r.replicate, r.samples, json_extract(r.details, ?) AS images"
            " FROM record r JOIN cell c ON c.run = r.run AND c.key = r.cell"
            " WHERE r.run = ? AND length(r.samples) ORDER BY c.ordinal, r.replicate",
            f"$.{KEY}",
            run,
        )
        found = []
        for row in rows:
            cell, replicate, samples = row["cell"], row["replicate"], unpack(row["samples"])
            images = images_in(self.connection, (run, cell, replicate), lists, row["images"], len(samples))
            found.append(RecordSamples(cell, replicate, samples, images))
        return tuple(found)

    @undamaged
    def tallies(self) -> tuple[Tally, ...]:
        """Suites of each run and its cells counted by outcome, the oldest run first.

        A cell has a figure where one of its records has one, as in every table.
        """
        self.connection.require("record", only=["status"])
        self.connection.require("cell", only=["suites"])
        rows = self.connection.rows(
            "SELECT run.id, count(c.key) AS planned, coalesce(sum(s.good), 0) AS good,"
            " coalesce(sum(NOT s.good AND s.bad), 0) AS failed,"
            " coalesce(sum(NOT s.good AND NOT s.bad), 0) AS unsupported,"
            " coalesce(group_concat(DISTINCT c.suites), '') AS suites"
            " FROM run LEFT JOIN cell c ON c.run = run.id LEFT JOIN"
            " (SELECT run, cell, max(status = 'ok') AS good, max(status NOT IN ('ok', 'unsupported')) AS bad"
            "  FROM record GROUP BY run, cell) s"
            " ON s.run = c.run AND s.cell = c.key GROUP BY run.id ORDER BY run.rowid"
        )
        return tuple(
            Tally(
                row["id"],
                tuple(dict.fromkeys(name for names in row["suites"].split(",") for name in names.split())),
                *(row[name] for name in ("planned", "good", "failed", "unsupported")),
            )
            for row in rows
        )

    def medians(self, measure: str) -> tuple[Median, ...]:
        """The figures of one measure in all runs, without those that a run took over from an earlier one."""
        return tuple(row for row in self.courses(measure) if not row.reused_from)

    @undamaged
    def courses(self, measure: str = "") -> tuple[Median, ...]:
        """The figures of one measure, or of all, the oldest run first: one a run, cell and host that has one.

        The figure is the mean of its processes' medians or, of an accuracy, of their means.
        """
        self.connection.require_short()
        rows = self.connection.rows(
            f"SELECT record.run, record.cell AS key, c.content, record.unit, max({_WRONG}) AS wrong,"
            " avg(median) AS median, avg(mean) AS mean,"
            " json_extract(d.content, '$.nature') AS nature, json_extract(d.content, '$.better') AS better,"
            f" count(*) AS processes, max(reused_from) AS reused_from, {MADE_ON} AS made_on,"
            " avg(CASE WHEN n >= ? AND median > 0 THEN (p95 - p5) / 2 / median END) AS spread,"
            " CASE WHEN min(code) = max(code) THEN code ELSE '' END AS code"
            " FROM record JOIN cell c ON c.run = record.run AND c.key = record.cell"
            " JOIN run ON run.id = record.run LEFT JOIN declaration d"
            " ON d.run = record.run AND d.kind = 'measure' AND d.name = json_extract(c.content, '$.measure')"
            " WHERE status = 'ok' AND n AND (? = '' OR json_extract(c.content, '$.measure') = ?)"
            " GROUP BY record.run, record.cell, made_on"
            " ORDER BY run.rowid, c.ordinal, processes DESC, min(record.replicate)",
            _SPREAD_FROM,
            measure,
            measure,
        )
        if any(row["wrong"] for row in rows):
            self.connection.require("record", only=_READ)
        return tuple(_figure(row, cell_in(self.connection, row)) for row in rows)


def _figure(row: sqlite3.Row, cell: Cell) -> Median:
    nature = nature_of({**dict(row), "name": cell.measure, "kind": cell.scenario.kind})
    value = row["mean" if nature.is_mean else "median"]
    told = (row[name] for name in ("processes", "code", "reused_from", "spread", "made_on"))
    return Median(row["run"], cell, row["unit"], nature, value, *told)
