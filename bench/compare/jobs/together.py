"""Judgements of several jobs as one: every output and one exit code are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from bench.compare.jobs.kept import gates, job_of, judgement_kept
from bench.compare.judgement import Judgement
from bench.compare.verdict import gravest_first
from bench.errors import Exit
from bench.store.database import RunRow, Store

T = TypeVar("T")
GRAVEST = (Exit.REGRESSION, Exit.INCOMPLETE, Exit.NOT_COMPARABLE, Exit.OK)
"""Exit codes of the jobs, the gravest first.

A red verdict is about the change. A base that does not compare may be forgiven by a workflow, as in a pull request
that brings the first model: it must not hide a job that was cut off.
"""


def together(store: Store, keys: Sequence[str]) -> Judgement:
    """The newest judgement of each job as one.

    A job of which nothing was kept, that was cut off, or that judged another commit than the newest of them is
    incomplete, and is told as such.

    Args:
        store: the store that those of all jobs were imported into.
        keys: keys of all jobs that must be there.

    Raises:
        StoreError: the store cannot be read.
    """
    begun = gates(store)
    newest: dict[str, RunRow] = {job_of(run): run for run in begun}  # the last of a key stands
    asked = [newest[key] for key in keys if key in newest]
    commit = _commit(max(asked, key=begun.index)) if asked else ""
    parts: dict[str, Judgement] = {}
    missing: list[str] = []
    for key in keys:
        found = _found(store, newest.get(key), commit)
        if isinstance(found, Judgement):
            parts[key] = found
        else:
            missing.append(f"{key}: {found}")
    others = [key for key in newest if key and key not in keys]
    notes = [f"the store has comparisons of other jobs, too: {', '.join(others)}"] if others else []
    return _one(parts, [*missing, *notes], Exit.INCOMPLETE if missing else Exit.OK)


def _found(store: Store, head: RunRow | None, commit: str) -> Judgement | str:
    """The judgement of a job's newest gate, or why there is none that counts."""
    if head is None:
        return (
            "nothing was kept of this job: it ended before it could tell a verdict, or its store was not imported"
        )
    if _commit(head) != commit:
        return f"its newest comparison is of {_commit(head) or 'no commit'}, that of other jobs of {commit}"
    return judgement_kept(store, head) or "the comparison was cut off before it told a verdict"


def _commit(head: RunRow) -> str:
    """The one that was checked out, without the mark of uncommitted changes."""
    return str(head.host.get("git") or "").rstrip("+")


def _one(parts: Mapping[str, Judgement], notes: Sequence[str], ended: Exit) -> Judgement:
    """Several as one, whose keys of cells have the job's behind them."""
    told = list(parts.values())
    jobs = {key: part.fail_on for key, part in parts.items()}
    found = [replace(item, job=key, key=_key(key, item.key)) for key, part in parts.items() for item in part.found]
    return Judgement(
        base=", ".join(dict.fromkeys(part.base for part in told)),
        head=", ".join(dict.fromkeys(part.head for part in told)),
        found=gravest_first(found),
        fail_on=frozenset(chain.from_iterable(jobs.values())),
        notes=(*notes, *_notes(parts)),
        samples=_keyed({key: part.samples for key, part in parts.items()}),
        host=_shared([part.host for part in told]),
        started=min((part.started for part in told), default=""),
        conditions=_keyed({key: part.conditions for key, part in parts.items()}),
        failures=_keyed({key: part.failures for key, part in parts.items()}),
        accepted=_keyed({key: part.accepted for key, part in parts.items()}),
        ended=min([ended, *(part.ended for part in told)], key=GRAVEST.index),
        jobs=jobs,
    )


def _key(job: str, cell: str) -> str:
    return f"{cell}@{job}"


def _keyed(values: Mapping[str, Mapping[str, T]]) -> dict[str, T]:
    return {_key(job, cell): value for job, by_cell in values.items() for cell, value in by_cell.items()}


def _notes(parts: Mapping[str, Judgement]) -> list[str]:
    """Each note once: notes that all jobs share as they are, others behind the keys of the jobs that give them."""
    tellers: dict[str, list[str]] = {}
    for key, part in parts.items():
        for note in dict.fromkeys(part.notes):
            tellers.setdefault(note, []).append(key)
    return [note if len(keys) == len(parts) else f"{', '.join(keys)}: {note}" for note, keys in tellers.items()]


def _shared(hosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Facts that all hosts have in common: the others do not hold for the whole."""
    first, *others = hosts or [{}]
    return {name: value for name, value in first.items() if all(host.get(name) == value for host in others)}
