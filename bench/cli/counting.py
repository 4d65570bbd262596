"""The lecture's figures that are counts, judged as a part of the default run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from bench.audit.claims import LOOK_UP, Ledger, load_ledger, refuse_unknown
from bench.cell import digest
from bench.cli.judging import Entry, Judging, JudgingDesk, installed_claims, snapshot
from bench.declare.catalog import ARCHITECTURES, CHECKS
from bench.declare.lessons.lesson import LESSONS
from bench.declare.loading.code import code_digest
from bench.execute.executor import Executor
from bench.run.driver import Pace
from bench.run.origins import asked
from bench.run.runs import Wish
from bench.store.database import Declaration, RunRow, Store
from bench.store.rows import COUNTS

_CODE, _ORIGIN = "code", "reused_from"


def judge_counts(
    store: Store,
    run: RunRow,
    executor: Executor,
    pace: Pace,
    say: Callable[[str], None],
    at: Callable[[str], None] = lambda told: None,
    *,
    fresh: bool = False,
) -> None:
    """Judge the claims whose checks count, as a part of a default run; what it judged before is left alone.

    Every verdict is kept when it is made, and a mismatch is not a failure of the run. A run that is narrowed to
    some suites, architectures or measures, or that has another profile, holds none. Verdicts of an earlier run
    of the same store stand for new ones where the claims, the code and the versions of packages are the same.

    Args:
        store: the store that holds the run.
        run: id of the run that keeps the verdicts.
        executor: runs the checks.
        pace: number of slides that are judged at once, and the time for all: what has no verdict when it is
            over gets none.
        say: receives the line that tells how many claims were judged.
        at: receives how far it has come, slide by slide.
        fresh: whether all are judged, whatever is kept of earlier runs.

    Raises:
        UsageError: the installed claims cannot be read, or name what is not declared.
    """
    file = installed_claims() if _holds_counts(run) else None
    if file is None:
        return
    if not store.declarations(run.id, COUNTS):
        ledger = load_ledger(file)
        refuse_unknown(ledger, CHECKS, ARCHITECTURES, LESSONS)
        _begin(store, run, ledger, fresh)
    claims = [item.content for item in store.declarations(run.id, "claim")]
    judged = store.verdicts(run.id)
    left = [claim for claim in claims if claim["id"] not in judged]
    if left:
        judging = Judging(JudgingDesk(store, executor, at, pace.lanes), run.id, left)
        judging.go(inf if pace.budget is None else pace.budget)
        say(f"{len(judging.judged)} of {len(left)} figures of the lecture that are counts were judged")


def _holds_counts(run: RunRow) -> bool:
    wish = Wish.of(asked(run.settings))
    narrowed = wish.suites or wish.architectures or wish.families or wish.measures or wish.learning.given
    return run.profile == "default" and not narrowed


def _begin(store: Store, run: RunRow, ledger: Ledger, fresh: bool) -> None:
    """Declare the claims with the run, and take over the verdicts of an earlier one, where it has them all."""
    entries = [entry for entry in ledger.entries if "check" in entry and _counts(entry)]
    chosen = sorted(entries, key=lambda entry: ledger.slides.index(entry["slide"]))
    code = _code_of(chosen)
    origin = "" if fresh else _kept(store, code, chosen)
    declared = [*snapshot(ledger, chosen), Declaration(COUNTS, "lecture", {_CODE: code, _ORIGIN: origin})]
    store.add_declarations(run.id, declared)
    kept = store.verdicts(origin)
    for entry in chosen if origin else ():
        store.add_verdict(run.id, entry["id"], kept[entry["id"]])


def _counts(entry: Entry) -> bool:
    return CHECKS.get(entry["check"]).kind == "counted"


def _code_of(chosen: Sequence[Entry]) -> str:
    """Digest of the claims, of what they quote, of the code of their checks and architectures, and of packages."""
    checks = {CHECKS.get(attempt).place for entry in chosen for attempt in _attempts(entry)}
    places = sorted(checks | {item.place for item in ARCHITECTURES})
    # works are data beside the code
    quoted = [CHECKS.get(LOOK_UP).function(**entry["quotes"]).value for entry in chosen if "quotes" in entry]
    return digest([code_digest(*places), [dict(entry) for entry in chosen], quoted])


def _attempts(entry: Entry) -> list[str]:
    others = [other["check"] for other in entry.get("alternatives", ()) if "check" in other]
    return [entry["check"], *others, *([LOOK_UP] if "quotes" in entry else ())]


def _kept(store: Store, code: str, chosen: Sequence[Entry]) -> str:
    """The newest run that judged all of the claims by the same code, where none failed; empty where none did."""
    for run in reversed(store.runs()):
        for item in store.declarations(run.id, COUNTS):
            found = store.verdicts(run.id)
            whole = all(entry["id"] in found and not found[entry["id"]]["failed"] for entry in chosen)
            if whole and item.content == {_CODE: code, _ORIGIN: ""}:
                return run.id
    return ""
