"""What the driver says of the user's own pictures before one is decoded."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Learning
from bench.declare.catalog import ARCHITECTURES, DATASETS, architecture
from bench.declare.declarations import Planned
from bench.declare.loading.discovery import load_catalogs
from bench.execute.jobs import Job
from bench.execute.outcome import Outcome
from bench.run.driver import Pace, drive
from bench.run.plan import PlanStep
from tests.bench.driving import Recorder, desk, named
from tests.bench.picturing import photos


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Networks of one, three and four channels."""
    load_catalogs()
    for name in ("_items", "_places"):
        monkeypatch.setattr(ARCHITECTURES, name, dict(getattr(ARCHITECTURES, name)))
    for channels in (1, 3, 4):
        declare = architecture(family="F", year=2026, paper="none", channels=channels, min_resolution=16)
        declare(named(f"takes_{channels}"))
    yield
    DATASETS.forget()


def training(name: str, target: str, resolution: int = 32, weights: str = "random") -> PlanStep:
    scenario = Learning(
        weights=weights,
        target=target,
        mode="finetune:all",
        augmentation="none",
        resolution=resolution,
        shots=1,
        steps=1,
        batch=2,
        lr=1e-3,
    )
    return PlanStep(Planned(Cell(name, "top1", scenario), 1.0), ("trial",))


def reason_of(step: PlanStep, tmp_path: Path) -> tuple[str, str, int]:
    """Status and reason of the cell's record, and how many jobs were begun for it."""
    executor = Recorder(lambda _: Outcome("failed", "it was begun"))
    place = desk(tmp_path, executor, [step])
    drive(place, [step], Pace())
    (row,) = place.store.records("r1")
    return row.status, row.reason, len(executor.jobs)


def test_pictures_of_other_channels_are_unsupported_and_start_nothing(tmp_path: Path) -> None:
    target = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}"
    expected = f"takes_4 takes 4 channels, the pictures of '{target}' have 3"
    assert ("unsupported", expected, 0) == reason_of(training("takes_4", target), tmp_path)


def test_so_are_pictures_of_other_channels_that_the_weights_would_come_from(tmp_path: Path) -> None:
    step = training("takes_4", "mnist5k", weights="pretrain:uci-digits")
    expected = "takes_4 takes 4 channels, the pictures of 'mnist5k' have 1"
    assert ("unsupported", expected, 0) == reason_of(step, tmp_path)


@pytest.mark.parametrize("name", ["takes_1", "takes_3"])
def test_gray_and_colour_are_brought_into_each_other(tmp_path: Path, name: str) -> None:
    target = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}"
    assert ("failed", 1) == reason_of(training(name, target), tmp_path)[::2]


def test_pictures_under_the_minimum_of_the_network_start_nothing(tmp_path: Path) -> None:
    target = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}"
    expected = ("unsupported", "takes_3 needs 16 px, the scenario has 12", 0)
    assert expected == reason_of(training("takes_3", target, resolution=12), tmp_path)


def test_pictures_with_two_labels_are_told_before_one_is_decoded_and_once(tmp_path: Path) -> None:
    root, shown, before = photos(tmp_path / "photos", "cat", "dog"), io.StringIO(), []
    for i in range(4):
        (root / "dog" / f"copy{i}.png").write_bytes((root / "cat" / f"{min(i, 2)}.png").read_bytes())

    def answer(_: Job) -> Outcome:
        before.append(shown.getvalue())
        return Outcome("failed", "nothing is decoded here")

    steps = [training("takes_3", f"folder:{root}", resolution) for resolution in (32, 64)]
    drive(desk(tmp_path, Recorder(answer), steps, shown=shown), steps, Pace())
    lines = [
        "cat/0.png is both cat and dog (also dog/copy0.png)",
        "cat/1.png is both cat and dog (also dog/copy1.png)",
        "cat/2.png is both cat and dog (also dog/copy2.png, dog/copy3.png)",
    ]
    expected = (
        f"3 images have several labels in folder:{root}, and an answer can match but one of them: "
        f"{'; '.join(lines)}; leave each under one label"
    )
    assert [True, True, 1] == [*(expected in said for said in before), shown.getvalue().count("several labels")]
