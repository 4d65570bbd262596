"""A run beside a reference run of another machine: described with ratios, and judged in nothing but counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Literal

from bench.cell import Cell, Cost, digest
from bench.compare.hosts import difference_of
from bench.compare.protocol import code_differences
from bench.compare.runs import RunSide, sides_of
from bench.declare.nature import Nature
from bench.errors import Exit, NotComparable, StoreError
from bench.statistics import intervals as stats
from bench.store.database import RunRow, Store
from bench.store.opening import is_store
from bench.store.outcome import figure_of
from bench.store.reference.form import OF_HOST
from bench.store.reference.reading import is_reference

Found = Literal["equal", "differs", "within", "outside", "described"]
"""Result for a count: `equal` or `differs`; for an accuracy: `equal`, `within` the reference's interval or
`outside`; for any other figure: `described` by its ratio."""
_FILES = (".json", ".sqlite")


@dataclass(frozen=True)
class Beside:
    """One cell as the reference run has it, and as this run has it."""

    cell: Cell
    """The cell as this run planned it."""
    unit: str
    nature: Nature
    base: float
    """Figure of the reference run."""
    head: float
    found: Found
    factor: float | None = None
    """Factor by which this machine takes longer, for times and rates; for other figures this run's over the
    reference's. None where the reference's is 0."""
    low: float | None = None
    high: float | None = None
    """Interval of 95 %: of the factor, where both runs had several processes; of the reference's accuracy."""
    note: str = ""


@dataclass(frozen=True)
class Described:
    """A run beside a reference run."""

    base: RunRow
    head: RunRow
    cells: tuple[Beside, ...]
    """Cells of which both have a figure, in the order of this run's plan."""
    missing: Mapping[str, int]
    """How many further cells of the reference run have a figure there, by their status in this run."""
    alone: int
    """How many cells with a figure this run alone has."""
    code: tuple[str, ...]
    """Measures whose code differs, in words."""

    @property
    def is_one_host(self) -> bool:
        """Whether both were measured on one machine with equal software."""
        return self.base.host_key == self.head.host_key

    @property
    def hosts(self) -> str:
        """What differs between both hosts, in words; empty where nothing does."""
        if self.is_one_host:
            return ""
        both = [{name: run.host[name] for name in OF_HOST if name in run.host} for run in (self.base, self.head)]
        return difference_of(*both)

    @property
    def exit_code(self) -> Exit:
        """1 where a count differs: of another machine nothing else is a fault."""
        return Exit.REGRESSION if self.of("differs") else Exit.OK

    def of(self, *found: Found) -> tuple[Beside, ...]:
        """The cells of which that was found."""
        return tuple(item for item in self.cells if item.found in found)

    @cached_property
    def speeds(self) -> Mapping[str, float]:
        """By network how many times as long this machine takes: the median over its times and rates."""
        return _medians([item for item in self.cells if item.nature.is_speed])

    @cached_property
    def sizes(self) -> Mapping[str, float]:
        """By network how many times as much memory it takes: the median over its peaks."""
        return _medians([item for item in self.cells if item.nature is Nature.SIZE])


