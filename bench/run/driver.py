"""Goes through the steps of a run: artifacts first, then the cell, then its record into the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.cell import Cell, Learning, Record, Status
from bench.clock import Stopwatch
from bench.declare.artifact import Artifact, Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES, declared_places
from bench.declare.declarations import Planned
from bench.declare.loading.code import remember_sources
from bench.errors import StoreError
from bench.execute.jobs import Given, Make, Measure
from bench.execute.local import Executor
from bench.execute.outcome import Outcome
from bench.learning.scenario import why_unfit
from bench.learning.weights.files import known_digests
from bench.learning.weights.preprocessing import known_preprocessing
from bench.run.disturbed import is_disturbed, noisy, reasons_of, settle
from bench.run.kept import cell_code, kept_record
from bench.run.plan import Step, wall_seconds
from bench.run.progress import RunProgress
from bench.run.runs import utc_now
from bench.run.shelf.limit import ArtifactsLimit
from bench.run.shelf.room import require_room
from bench.store.database import ArtifactRow, Store
from bench.words import images_are

LIMIT = 900.0
"""Seconds after which a job is killed, unless the user says otherwise."""
_TELLING: tuple[Status, ...] = ("unsupported", "oom")
"""What an artifact could end in that is told of the cells that need it, too; else they have failed."""


@dataclass(frozen=True)
class Pace:
    """How much time a run has."""

    budget: float | None = None
    """Wall seconds for the whole run; None takes what the plan declares."""
    limit: float = LIMIT
    """Wall seconds after which a single job is killed."""
    memory_limit: int | None = None
    """Bytes that a job on the CPU may allocate beyond what its process holds when it begins (Linux)."""


@dataclass(frozen=True)
class Desk:
    """What the driver works with."""

    store: Store
    run: str
    host_key: str
    shelf: Shelf
    executor: Executor
    progress: RunProgress
    fresh: bool = False
    """Measure even what a kept record could stand for."""
    limit: ArtifactsLimit | None = None
    """How large the artifacts may become."""


def drive(desk: Desk, steps: Iterable[Step], pace: Pace) -> str:
    """Measure what the run has no record of yet; returns its state: `complete`, or `budget` where time ran out.

    What an earlier run has kept is taken over first, so that the time left is that of real work.
    """
    remember_sources(declared_places())
    attempted = desk.store.past.attempted(desk.run)
    open_steps = [
        (step, replicate)
        for step in steps
        for replicate in range(step.planned.replicates)
        if (step.planned.cell.key, replicate) not in attempted
    ]
    to_measure: list[tuple[Step, int]] = []
    taken: list[Step] = []
    for step, replicate in open_steps:
        if _take_over(desk, step, replicate):
            taken.append(step)
        else:
            to_measure.append((step, replicate))
    _keep_data(desk, taken)
    known = {row.key: row.reason for row in desk.store.artifacts(desk.run) if row.status == "failed"}
    bench = _Bench(desk, pace, known, sum(wall_seconds(step.planned) for step, _ in to_measure))
    for step, replicate in to_measure:
        if not bench.measure(step, replicate):
            return "budget"
    return "complete"


def _take_over(desk: Desk, step: Step, replicate: int) -> bool:
    """Let a kept record stand for the cell, where it would come out the same again."""
    if desk.fresh or replicate > 0:
        return False
    if (record := kept_record(desk.store, step.planned.cell, desk.host_key)) is None:
        return False
    desk.store.add_record(desk.run, record)
    desk.progress.done(record, wall_seconds(step.planned))
    return True


def _keep_data(desk: Desk, steps: Iterable[Step]) -> None:
    """Write down, once each, the data sets of figures that are taken over: they are of this run, too."""
    data = in_order(a for step in steps for a in step.artifacts if a.kind == "dataset")
    for artifact in data:
        if details := _details(desk, artifact):
            desk.store.add_artifact(desk.run, ArtifactRow(artifact.key, str(artifact), "kept", "", 0.0, details))


def _details(desk: Desk, artifact: Artifact) -> dict[str, Any]:
    """What the shelf knows of an artifact; of the user's own images also what lies beside them and is not used.

    That is as it is now: another text among the images makes no other artifact.
    """
    details = desk.shelf.details(artifact)
    if artifact.kind == "dataset" and details:
        item = DATASETS.get(str(artifact["name"]))
        if item.left_out or item.notes:
            details |= {"left_out": [asdict(part) for part in item.left_out], "notes": list(item.notes)}
    return details


def _unfit(cell: Cell) -> Outcome | None:
    """The outcome of pictures that other architectures of the run take, but not this one."""
    item, scenario = ARCHITECTURES.get(cell.architecture), cell.scenario
    if isinstance(scenario, Learning):
        reason = why_unfit(item, scenario)
        return Outcome("unsupported", reason) if reason else None
    if scenario.resolution < item.min_resolution:
        return Outcome("unsupported", f"{item.name} takes pictures of {item.min_resolution} px or more")
    return None


class _BudgetOver(Exception):
    """The budget ended while a job ran."""


class _Bench:
    """The state of one pass: the clock of the budget, and which artifacts are ready or failed."""

    def __init__(self, desk: Desk, pace: Pace, failed: dict[str, str], expected: float) -> None:
        self._desk = desk
        self._pace = pace
        self._failed = failed
        self._ready: set[str] = set()
        self._warned: set[str] = set()
        self._expected_left = expected
        self._watch = Stopwatch()

    def measure(self, step: Step, replicate: int) -> bool:
        """Get the record of one replicate of a cell into the store; False where the budget is over."""
        if self._budget_left() <= 0:
            return False
        require_room(self._desk.store.path.parent)
        try:
            record = self._measured(step, replicate)
        except _BudgetOver:  # a cell that the budget cut off has not been tried: --resume begins it anew
            return False
        self._desk.store.add_record(self._desk.run, record)
        self._desk.progress.done(record, wall_seconds(step.planned))
        self._warn(record.cell, record.details)
        self._expected_left -= wall_seconds(step.planned)
        return True

    def _warn(self, what: object, details: Mapping[str, Any]) -> None:
        """Tell each warning once, of the first that it came with."""
        for warning in details.get("warnings", ()):
            if warning not in self._warned:
                self._desk.progress.note(f"warning: {what}: {warning}")
                self._warned.add(warning)

    def _measured(self, step: Step, replicate: int) -> Record:
        cell = step.planned.cell
        watch, started = Stopwatch(), utc_now()
        outcome = _unfit(cell) or self._without_artifacts(step) or self._undisturbed(step)
        return Record(
            cell=cell,
            replicate=replicate,
            status=outcome.status,
            unit=MEASURES.get(cell.measure).unit,
            provenance=MEASURES.get(cell.measure).provenance,
            values=outcome.values,
            warmup=outcome.warmup,
            reason=outcome.reason,
            details=outcome.details,
            pictures=outcome.pictures,
            images=outcome.images,
            code=cell_code(cell),
            started=started,
            seconds=watch.seconds,
        )

    def _undisturbed(self, step: Step) -> Outcome:
        """Measure a cell; a disturbed timing once more, where no other cell needs that part of the budget."""
        cell, allowance = step.planned.cell, self._allowance(step.planned)
        first = self._run(cell, allowance)
        if not is_disturbed(MEASURES.get(cell.measure), first):
            return first
        if self._budget_left() < self._expected_left:
            return noisy(first)
        self._desk.progress.note(f"disturbed, measured again: {cell}: {'; '.join(reasons_of(first))}")
        try:
            return settle(first, self._run(cell, allowance))
        except _BudgetOver:  # the first is a record all the same
            return noisy(first)

    def _run(self, cell: Cell, allowance: float) -> Outcome:
        return self._submit(Measure(cell, allowance, self._given), str(cell))

    def _without_artifacts(self, step: Step) -> Outcome | None:
        """Make what the cell needs; the cell's outcome where that cannot be had."""
        for artifact in step.artifacts:
            reason = self._make(artifact, step.planned.cell.scenario.threads)
            if reason:
                status: Status = next((known for known in _TELLING if reason.startswith(f"{known}: ")), "failed")
                if status == "unsupported":  # its words are of the cell as much as of what it needs
                    return Outcome(status, reason.removeprefix("unsupported: "))
                return Outcome(status, f"needs {artifact}, which could not be made: {reason}")
        return None

    def _make(self, artifact: Artifact, threads: int) -> str:
        """Have the artifact on the shelf; returns why not, or nothing."""
        if artifact.key in self._failed:
            return self._failed[artifact.key]
        if artifact.key in self._ready:
            return ""
        self._tell_two_labels(artifact)
        watch = Stopwatch()
        outcome, status = None, "kept"
        if not self._desk.shelf.holds(artifact):
            outcome, status = self._submit(Make(artifact, threads, self._given), str(artifact)), "made"
            self._warn(artifact, outcome.details)
        reason = ""
        if outcome is not None and outcome.status != "ok":
            prefix = f"{outcome.status}: " if outcome.status in _TELLING else ""
            reason, status = prefix + outcome.reason, "failed"
            self._failed[artifact.key] = reason
        else:
            self._ready.add(artifact.key)
        details = {} if reason else _details(self._desk, artifact)
        self._tell(artifact, details)
        if outcome is not None and "settings_undone" in outcome.details:
            details = {**details, "settings_undone": outcome.details["settings_undone"]}
        row = ArtifactRow(artifact.key, str(artifact), status, reason, watch.seconds, details)
        self._desk.store.add_artifact(self._desk.run, row)
        if status == "made" and self._desk.limit is not None:
            self._desk.limit.keep()
        return reason

    def _tell_two_labels(self, artifact: Artifact) -> None:
        """Tell of pictures with several labels once a data set, before hours of work rest on them."""
        lines = DATASETS.get(artifact["name"]).two_labels() if artifact.kind == "dataset" else ()
        if lines and artifact["name"] not in self._warned:
            self._warned.add(artifact["name"])
            number = "1 image has" if len(lines) == 1 else f"{len(lines)} images have"
            self._desk.progress.note(
                f"{number} several labels in {artifact['name']}, and an answer can match but one of them: "
                f"{'; '.join(lines[:3])}; leave each under one label"
            )

    def _tell(self, artifact: Artifact, details: dict[str, Any]) -> None:
        name, note = dict(artifact.spec).get("name", artifact), self._desk.progress.note
        if details.get("bad_images"):
            first = "; ".join(details["bad_first"][:3])
            note(f"{images_are(details['bad_images'])} left out of {name}: {first}")
        if animated := details.get("kinds", {}).get("animated"):
            note(f"{images_are(animated)} animated in {name}: the first picture of each is used")
        if details.get("straddling"):
            where = f"also among the test images of {name}: not trained on"
            note(f"{images_are(details['straddling'])} {where}")

    @property
    def _given(self) -> Given:
        shelf, limit = self._desk.shelf.folder, self._pace.memory_limit
        return Given(shelf, limit, DATASETS.handed(), known_digests(), known_preprocessing())

    def _submit(self, job: Measure | Make, what: str) -> Outcome:
        self._desk.progress.now(what)
        outcome = self._desk.executor.submit(
            job,
            max(0.0, min(self._pace.limit, self._budget_left())),
            lambda frame: self._desk.progress.inside(what, frame),
        )
        if outcome.status == "timeout" and self._budget_left() <= 0:
            raise _BudgetOver
        if outcome.disk_full:
            raise StoreError(f"no space left: {outcome.reason}: free some, as with evobench clean, then --resume")
        return outcome

    def _budget_left(self) -> float:
        return float("inf") if self._pace.budget is None else self._pace.budget - self._watch.seconds

    def _allowance(self, planned: Planned) -> float:
        """Seconds for a cell: what is declared, or its share of what is left of the budget where that is less."""
        return planned.expected * min(1.0, self._budget_left() / max(self._expected_left, wall_seconds(planned)))
