"""The artifacts kept under a size while a run goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.cell import Record
from bench.declare.artifact import Artifact, Shelf
from bench.execute.jobs import Job, Make
from bench.execute.outcome import Outcome
from bench.run.driver import Pace, drive
from bench.run.shelf.limit import ArtifactsLimit
from bench.run.shelf.locks import measuring
from bench.store.database import ArtifactRow, CellRow, RunRow, Store
from tests.bench.driving import SHARED, Recorder, declarations, desk, step

OLD = Artifact("features", (("size", 8),))
RUN = "20260102-030405-aaaa"


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    with declarations():
        yield


@dataclass
class Place:
    """A store's folder with an artifact of an earlier run and one of this run, 1000 bytes each."""

    store: Store
    told: list[str] = field(default_factory=list)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.store.path.parent / "artifacts")

    def put(self, artifact: Artifact) -> None:
        with self.shelf.writing(artifact) as path:
            path.write_bytes(bytes(1000))

    def keep(self, size: int) -> set[str]:
        """Keep a limit once; which of the two stay."""
        limit = ArtifactsLimit(size, self.store, RUN, [step("driver_shared")], self.told.append)
        limit.keep()
        limit.keep()
        return {name for name, artifact in (("old", OLD), ("own", SHARED)) if self.shelf.holds(artifact)}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    planned = step("driver_shared").planned
    with Store.create(tmp_path / "runs.sqlite") as store:
        begin(store, "20250102-030405-aaaa", OLD, [])
        begin(store, RUN, SHARED, [CellRow(planned.cell, ("trial",), 1.0, 1)])
        found = Place(store)
        found.put(OLD)
        found.put(SHARED)
        yield found


def begin(store: Store, run: str, artifact: Artifact, cells: list[CellRow]) -> None:
    started = f"{run[:4]}-01-02T03:04:05.000+00:00"
    store.begin_run(RunRow(run, started, "default", "evobench run", {}, "x", {}), [], cells)
    store.add_artifact(run, ArtifactRow(artifact.key, str(artifact), "made", "", 1.0, {}))


def test_what_fits_stays(place: Place) -> None:
    assert ({"old", "own"}, []) == (place.keep(10_000), place.told)


def test_what_the_run_does_not_need_goes(place: Place) -> None:
    assert ({"own"}, []) == (place.keep(2000), place.told)


def test_what_the_run_needs_stays_and_that_is_told_once(place: Place) -> None:
    assert {"own"} == place.keep(500)
    assert ["artifacts take 1.2 kB, more than the limit of 500 B: this run needs them"] == place.told


def test_what_no_cell_needs_any_more_goes(place: Place) -> None:
    cell = step("driver_shared").planned.cell
    place.store.add_record(RUN, Record(cell=cell, replicate=0, status="ok", unit="1", values=(1.0,)))
    assert (set(), []) == (place.keep(500), place.told)


def test_nothing_goes_while_another_run_is_measured_in_the_folder(place: Place) -> None:
    with measuring(place.store.path.parent, "20260102-030405-bbbb"):
        assert {"old", "own"} == place.keep(2000)
    assert ["run 20260102-030405-bbbb is being measured, too"] == [line.rpartition(": ")[2] for line in place.told]


def test_ones_own_run_is_not_another(place: Place) -> None:
    with measuring(place.store.path.parent, RUN):
        assert {"own"} == place.keep(2000)


@dataclass
class _Noted:
    """Stands in for a limit; notes what was on the shelf when it was to be kept."""

    shelf: Shelf
    held: list[bool] = field(default_factory=list)

    def keep(self) -> None:
        self.held.append(self.shelf.holds(SHARED))


def test_the_driver_keeps_it_whenever_an_artifact_was_made(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")

    def make(job: Job) -> Outcome:
        if isinstance(job, Make):
            with shelf.writing(job.artifact) as path:
                path.touch()
        return Outcome("ok", values=(1.0,))

    steps = [step("driver_shared", side) for side in (32, 64)]
    noted = _Noted(shelf)
    place = desk(tmp_path, Recorder(make), steps)
    drive(replace(place, artifacts_limit=noted), steps, Pace())  # type: ignore[arg-type]
    assert [True] == noted.held
