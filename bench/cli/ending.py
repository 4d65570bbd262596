"""How a run ended, in sentences, and the exit code that says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench.cell import STATUSES
from bench.cli.verb import show_command
from bench.errors import Exit
from bench.run.plan import is_on_cuda
from bench.store.database import RecordRow, Store
from bench.store.rows import by_cell
from bench.text.plain import in_brief

_BAD = ("failed", "oom", "timeout")


@dataclass(frozen=True)
class Ending:
    """What is said at the end of a run."""

    lines: tuple[str, ...]
    code: Exit
    """0, or 3 where a cell failed, no cell gave a figure or the budget ended first."""

    def tell(self, console: Console) -> None:
        """Print the sentences, each in a line however narrow the console is."""
        for line in self.lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def ending_of(store: Path, name: str, state: str, again: str, counts: bool) -> Ending:
    """Judge how a run ended.

    Want of memory fails a cell on the CPU; on a GPU, which has no more, it is what the cell was to find out.

    Args:
        store: file of the store that has it.
        name: id of the run.
        state: the state that it ended in.
        again: the command that goes on with the run.
        counts: whether to say how many cells were measured, and what shows them.

    Raises:
        StoreError: the store cannot be read.
    """
    with Store.open(store) as kept:
        records = kept.records(name)
        on_gpu = {row.cell.key for row in kept.cells(name) if is_on_cuda(row.cell)}
    too_large, bad = too_large_or_bad(records, on_gpu)
    nothing = without_figures(records)

    def lines() -> Iterator[str]:
        if too_large:
            yield (
                f"{too_large} of the cells did not fit into the GPU's memory, which tells of the GPU and fails no"
                " run: the records have the reasons"
            )
        if counts:
            yield _outcome(records, name, store)
        if state == "budget":
            yield f"the budget ended before all was measured: go on with {again}"
        if nothing:
            yield nothing

    return Ending(tuple(lines()), Exit.INCOMPLETE if bad or nothing or state != "complete" else Exit.OK)


def too_large_or_bad(records: Sequence[RecordRow], on_gpu: Container[str]) -> tuple[int, int]:
    """How many cells did not fit into a GPU's memory, and how many records have failed.

    Args:
        records: records of the run.
        on_gpu: keys of the cells that were to be measured on a GPU.
    """
    too_large = [row for row in records if row.status == "oom" and row.cell_key in on_gpu]
    bad = sum(row.status in _BAD for row in records) - len(too_large)
    return len({row.cell_key for row in too_large}), bad


def without_figures(records: Sequence[RecordRow]) -> str:
    """Sentence that no cell of a run has given a figure, with the most frequent reason; empty where one has."""
    if any(row.status == "ok" for row in records):
        return ""
    if not records:
        return "no cell gave a figure: none was measured in the time that there was"
    whys = Counter((row.status, row.reason) for row in records)
    (status, reason), count = whys.most_common(1)[0]
    return f"no cell gave a figure: {count} of {len(records)} {status}: {in_brief(reason, 200)}"


def _outcome(records: Sequence[RecordRow], name: str, store: Path) -> str:
    """How many cells were measured, taken over, failed, and what shows them."""
    count = Counter(map(_fate, by_cell(records).values()))
    said = [f"{count['measured']} measured", f"{count['taken over']} taken over from earlier runs"]
    said += [f"{count[status]} {status}" for status in STATUSES if count[status] or status == "failed"]
    return f"run {name}: {', '.join(said)}: {show_command(name, store)}"


def _fate(rows: Sequence[RecordRow]) -> str:
    good = [row for row in rows if row.status == "ok"]
    if not good:
        return rows[0].status
    return "taken over" if all(row.reused_from for row in good) else "measured"