def _medians(cells: Sequence[Beside]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for item in cells:
        if item.factor is not None:
            found.setdefault(item.cell.architecture, []).append(item.factor)
    return {name: median(factors) for name, factors in found.items()}


def names_file(name: str) -> bool:
    """Whether the base of a comparison is named as a file is, not as a run of the store."""
    return name.endswith(_FILES)


def open_reference(name: str | Path) -> Store:
    """The file of a reference run, as a store with that run alone.

    Raises:
        StoreError: there is no such file, it is not a reference run, or it is damaged.
    """
    path = Path(name)
    if is_store(path):
        raise StoreError(f"'{path}' is a store: bring its runs into yours (evobench import), and name one of them")
    if not path.is_file():
        raise StoreError(f"there is no reference run '{path}'")
    if not is_reference(path):
        raise StoreError(f"'{path}' is not a reference run (evobench export --reference writes one)")
    return Store.open(path)


def describe(reference: Store, store: Store, name: str) -> Described:
    """Put a run beside a reference run, cell by cell.

    The number of threads need not be equal, as it is by default that of the machine's CPUs. Where one of the runs
    has a condition with several numbers of threads, only cells with equal numbers are compared.

    Args:
        reference: the store that `open_reference` gives.
        store: the store that holds the run.
        name: the run's id, a unique beginning of the id, a baseline's name, or `latest`.

    Raises:
        NotComparable: they have no figure in common.
        StoreError: one of them cannot be read.
        UnknownName: there is no such run.
    """
    (base,) = reference.runs()
    head = store.run(name)
    theirs = {side.cell.key: side for side in sides_of(reference, base) if side.value is not None}
    ours = sides_of(store, head)
    by_conditions = _but_for_threads(theirs.values(), ours)
    cells: list[Beside] = []
    missing: dict[str, int] = {}
    met: set[str] = set()
    alone = 0
    for side in ours:
        found = theirs.get(side.cell.key) or by_conditions.get(_conditions(side.cell))
        if found is None:
            alone += side.value is not None
            continue
        met.add(found.cell.key)
        if side.value is None:
            missing[side.outcome.status] = missing.get(side.outcome.status, 0) + 1
            continue
        cells.append(_beside(found, side))
    if not cells:
        raise NotComparable(f"reference run {base.id} and run {head.id} have no figure in common")
    if left := len(theirs.keys() - met):
        missing["not planned"] = left
    code = code_differences((reference, base), (store, head), {item.cell.measure for item in cells})
    return Described(base, head, tuple(cells), missing, alone, code)


def _but_for_threads(theirs: Iterable[RunSide], ours: Iterable[RunSide]) -> dict[str, RunSide]:
    """The reference's cells by their conditions, of those that each run has with one number of threads."""
    several = {
        name
        for sides in (theirs, ours)
        for name, number in Counter(_conditions(side.cell) for side in sides).items()
        if number > 1
    }
    by_conditions = {_conditions(side.cell): side for side in theirs}
    return {name: side for name, side in by_conditions.items() if name not in several}


def _conditions(cell: Cell) -> str:
    """Identity of a cell but for its threads."""
    return digest(replace(cell, scenario=replace(cell.scenario, threads=0)).to_dict())


def _beside(base: RunSide, head: RunSide) -> Beside:
    before, after = base.value or 0.0, head.value or 0.0
    known = Beside(
        head.cell, head.unit, head.nature, before, after, "described", note="; ".join(_notes(base, head))
    )
    if head.is_exact:
        return replace(known, found="equal" if before == after else "differs", factor=_over(after, before))
    if head.nature is Nature.SHARE:
        return _accuracy(known, base, head)
    if head.nature is Nature.PICTURES or base.batch != head.batch:
        return known
    turned = head.nature is Nature.RATE
    factor = _over(before, after) if turned else _over(after, before)
    old, new = (head.medians, base.medians) if turned else (base.medians, head.medians)
    interval = stats.ratio_interval(old, new)
    return replace(
        known, factor=factor, low=interval.low if interval else None, high=interval.high if interval else None
    )


def _over(value: float, other: float) -> float | None:
    return value / other if other else None


def _accuracy(known: Beside, base: RunSide, head: RunSide) -> Beside:
    """Compare accuracies over as many test images: whether as many are right, or how likely the reference's allows
    it."""
    images = [sum(row.n for row in side.good) for side in (base, head)]
    if images[0] != images[1]:
        return replace(
            known, note="; ".join(filter(None, (f"{images[0]} and {images[1]} test images", known.note)))
        )
    figure = figure_of(base.nature, base.good)
    found: Found = "described"
    if round(known.base * images[0]) == round(known.head * images[1]):
        found = "equal"
    elif figure.low is not None and figure.high is not None:
        found = "within" if figure.low <= known.head <= figure.high else "outside"
    return replace(known, found=found, low=figure.low, high=figure.high)


def _notes(base: RunSide, head: RunSide) -> Iterator[str]:
    """What a reader must know of a pair."""
    threads = [side.cell.scenario.threads for side in (base, head)]
    if threads[0] != threads[1] and isinstance(head.cell.scenario, Cost) and not head.is_exact:
        yield f"{threads[0]} and {threads[1]} threads"
    if base.batch != head.batch:
        yield f"batches of {base.batch} and {head.batch} images: one was halved for want of memory"
    noisy = [any(row.details.get("noisy") for row in side.good) for side in (base, head)]
    if any(noisy):
        yield "noisy in both" if all(noisy) else "noisy in the reference" if noisy[0] else "noisy here"
