"""A run that was just measured against a baseline, which was measured earlier."""

from __future__ import annotations

from collections.abc import Iterator

from bench.compare.judgement import Judgement, judgement_of
from bench.compare.runs import compare, differences
from bench.errors import NotComparable, UnknownName, UsageError
from bench.run.origins import asked
from bench.run.runs import Wish
from bench.store.database import LATEST, RunRow, Store
from bench.store.rows import AUDIT, REGRESS
from bench.words import moment


def base_of(store: Store, name: str) -> RunRow:
    """The run that a baseline stands for, or the run of that id or unique beginning of one.

    Raises:
        NotComparable: there is no such baseline, or the store is empty; the message offers the nearest name.
        UsageError: the name is `latest`, which is the new run once that has begun.
        StoreError: several runs begin so.
    """
    if name == LATEST:
        raise UsageError(f"'{LATEST}' will be the new run itself: name a baseline (evobench baseline list)")
    if not store.runs():
        raise NotComparable(f"no baseline '{name}': store '{store.path}' holds no run yet")
    try:
        return store.run(name)
    except UnknownName as error:
        raise NotComparable(str(error).replace("unknown run", "unknown baseline", 1)) from error


def against(store: Store, name: str, head: RunRow | str, tolerance: float, force: bool) -> Judgement:
    """Compare a run with a baseline of the same store.

    Args:
        store: the store that holds both runs.
        name: the baseline, or a run.
        head: the run to judge: itself, its id, or a unique beginning of one.
        tolerance: share by which a time or a peak may grow and still be fine.
        force: compare although host or protocol differ; the notes say what was ignored.

    Raises:
        NotComparable: there is no such baseline, it has no cell of the run, or host or protocol differ.
        UnknownName: there is no such run.
    """
    base = base_of(store, name)
    judged = head if isinstance(head, RunRow) else store.run(head)
    if base.id == judged.id:
        raise NotComparable(f"baseline '{name}' is run {base.id} itself: there is nothing to compare")
    found = compare(store, base.id, judged.id, tolerance, force)
    return judgement_of(
        store,
        base.id,
        judged.id,
        found,
        notes=tuple(_notes(store, name, base, judged)),
        names=(name, judged.id),
    )


def _notes(store: Store, name: str, base: RunRow, head: RunRow) -> Iterator[str]:
    if name != base.id:
        yield f"'{name}' is run {base.id} of {moment(base.started)}"
    for difference in differences(store, base, head):
        yield f"ignored: {difference}"
    before, after = ({row.cell.key for row in store.cells(run.id)} for run in (base, head))
    if before - after:
        yield f"{len(before - after)} cells of the baseline are not in the new run"
    if after - before:
        yield f"{len(after - before)} cells of the new run are not in the baseline"


def wish_again(run: RunRow) -> Wish:
    """The request with which a run began, to repeat it; its catalogues must be loaded first.

    Raises:
        UsageError: the run measured nothing on its own, or was asked for something that is not known here.
    """
    if run.profile in (AUDIT, REGRESS):
        what = "an audit" if run.profile == AUDIT else "one side of a comparison"
        raise UsageError(f"run {run.id} is {what}: it cannot be measured again for comparison")
    try:
        return Wish.of(asked(run.settings))
    except UsageError as error:
        raise UsageError(f"run {run.id} cannot be asked for again: {error}") from error
