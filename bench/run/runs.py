"""Beginning a run, and finding the one to go on with."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from bench.cell import BEST, FORMATS
from bench.data.reading import PLAIN, Reading
from bench.declare.declarations import Planned, Profile, Setting
from bench.declare.learning_axes import NOTHING, SHARED, LearningAxes
from bench.declare.loading.guard import MOST
from bench.errors import NotComparable, UsageError
from bench.execute.accelerator import see_accelerator
from bench.foreign import whole_number
from bench.learning.scenario import WAYS
from bench.learning.words import check_words
from bench.machine.host import available_cpus, host_key
from bench.run.axes import Axes
from bench.run.origins import SETTING, files_of, is_asked_for, load_catalogs_of
from bench.run.plan import PlanStep, Selection, cells_of, plan
from bench.run.shelf.beside import name_of_run
from bench.run.snapshot import cell_rows, declarations
from bench.store.database import Declaration, RunRow, Store
from bench.store.rows import AUDIT, REGRESS, is_resumable

DEFAULT_SUITES = ("evolution", "transfer", "lecture")
LEARNING_SUITES = ("transfer",)
"""Suites that conditions of learning select where no suite is named."""
MARGIN = 1.0
"""Percentage points of accuracy up to which a difference does not matter, where nobody says another."""


@dataclass(frozen=True, kw_only=True)
class Wish(Axes):
    """Request of the user: what to measure, and under which conditions; an empty field takes its default."""

    suites: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    catalogs: tuple[str, ...] = ()
    profile: Profile | None = None
    device: str | None = None
    data: str = ""
    """The folder of downloaded data sets."""
    on_bad_image: str = ""
    reading: Reading = PLAIN
    """How the user's own images are read."""
    learning: LearningAxes = NOTHING
    """Conditions of learning that are not conditions of cost as well; those stand with the costs."""
    margin: float = 0.0
    """Percentage points of accuracy up to which two ways of learning make no difference that matters; 0:
    `MARGIN`."""

    @property
    def margin_share(self) -> float:
        """The margin as a share of one."""
        return (self.margin or MARGIN) / 100

    def given(self) -> dict[str, Any]:
        """The fields that are not left empty, those of learning among them, as plain data."""
        values = asdict(self)
        values["reading"] = self.reading.to_dict()
        values |= {name: value for name, value in values.pop("learning").items() if name not in SHARED}
        if (
            len(values["lr"]) == 1
        ):  # as it was written when there could be one alone, and is read by such revisions
            (values["lr"],) = values["lr"]
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Wish:
        """Inverse of `given`.

        Raises:
            UsageError: a field is among them that is not known here.
        """
        learning = {field.name for field in fields(LearningAxes)}
        own = {field.name for field in fields(cls)} - {"learning"}
        unknown = sorted(given.keys() - own - learning)
        if unknown:
            raise UsageError(f"'{unknown[0]}' is not known to this evobench")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        if isinstance(values.get("lr"), float | int):
            values["lr"] = (values["lr"],)
        # what cost and learning share is kept once, with cost
        of_learning: dict[str, Any] = {name: value for name, value in values.items() if name in learning - own}
        of_wish: dict[str, Any] = {name: value for name, value in values.items() if name in own}
        return cls(**{**of_wish, "reading": reading_of(given)}, learning=LearningAxes(**of_learning))

    def steps(self) -> tuple[PlanStep, ...]:
        """The plan of a new run.

        Raises:
            UsageError: a name that is not declared, a file that is not there, or nothing to measure.
        """
        return plan(*self.question(), axes=self)

    def question(self) -> tuple[Selection, Setting]:
        """Selection of suites and the setting in which they are measured.

        Raises:
            UsageError: a device or a condition that is not known here, or a file that is not there.
        """
        device = self.device or "cpu"
        kind, _, index = device.partition(":")
        if kind not in ("cpu", "cuda", "mps") or (index and whole_number(index) is None):
            raise UsageError(f"unknown device '{device}'; there are cpu, cuda, cuda:N and mps")
        if kind != "cuda":
            self._refuse_what_cuda_has(device)
        threads = self.threads[0] if self.threads else available_cpus()
        learning_threads = self.threads[0] if self.threads else 1
        learning = self._conditions_of_learning()
        check_words(learning)
        seen = see_accelerator(device)
        setting = Setting(
            self.profile or "default",
            device,
            threads,
            learning=learning,
            accelerator=seen,
            learning_threads=learning_threads,
        )
        suites = self.suites or (LEARNING_SUITES if learning.given else DEFAULT_SUITES)
        return Selection(suites, self.architectures, self.families, self.measures), setting

    def _refuse_what_cuda_has(self, device: str) -> None:
        if "tf32" in self.precision:
            raise UsageError(f"device '{device}' has no tf32: it is a format of NVIDIA's GPUs")
        if "graphs" in self.execution:
            raise UsageError(f"device '{device}' has no graphs: CUDA alone records what it is to compute")
        if True in self.autotune:
            raise UsageError(f"device '{device}' has no autotuning: it is cuDNN that tries its kernels")

    def _conditions_of_learning(self) -> LearningAxes:
        """Conditions of learning with the resolution and the precisions of training.

        Where other conditions of learning are given, the batch and the executions are part of them: compiling all
        rows of the suites' tables would take hours.
        """
        numbers = tuple(batch for batch in self.batch if batch != BEST)
        formats = tuple(precision for precision in self.precision if precision in FORMATS)
        ways = tuple(execution for execution in self.execution if execution in WAYS)
        batch, ways = (numbers, ways) if self.learning.given else ((), ())
        return replace(self.learning, resolution=self.resolution, precision=formats, batch=batch, execution=ways)


