"""`evobench audit`: every figure of the lecture measured or counted here, or looked up, with a verdict each."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from bench.audit.claims import Ledger, load_ledger, refuse_unknown
from bench.audit.errata import ErrataRow, errata, for_terminal
from bench.audit.lessons import with_lessons
from bench.audit.verdicts import MISMATCHES, ClaimVerdict
from bench.cli.judging import LIMIT, Judging, JudgingDesk, installed_claims, lessons_in, snapshot
from bench.cli.options.values import lanes
from bench.cli.verb import Terminal, Verb, add_catalog, add_format, add_store, emit
from bench.declare.catalog import ARCHITECTURES, CHECKS, load_catalogs
from bench.declare.lessons.lesson import LESSONS
from bench.errors import EvobenchError, Exit, UnknownName, UsageError
from bench.execute.jobs import Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.foreign import whole_path
from bench.machine.host import available_cpus, fingerprint, host_key, measured_on
from bench.run.runs import new_id, utc_now
from bench.store.database import RunRow, Store
from bench.store.rows import AUDIT
from bench.text.stdout import data_out

COLUMNS = tuple(field.name for field in fields(ErrataRow))
_CLASSES = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `audit`."""
    parser.add_argument("--slide", metavar="TEXT", help="only slides with this text in their title")
    parser.add_argument("--claim", action="append", metavar="ID", help="only this claim; may be repeated")
    parser.add_argument(
        "--claims", type=Path, metavar="FILE.toml", help="claims of your own (default: the lecture's)"
    )
    add_catalog(parser)
    parser.add_argument(
        "--imagenet",
        type=Path,
        metavar="PATH",
        help="ImageNet's validation images, a folder a class: measure errors",
    )
    parser.add_argument(
        "--ledger",
        action="store_true",
        help="what is registered, left out and missing, slide by slide; no check",
    )
    parser.add_argument(
        "--lanes", type=lanes, metavar="auto|N", help="slides that are judged at once (default: auto, one a core)"
    )
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit; returns 0 where all agrees, 1 where something does not, 3 where a check failed."""
    catalogs = tuple(arguments.catalog)
    load_catalogs(catalogs)
    ledger = load_ledger(arguments.claims or _installed())
    if arguments.ledger:
        refuse_unknown(ledger, CHECKS, ARCHITECTURES, LESSONS)
        emit(("slide", "claims", "left out", "missing", "reason"), _ledger_rows(ledger), arguments.format)
        return Exit.OK
    chosen = _chosen(ledger, arguments)
    imagenet = _images(arguments.imagenet)
    refuse_unknown(ledger, CHECKS, ARCHITECTURES, LESSONS)
    most = arguments.lanes or min(available_cpus(), len({entry["slide"] for entry in chosen}))
    console = Terminal(stderr=True, highlight=False)
    executor = LocalExecutor(catalogs, lanes=most)
    try:
        with Store.create(arguments.store) as store:
            say = partial(console.print, markup=False, soft_wrap=True)
            desk = JudgingDesk(store, executor, say, most, imagenet, lessons_in(store))
            name, judged = _audit(desk, ledger, chosen)
    finally:
        executor.close()
    rows = with_lessons((ErrataRow.of(entry, judged[entry["id"]].to_dict()) for entry in chosen), desk.lessons)
    _show(rows, arguments.format, everything=bool(arguments.claim or arguments.slide))
    data_out().flush()
    sys.stderr.write(f"kept as run {name}: evobench report {name}\n")
    if any(row.failed for row in rows):
        return Exit.INCOMPLETE
    return Exit.REGRESSION if any(row.verdict in MISMATCHES for row in rows) else Exit.OK


def _images(folder: Path | None) -> str:
    """The folder by its whole path, since the measuring process may stand elsewhere.

    Raises:
        UsageError: the folder is not there, or does not hold ImageNet's 1000 classes.
    """
    if folder is None:
        return ""
    classes = sum(item.is_dir() for item in folder.iterdir()) if folder.is_dir() else 0
    if classes != _CLASSES:
        raise UsageError(f"'{folder}' holds {classes} folders, not one for each of ImageNet's {_CLASSES} classes")
    return str(whole_path(folder))


def _installed() -> Path:
    """The claims of the first catalogue that has some.

    Raises:
        UsageError: none has.
    """
    found = installed_claims()
    if found is None:
        raise UsageError("no installed catalogue has claims: name a file with --claims")
    return found


def _chosen(ledger: Ledger, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The entries that are asked for, in the order of the lecture.

    Raises:
        UnknownName: no claim or no slide is called so.
        UsageError: nothing is left of them.
    """
    ids = [claim.id for claim in ledger.claims]
    for name in arguments.claim or ():
        if name not in ids:
            raise UnknownName("claim", name, ids)
    text = (arguments.slide or "").casefold()
    slides = [slide for slide in ledger.slides if text in slide.casefold()]
    if text and not slides:
        raise UnknownName("slide", arguments.slide, ledger.slides)
    named = [entry for entry in ledger.entries if not arguments.claim or entry["id"] in arguments.claim]
    # a slide that returns has its claims apart in the file
    wanted = [entry for slide in slides for entry in named if entry["slide"] == slide]
    if not wanted:
        raise UsageError("nothing to audit: no such claim is on such a slide (see evobench audit --ledger)")
    return wanted


def _audit(desk: JudgingDesk, ledger: Ledger, chosen: list[dict[str, Any]]) -> tuple[str, dict[str, ClaimVerdict]]:
    """Judge what is chosen; every verdict is kept when it is made."""
    outcome = finish(desk.executor, Probe(), LIMIT)
    if outcome.status != "ok":
        raise EvobenchError(f"the measuring process failed: {outcome.reason}")
    found = outcome.details
    host = fingerprint(measured_on(found, ["cuda"] if desk.imagenet and found["gpus"] else []))
    command = shlex.join(["evobench", *sys.argv[1:]])
    run = RunRow(
        new_id(),
        utc_now(),
        AUDIT,
        command,
        host,
        host_key(host),
        {"imagenet": desk.imagenet, "narrowed": len(chosen) < len(ledger.claims)},
    )
    desk.store.begin_run(run, snapshot(ledger, chosen), [])
    judging = Judging(desk, run.id, chosen)
    state = "interrupted"
    try:
        judging.go()
        state = "complete"
    except BrokenPipeError as error:  # nobody reads the progress any more: an interruption, too
        raise KeyboardInterrupt from error
    except KeyboardInterrupt:
        kept = f"{len(judging.judged)} of {len(chosen)} verdicts are kept"
        desk.say(f"{kept}: evobench report {run.id}")
        raise
    finally:
        desk.store.end_run(run.id, state, utc_now())
    return run.id, judging.judged


def _ledger_rows(ledger: Ledger) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for slide in ledger.slides:
        rows.append((slide, sum(claim.slide == slide for claim in ledger.claims), "", "", ""))
        for item in ledger.left_out:
            if item.slide == slide:
                words = ("", item.words) if item.missing else (item.words, "")
                rows.append(("", None, *words, item.reason))
    return rows


def _show(rows: list[ErrataRow], form: str, everything: bool) -> None:
    if form == "markdown":
        data_out().write(errata(rows))
    elif form == "table":
        data_out().write(for_terminal(rows, Terminal().width, everything))
    else:
        emit(COLUMNS, [[getattr(row, name) for name in COLUMNS] for row in rows], form)


VERB = Verb(
    "audit",
    "check every figure of the lecture; exits 1 on a mismatch",
    configure,
    run,
    ("audit", "audit --slide ResNet  # only slides with this word in their title"),
)
