"""Conditions that the user varies: each list multiplies the planned cells of cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bench.cell import BEST, Cell, Cost, Learning
from bench.declare.beyond.variants import SIZE, options_of
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import COST_AXES, Planned
from bench.declare.learning_axes import NOTHING, SHARED, LearningAxes, in_order
from bench.errors import UsageError
from bench.learning.weights.shipped import PRETRAINED, shipped


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Values of the conditions of cost; an empty list leaves what the suites plan."""

    precision: tuple[str, ...] = ()
    memory_format: tuple[str, ...] = ()
    execution: tuple[str, ...] = ()
    autotune: tuple[bool, ...] = ()
    batch: tuple[int, ...] = ()
    resolution: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()


def multiplied(planned: Iterable[Planned], axes: Axes) -> Iterator[Planned]:
    """Every varied cell of cost once for each combination of the values that its measure depends on; others stay.

    The best batch is left to the measures that find it: others keep their own batch for it.
    """
    for item in planned:
        if item.varied and isinstance(item.cell.scenario, Cost):
            yield from _combinations(item, item.cell.scenario, axes)
        else:
            yield item


def check_use(planned: Sequence[Planned], axes: Axes, learning: LearningAxes = NOTHING) -> None:
    """Refuse a list of conditions that changes nothing of what is planned.

    Raises:
        UsageError: no measure of the plan depends on it, no cell has an execution, or none finds the best batch.
    """
    varied = [p.cell for p in planned if p.varied and isinstance(p.cell.scenario, Cost)]
    measures = [MEASURES.get(cell.measure) for cell in varied]
    learned = [scenario for item in planned for scenario in _as_asked(item.cell)]
    idle = list(learning.idle(learned))
    for name in COST_AXES:
        used = any(name in item.depends_on for item in measures)
        used |= name in SHARED and learning.held(name, learned)
        # threads are the whole run's, too
        if getattr(axes, name) and name != "threads" and not used:
            idle.append(name)
    if idle:
        raise UsageError(f"nothing that is planned depends on the {idle[0].replace('_', ' ')}")
    for execution in axes.execution:
        if all(item.cell.scenario.execution != execution for item in planned):
            raise UsageError(f"nothing that is planned is executed as '{execution}'")
    if axes.batch == (BEST,) and not any(item.finds_batch for item in measures):
        raise UsageError("the best batch is a question for throughput, which is not planned here")


def passed_over(planned: Iterable[Planned], learning: LearningAxes) -> tuple[str, ...]:
    """Names of the given conditions of learning of which a planned cell has another value."""
    learned = [found for item in planned if (found := tuple(_as_asked(item.cell)))]
    return tuple(name for name in learning.named if not all(learning.held(name, found) for found in learned))


def _as_asked(cell: Cell) -> Iterator[Learning]:
    """The scenario of learning in every wording that asks for it: shipped weights have two names."""
    if isinstance(where := cell.scenario, Learning):
        yield where
        if shipped(ARCHITECTURES.get(cell.architecture), PRETRAINED) == where.weights:
            yield replace(where, weights=PRETRAINED)


def check_resolutions(planned: Sequence[Planned], axes: Axes) -> None:
    """Refuse a resolution that no planned architecture takes; one that some take is theirs to answer.

    Raises:
        UsageError: no architecture takes it; the message names the least resolution that one of them takes.
    """
    for side in axes.resolution:
        names = [item.cell.architecture for item in planned if item.cell.scenario.resolution == side]
        least = {name: ARCHITECTURES.get(name).min_resolution for name in names}
        if least and min(least.values()) > side:
            name = min(least, key=lambda name: least[name])
            raise UsageError(f"{side} px is under the minimum: {name} takes {least[name]} px or more")


def _combinations(item: Planned, cost: Cost, axes: Axes) -> Iterator[Planned]:
    measure = MEASURES.get(item.cell.measure)
    chosen: dict[str, tuple[Any, ...]] = {name: getattr(axes, name) for name in measure.depends_on}
    if not measure.finds_batch and BEST in chosen.get("batch", ()):
        # under another name the same cell: plan() takes it once
        chosen["batch"] = tuple(dict.fromkeys(batch or cost.batch for batch in chosen["batch"]))
    varied = {name: values for name, values in chosen.items() if values}
    for values in product(*varied.values()):
        yield _changed(item, cost, dict(zip(varied, values, strict=True)))


def _changed(item: Planned, cost: Cost, values: dict[str, Any]) -> Planned:
    where = replace(cost, **values)
    if where.device.startswith("cuda") and "memory_format" not in values:
        where = in_order(where)
    name = sized(item.cell.architecture, where.resolution) if "resolution" in values else item.cell.architecture
    return replace(item, cell=replace(item.cell, architecture=name, scenario=where))


def sized(name: str, side: int) -> str:
    """The architecture or, where the side of its input (pixels) is an option of it, its variant of that side."""
    item = ARCHITECTURES.get(name)
    if side == item.resolution or SIZE not in options_of(item.build):
        return name
    base, _, options = item.name.partition(":")
    others = [option for option in options.split(",") if option and not option.startswith(f"{SIZE}=")]
    return ARCHITECTURES.get(f"{base}:{','.join([*others, f'{SIZE}={side}'])}").name