def reading_of(settings: Mapping[str, Any]) -> Reading:
    """How a run that began with these settings reads the user's own images."""
    return Reading.from_dict(settings.get("reading", {}))


@dataclass(frozen=True)
class Choice:
    """Resolved choice of what `run` measures."""

    run: RunRow | None
    """The run to go on with; None: a new one."""
    steps: tuple[PlanStep, ...]
    catalogs: tuple[str, ...]
    """Names of the user's own catalogs, which add to the installed ones."""


def choose(
    store: Store,
    wish: Wish,
    resume: str | None,
    planned: tuple[PlanStep, ...] | None,
    seconds: float = MOST,
) -> Choice:
    """Go on with a run, or begin a new one; loads the catalogues of what it chooses.

    Args:
        store: store that holds the runs.
        wish: the user's request.
        resume: None for a new run, empty for the run that was cut off last, or the name of one.
        planned: the wish's steps, if they are known already.
        seconds: seconds that the import of each catalogue may take.

    Raises:
        UsageError: the run to go on with was begun with other options, or with catalogues that the user has not
            chosen, or has an id that evobench never gives.
    """
    unfinished = None if planned is not None and not resume else find_unfinished(store, resume or "", wish)
    if unfinished is None:
        return Choice(None, wish.steps() if planned is None else planned, wish.catalogs)
    name_of_run(unfinished.id)
    catalogs = load_catalogs_of(unfinished, wish.catalogs, seconds)
    return Choice(unfinished, stored_steps(store, unfinished), catalogs)


def begin(
    store: Store,
    wish: Wish,
    command: str,
    steps: tuple[PlanStep, ...],
    host: dict[str, Any],
    further: Iterable[Declaration] = (),
    kept: Mapping[str, Any] | None = None,
) -> RunRow:
    """Write a new run with the snapshot of its plan, and what else is to be kept: declarations and settings."""
    files = files_of(cells_of(steps))
    begun = RunRow(
        id=new_id(),
        started=utc_now(),
        profile=wish.profile or "default",
        command=command,
        host=host,
        host_key=host_key(host),
        settings={**wish.given(), **(kept or {}), **({SETTING: files} if files else {})},
    )
    store.begin_run(begun, [*declarations(steps), *further], cell_rows(steps))
    return begun


def find_unfinished(store: Store, name: str, wish: Wish) -> RunRow | None:
    """The run to go on with: the named one, or the newest that did not end; None where a new one is due.

    Where all did end, it is the newest, if it was begun with these options: its report may have been cut off.

    Raises:
        UsageError: options are given that are not those it was begun with.
    """
    # of an audit, and of a comparison, there is nothing to go on with
    runs = [run for run in store.runs() if run.profile not in (AUDIT, REGRESS)]
    unfinished = [run for run in runs if is_resumable(run.profile, run.state)]
    if not name and not unfinished:
        return runs[-1] if runs and is_asked_for(runs[-1], wish.given()) else None
    found = store.run(name) if name else unfinished[-1]
    if found.profile in (AUDIT, REGRESS):
        what, verb = ("an audit", AUDIT) if found.profile == AUDIT else ("of a comparison", REGRESS)
        raise UsageError(f"run {found.id} is {what}: begin a new one (evobench {verb})")
    if not is_asked_for(found, wish.given()):
        raise UsageError(f"run {found.id} was begun with other options ({found.command}): give the same, or none")
    return found


def stored_steps(store: Store, run: RunRow) -> tuple[PlanStep, ...]:
    """The plan that a run was begun with."""
    return tuple(
        PlanStep(Planned(row.cell, row.sampling, row.replicates, due=row.due, open=row.open), row.suites)
        for row in store.cells(run.id)
    )


def check_same_host(run: RunRow, *hosts: dict[str, Any]) -> None:
    """Refuse to go on with a run where its own host, which its timings were planned for, is not at hand.

    Which of its further hosts are does not matter: a record names its host, and speeds are ranked within one.

    Args:
        run: the one to go on with.
        hosts: fingerprints of the hosts that it could go on with.

    Raises:
        NotComparable: its own is not among them, or has other packages now.
    """
    if run.host_key not in map(host_key, hosts):
        raise NotComparable(f"run {run.id} was begun on another host or with other packages: begin a new run")


def new_id() -> str:
    """A name for a new run: its moment in UTC, and four digits against twins."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def utc_now() -> str:
    """Now, as ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
