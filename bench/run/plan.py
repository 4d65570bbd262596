"""The way from suites to the ordered cells of a run. Pure: nothing is measured, read or written."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, fields, replace

from bench.cell import Cell
from bench.declare.artifact import Artifact, in_order
from bench.declare.catalog import ARCHITECTURES, COMPARISONS, MEASURES, SUITES, SWEEPS
from bench.declare.declarations import Planned, Setting
from bench.declare.places import foreign
from bench.errors import NothingPlanned, UnknownName, UsageError
from bench.run.axes import Axes, check_resolutions, check_use, multiplied, passed_over
from bench.run.quadrants import QUADRANTS

PLAIN = Axes()
"""No conditions of the user's own: just what the suites plan."""


@dataclass(frozen=True)
class Selection:
    """Selection from the suites; an empty field selects everything."""

    suites: tuple[str, ...]
    architectures: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanStep:
    """A planned cell with the suites that it belongs to."""

    planned: Planned
    suites: tuple[str, ...]

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All artifacts that must exist before the cell is measured, in the order of their needs."""
        cell = self.planned.cell
        item = MEASURES.get(cell.measure)
        with foreign(f"measure '{item.name}'", item.place):
            return in_order(item.artifacts(cell))


def plan(selection: Selection, setting: Setting, axes: Axes = PLAIN) -> tuple[PlanStep, ...]:
    """The cells of the selected suites in order, multiplied by the axes; one that two suites want is there once.

    Raises:
        UnknownName: a suite, architecture, family or measure that is not declared.
        NothingPlanned: nothing is left to measure.
        UsageError: a resolution is too small for all that is, or a suite, comparison
            or sweep is not sound.
    """
    _check(selection)
    steps = _steps(selection, setting, axes)
    if not steps:
        asked = f"{', '.join(selection.suites)} in profile {setting.profile}"
        raise NothingPlanned(f"nothing to measure: no cell of {asked} matches the filters")
    found = [step.planned for step in steps]
    check_use(found, axes, setting.learning)
    check_resolutions(found, axes)
    for name in passed_over(found, setting.learning):
        _require_used(name, steps, selection, setting, axes)
    return steps


def _require_used(
    name: str, steps: tuple[PlanStep, ...], selection: Selection, setting: Setting, axes: Axes
) -> None:
    """Refuse a condition of learning that the suites do not read: without it they plan the same cells.

    Raises:
        UsageError: they do.
    """
    try:
        others = _steps(selection, replace(setting, learning=setting.learning.without(name)), axes)
    except UsageError:  # nothing could be planned without it
        return
    if steps == others:
        fixed = f"fixed by {', '.join(selection.suites)}"
        raise UsageError(f"nothing that is planned depends on the {name.replace('_', ' ')} ({fixed})")


def plan_of_known(selection: Selection, setting: Setting, axes: Axes = PLAIN) -> tuple[PlanStep, ...]:
    """The cells that are planned here of what another revision was asked for.

    That revision has checked the question. So names that are not declared here are passed over, and a condition
    on which nothing depends is not a fault; where of one kind no name is known, nothing is planned.
    """
    known = Selection(
        suites=_declared(selection.suites, SUITES.get),
        architectures=_declared(selection.architectures, ARCHITECTURES.get),
        families=_declared(selection.families, _family),
        measures=_declared(selection.measures, MEASURES.get),
    )
    given = [(getattr(selection, f.name), getattr(known, f.name)) for f in fields(Selection)]
    return () if any(asked and not found for asked, found in given) else _steps(known, setting, axes)


def _steps(selection: Selection, setting: Setting, axes: Axes) -> tuple[PlanStep, ...]:
    chosen = told(selection, setting)
    selection = replace(selection, architectures=chosen.chosen)
    steps: dict[str, PlanStep] = {}
    for name in selection.suites:
        wanted = [planned for planned in SUITES.get(name).cells(chosen) if _wanted(planned, selection)]
        for planned in multiplied(wanted, axes):
            known = steps.get(planned.cell.key)
            suites = dict.fromkeys((*known.suites, name) if known else (name,))
            steps[planned.cell.key] = PlanStep(known.planned if known else planned, tuple(suites))
    return tuple(steps.values())


def told(selection: Selection, setting: Setting) -> Setting:
    """The setting with what the user named, as suites and lessons are told it."""
    # a variant has one spelling: options by name
    names = tuple(ARCHITECTURES.get(name).name for name in selection.architectures)
    return replace(setting, chosen=names, families=selection.families)


def is_on_cuda(cell: Cell) -> bool:
    """Whether the cell's scenario is for a GPU."""
    return cell.scenario.device.startswith("cuda")


def left(steps: Iterable[PlanStep], attempted: Container[tuple[str, int]]) -> tuple[PlanStep, ...]:
    """The steps with the processes that have not been tried yet (`attempted`: cell key and replicate)."""
    found = []
    for step in steps:
        planned = step.planned
        missing = sum((planned.cell.key, i) not in attempted for i in range(planned.replicates))
        if missing:
            found.append(replace(step, planned=replace(planned, replicates=missing)))
    return tuple(found)


def cells_of(steps: Iterable[PlanStep]) -> list[Cell]:
    """The cells of the steps, in order."""
    return [step.planned.cell for step in steps]


def _check(selection: Selection) -> None:
    for name in selection.suites:
        SUITES.get(name)
    for name in selection.measures:
        MEASURES.get(name)
    for name in selection.families:
        _family(name)
    # the snapshot of every run holds them: what is wrong with one must be said before anything is measured
    for comparison in COMPARISONS:
        comparison.sides()
    for sweep in SWEEPS:
        sweep.points()
    for quadrant in QUADRANTS:
        quadrant.tasks()


def _family(name: str) -> None:
    families = {item.family for item in ARCHITECTURES}
    if name.lower() not in {family.lower() for family in families}:
        raise UnknownName("family", name, families)


def _declared(names: Iterable[str], find: Callable[[str], object]) -> tuple[str, ...]:
    """The names that are declared."""
    known: list[str] = []
    for name in names:
        try:
            find(name)
        except UsageError:
            continue
        known.append(name)
    return tuple(known)


def _wanted(planned: Planned, selection: Selection) -> bool:
    item = ARCHITECTURES.get(planned.cell.architecture)
    families = {family.lower() for family in selection.families}
    return (
        (not selection.architectures or item.name in selection.architectures)
        and (not families or item.family.lower() in families)
        and (not selection.measures or planned.cell.measure in selection.measures)
    )
