"""Results of a gate beside its verdicts, kept in the run of its head so that they can be printed again."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.compare.gate.decided import JUDGEMENT, kept, readable
from bench.compare.judgement import Judgement, judgement_of
from bench.errors import Exit
from bench.machine.host import fingerprint, host_key
from bench.run.runs import new_id, utc_now
from bench.store.database import RunRow, Store
from bench.store.rows import REGRESS


def gates(store: Store) -> tuple[RunRow, ...]:
    """The heads of all gates, the oldest first."""
    return tuple(run for run in store.runs() if _made(run).get("role") == "head")


def job_of(head: RunRow) -> str:
    """The key of the job that a gate was; empty where it had none."""
    return str(_made(head).get("key", ""))


def keep_judgement(store: Store, head: str, judgement: Judgement) -> None:
    """Commit what a gate told beside its verdicts, in the run of its head."""
    content = {
        "base": judgement.base,
        "head": judgement.head,
        "fail_on": sorted(judgement.fail_on),
        "notes": list(judgement.notes),
        "accepted": dict(judgement.accepted),
        "ended": int(judgement.ended),
    }
    store.add_verdict(head, JUDGEMENT, content)


def keep_unmeasured(path: Path, judgement: Judgement) -> None:
    """Keep a judgement of a gate that measured nothing, in a run of its own without cells.

    Raises:
        StoreError: the store cannot be written.
    """
    host, name = fingerprint({}), new_id()
    made = {"role": "head", "runs": {"head": name}, "key": judgement.key}
    command = shlex.join(["evobench", *sys.argv[1:]])
    with Store.create(path) as store:
        store.begin_run(RunRow(name, utc_now(), REGRESS, command, host, host_key(host), {REGRESS: made}), (), ())
        keep_judgement(store, name, judgement)
        store.end_run(name, "complete", utc_now())


def accepted_of(store: Store, head: RunRow) -> Mapping[str, str]:
    """Reasons why changes are accepted, by the keys of the cells, as the gate of this head gave them; empty for
    other runs.

    Raises:
        StoreError: what is kept cannot be understood.
    """
    content = store.verdicts(head.id).get(JUDGEMENT) if _made(head).get("role") == "head" else None
    with readable(store, f"the judgement of run {head.id}"):
        return _accepted(content) if content else {}


def judgement_kept(store: Store, head: RunRow) -> Judgement | None:
    """The judgement of a gate as it was told; None where it was cut off before, or an older evobench kept none.

    Raises:
        StoreError: what is kept cannot be understood.
    """
    content = store.verdicts(head.id).get(JUDGEMENT)
    if content is None:
        return None
    base = _made(head)["runs"].get("base")
    found = kept(store, store.run(base), head) if base else ()
    with readable(store, f"the judgement of run {head.id}"):
        told = judgement_of(
            store,
            base or head.id,
            head.id,
            found,
            frozenset(content["fail_on"]),
            content["notes"],
            (content["base"], content["head"]),
        )
        return replace(told, accepted=_accepted(content), ended=Exit(content["ended"]), key=job_of(head))


def _accepted(content: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(reason) for key, reason in content["accepted"].items()}


def _made(run: RunRow) -> Mapping[str, Any]:
    """Facts about the gate that a run of it keeps."""
    made: Mapping[str, Any] = run.settings.get(REGRESS, {})
    return made
