"""Differences in how two runs measured: such figures do not compare, whatever the host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bench.declare.nature import nature_of
from bench.store.database import RunRow, Store
from bench.store.rows import CellRow, RecordRow
from bench.words import cells

_SHOWN = 6
_OF_MEASURES = ("unit", "better", "repeats", "provenance", "code")
_OF_DATA = ("classes", "channels", "resolution", "source")


def protocol_differences(store: Store, base: RunRow, head: RunRow) -> tuple[str, ...]:
    """Differences in the protocol of the figures that both runs have, in words; empty where there are none.

    A cell's identity holds its own conditions. The protocol adds: how many processes measure a cell; for times and
    memory the conditions in force in these processes; the code of measures; the data. What a run does not state is
    not compared, and a figure that one run took over from the other is the same figure.
    """
    measures = [_declared(store, run, "measure") for run in (base, head)]
    pairs = _pairs(store, base, head, measures[1])
    names = {planned.cell.measure for _, planned, _ in pairs}
    found = [
        *_processes(base, head, pairs),
        *_conditions(pairs, measures[1]),
        *_declarations("measure", measures, names, _OF_MEASURES),
        *_data(store, base, head, pairs),
    ]
    return (*found[:_SHOWN], *([f"{len(found) - _SHOWN} more"] if len(found) > _SHOWN else []))


_Pair = tuple[CellRow, CellRow, tuple[RecordRow, RecordRow]]
"""A planned cell in both runs, with a good record of each."""


def _pairs(store: Store, base: RunRow, head: RunRow, measures: Mapping[str, Mapping[str, Any]]) -> list[_Pair]:
    """The cells of which both runs have a figure of their own that conditions can move."""
    planned = [{row.cell.key: row for row in store.cells(run.id)} for run in (base, head)]
    good: list[dict[str, RecordRow]] = [{}, {}]
    for found, run in zip(good, (base, head), strict=True):
        for record in store.records(run.id):
            if record.status == "ok":
                found.setdefault(record.cell_key, record)
    pairs = []
    for key in planned[1]:
        if key not in good[0] or key not in good[1]:
            continue
        before, after = good[0][key], good[1][key]
        measure = planned[1][key].cell.measure
        repeats = measures.get(measure, {}).get("repeats", "never")
        if repeats != "anywhere" and (before.reused_from or base.id) != (after.reused_from or head.id):
            pairs.append((planned[0][key], planned[1][key], (before, after)))
    return pairs


def _processes(base: RunRow, head: RunRow, pairs: Iterable[_Pair]) -> Iterator[str]:
    changed = ((before.replicates, after.replicates) for before, after, _ in pairs)
    profiles = f", profiles {base.profile} and {head.profile}" if base.profile != head.profile else ""
    for (before, after), number in Counter(pair for pair in changed if pair[0] != pair[1]).items():
        yield f"{before} and {after} processes of {cells(number)}{profiles}"


def _conditions(pairs: Iterable[_Pair], measures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    found: Counter[tuple[str, str, str]] = Counter()
    for _, planned, records in pairs:
        cell = planned.cell
        told = {"name": cell.measure, "unit": records[0].unit, "kind": cell.scenario.kind}
        if nature_of(measures.get(cell.measure, told)).is_share:
            continue  # what they move of an accuracy is judged image by image
        before, after = (_in_force(record) for record in records)
        for name in before.keys() & after.keys():
            if before[name] != after[name]:
                found[name, str(before[name]), str(after[name])] += 1
    for (name, old, new), number in sorted(found.items()):
        yield f"{name} {old} and {new} of {cells(number)}"


def _in_force(record: RecordRow) -> dict[str, object]:
    """Settings in force in the process, without CPUs: which CPUs it used is chance, and how many there are is the
    host's."""
    conditions: dict[str, object] = record.details.get("conditions", {})
    return {name: value for name, value in conditions.items() if name not in ("disturbance", "cpus")}


def code_differences(
    base: tuple[Store, RunRow], head: tuple[Store, RunRow], measures: Iterable[str]
) -> tuple[str, ...]:
    """What differs in how two runs, each with its store, declare these measures, in words."""
    both = [_declared(store, run, "measure") for store, run in (base, head)]
    return tuple(_declarations("measure", both, measures, _OF_MEASURES))


def _declared(store: Store, run: RunRow, kind: str) -> dict[str, Mapping[str, Any]]:
    return {item.name: item.content for item in store.declarations(run.id, kind)}


def _declarations(
    kind: str, both: Iterable[Mapping[str, Mapping[str, Any]]], names: Iterable[str], fields: Iterable[str]
) -> Iterator[str]:
    before, after = both
    for name in sorted(set(names) & before.keys() & after.keys()):
        for field in fields:
            old, new = before[name].get(field), after[name].get(field)
            if old is not None and new is not None and old != new:
                what = f"{field} of {kind} '{name}'"
                yield what if field == "code" else f"{what}: {old} and {new}"


def _data(store: Store, base: RunRow, head: RunRow, pairs: Iterable[_Pair]) -> Iterator[str]:
    """Data sets that were declared otherwise, and files of the user's own that have changed."""
    if all(before.cell.scenario.kind != "learning" for before, _, _ in pairs):
        return
    both = [_declared(store, run, "dataset") for run in (base, head)]
    yield from _declarations("data set", both, both[1], _OF_DATA)
    old, new = (run.settings.get("files", {}) for run in (base, head))
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield f"the content of '{name}'"
