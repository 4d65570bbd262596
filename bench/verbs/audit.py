"""`evobench audit`: every figure of the lecture measured afresh, with a verdict each."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from bench.audit import MISMATCHES, VERDICTS, Judged
from bench.catalog import load_catalogs
from bench.claims import Ledger, load_ledger
from bench.driver import LIMIT
from bench.errors import EvobenchError, Exit, UnknownName, UsageError
from bench.execute.frames import Frame
from bench.execute.local import LocalExecutor
from bench.host import available_cpus, fingerprint, host_key
from bench.runs import new_id, utc_now
from bench.store import Declaration, Run, Store
from bench.verb import Terminal, Verb, add_format, add_store, emit

COLUMNS = ("claim", "slide", "words", "printed", "unit", "verdict", "found", "explanation", "note")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `audit`."""
    parser.add_argument("--slide", metavar="TEXT", help="only slides with this text in their title")
    parser.add_argument("--claim", action="append", metavar="ID", help="only this claim; may be repeated")
    parser.add_argument(
        "--claims", type=Path, metavar="FILE.toml", help="claims of your own (default: the lecture's)"
    )
    parser.add_argument("--catalog", action="append", metavar="PACKAGE|FILE.py", help="declarations of your own")
    parser.add_argument(
        "--ledger", action="store_true", help="what is registered and left out, slide by slide; no check"
    )
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit; returns 0 where all agrees, 1 where something does not, 3 where a check failed."""
    catalogs = tuple(arguments.catalog or ())
    load_catalogs(catalogs)
    ledger = load_ledger(arguments.claims or _installed())
    if arguments.ledger:
        columns = ("slide", "claims", "left out", "reason")
        emit(columns, _ledger_rows(ledger), arguments.format)
        return Exit.OK
    chosen = _chosen(ledger, arguments)
    executor = LocalExecutor(catalogs)
    try:
        with Store.create(arguments.store) as store:
            name, judged = _audit(_Desk(store, executor, Terminal(stderr=True, highlight=False)), chosen)
    finally:
        executor.close()
    rows = [_row(entry, judged[entry["id"]]) for entry in chosen]
    _show(rows, arguments.format)
    sys.stderr.write(f"kept as run {name}: evobench report {name}\n")
    if any(item.failed for item in judged.values()):
        return Exit.INCOMPLETE
    return Exit.REGRESSION if any(item.verdict in MISMATCHES for item in judged.values()) else Exit.OK


@dataclass(frozen=True)
class _Desk:
    store: Store
    executor: LocalExecutor
    console: Terminal


def _installed() -> Path:
    """The claims of the first catalogue that has some.

    Raises:
        UsageError: none has.
    """
    for point in entry_points(group="evobench.claims"):
        found: Path = point.load()
        return found
    raise UsageError("no installed catalogue has claims: name a file with --claims")


def _chosen(ledger: Ledger, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    ids = [claim.id for claim in ledger.claims]
    for name in arguments.claim or ():
        if name not in ids:
            raise UnknownName("claim", name, ids)
    wanted = [
        entry
        for entry in ledger.entries
        if (not arguments.claim or entry["id"] in arguments.claim)
        and (not arguments.slide or arguments.slide.lower() in entry["slide"].lower())
    ]
    if not wanted:
        raise UsageError(f"no claim is on a slide called '{arguments.slide}'; evobench audit --ledger lists them")
    return wanted


def _audit(desk: _Desk, chosen: list[dict[str, Any]]) -> tuple[str, dict[str, Judged]]:
    """Judge slide by slide, each in a process of its own; every verdict is kept when it is made."""
    outcome = desk.executor.submit({"job": "probe"}, LIMIT, lambda _: None)
    if outcome.status != "ok":
        raise EvobenchError(f"the measuring process failed: {outcome.reason}")
    host = fingerprint(outcome.details)
    command = shlex.join(["evobench", *sys.argv[1:]])
    run = Run(new_id(), utc_now(), "audit", command, host, host_key(host), {})
    desk.store.begin_run(run, [Declaration("claim", entry["id"], entry) for entry in chosen], [])
    judged: dict[str, Judged] = {}
    for slide in dict.fromkeys(entry["slide"] for entry in chosen):
        _judge_slide(desk, run.id, [entry for entry in chosen if entry["slide"] == slide], judged)
        desk.console.print(f"{len(judged)}/{len(chosen)} claims: {slide}", markup=False, soft_wrap=True)
    desk.store.end_run(run.id, "complete", utc_now())
    return run.id, judged


def _judge_slide(desk: _Desk, run: str, entries: list[dict[str, Any]], judged: dict[str, Judged]) -> None:
    def keep(name: str, item: Judged) -> None:
        judged[name] = item
        desk.store.add_verdict(run, name, item.to_dict())

    def take(frame: Frame) -> None:
        keep(frame["claim"], Judged(**frame["judged"]))

    checkable = []
    for entry in entries:
        if "not_checkable" in entry:
            keep(entry["id"], Judged("not checkable", explanation=entry["not_checkable"]))
        else:
            checkable.append(entry)
    if not checkable:
        return
    job = {"job": "check", "claims": checkable, "threads": available_cpus()}
    outcome = desk.executor.submit(job, LIMIT, take)
    for entry in checkable:
        if entry["id"] not in judged:
            why = f"the checks of this slide ended: {outcome.reason or outcome.status}"
            keep(entry["id"], Judged("not checkable", explanation=why, failed=True))


def _row(entry: dict[str, Any], item: Judged) -> tuple[object, ...]:
    values = (entry["id"], entry["slide"], entry["words"], entry["printed"], entry.get("unit", ""))
    return (*values, item.verdict, item.found, item.explanation, item.note)


def _ledger_rows(ledger: Ledger) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for slide in ledger.slides:
        rows.append((slide, sum(claim.slide == slide for claim in ledger.claims), "", ""))
        rows += [("", None, item.words, item.reason) for item in ledger.left_out if item.slide == slide]
    return rows


def _show(rows: list[tuple[object, ...]], form: str) -> None:
    if form in ("json", "csv"):
        emit(COLUMNS, rows, form)
        return
    mark = form == "markdown"
    count = Counter(str(row[5]) for row in rows)
    for verdict in VERDICTS:
        some = [row for row in rows if row[5] == verdict]
        if not some or verdict not in (*MISMATCHES, "not checkable"):
            continue
        sys.stdout.write(f"{'## ' if mark else ''}{verdict.capitalize()}\n\n")
        for slide in dict.fromkeys(row[1] for row in some):
            sys.stdout.write(f"{'### ' if mark else ''}{slide}\n" + ("\n" if mark else ""))
            sys.stdout.writelines(_lines(row, mark) for row in some if row[1] == slide)
            sys.stdout.write("\n")
    summary = ", ".join(f"{count[verdict]} {verdict}" for verdict in VERDICTS if count[verdict])
    sys.stdout.write(f"{len(rows)} claims: {summary}\n")


def _lines(row: tuple[object, ...], mark: bool) -> str:
    _, _, words, printed, unit, _, found, explanation, note = row
    begin = "- " if mark else "  "
    detail = "" if found is None else f"printed {in_words(printed, unit)}, found {in_words(found, unit)}: "
    source = f" ({note})" if note else ""
    return f"{begin}“{words}”" + (" — " if mark else f"\n{begin}  ") + f"{detail}{explanation}{source}\n"


def in_words(value: object, unit: object = "") -> str:
    """A value as a person reads it: yes and no, thousands set apart, lists in brackets."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,.10g}" if isinstance(value, int | float) else str(value)
    return f"{text} {unit}".rstrip()


VERB = Verb("audit", "check every figure of the lecture; exits 1 on a mismatch", configure, run)
