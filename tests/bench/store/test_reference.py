"""The file of a reference run: what it holds, which runs are refused, what is said of a damaged one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record
from bench.declare.nature import Nature
from bench.errors import StoreError, UsageError
from bench.store.database import CellRow, Declaration, RunRow, Store
from bench.store.outcome import figure_of
from bench.store.reference import writing
from bench.store.reference.form import MOST_BYTES, plain
from bench.store.reference.writing import reference_text

COST = Cell("resnet18", "latency", Cost(mode="infer", resolution=224, threads=2))
LEARNED = Cell(
    "lenet5",
    "top1",
    Learning(
        weights="random",
        target="uci-digits",
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=5,
        steps=10,
        batch=8,
        lr=0.1,
    ),
)
RUN = RunRow(
    id="20260102-030405-abcd",
    started="2026-01-02T03:04:05+00:00",
    profile="default",
    command="evobench run --store /srv/anna/runs.sqlite",
    host={"cpu": "X", "cores": 2, "flags": {"environment": {"LD_PRELOAD": "/srv/anna/lib/fast.so"}}, "rates": {}},
    host_key="key",
    settings={"profile": "default", "catalogs": ["/srv/anna/own.py"]},
)
MEASURES: list[dict[str, Any]] = [
    {"name": "latency", "unit": "s", "better": "lower", "kind": "cost", "nature": "time", "details": []},
    {"name": "top1", "unit": "1", "better": "higher", "kind": "learning", "nature": "share", "details": []},
]
GOOD: dict[str, Any] = {
    "conditions": {"threads": 2, "cpus": [0, 1], "disturbance": {"ran": 1.0}},
    "unknown": "/srv/anna/photos/cat.png",
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a run of a timed cell of two processes and a training; returns the store's path."""

    def written(run: RunRow = RUN, noisy: bool = False, more: int = 0, finished: bool = True) -> Path:
        path = tmp_path / "runs.sqlite"
        many = [Cell(f"net{i}", "latency", COST.scenario) for i in range(more)]
        cells = [CellRow(cell, ("evolution",), 1.0, 2) for cell in (COST, LEARNED, *many)]
        place = {"place": "/srv/anna/evobench/latency.py:3"}
        declared = [Declaration("measure", item["name"], item | place) for item in MEASURES]
        details = GOOD | ({"noisy": ["others had the cores"]} if noisy else {})
        with Store.create(path) as store:
            store.begin_run(run, declared, cells)
            for i, value in enumerate((0.0123456789, 0.0133)):
                record = record_of(COST, i, "s", (value, 2 * value, value / 2), details)
                store.add_record(run.id, record)
            right = (1.0,) * 7 + (0.0,) * 3
            store.add_record(run.id, record_of(LEARNED, 0, "1", right, GOOD))
            for cell in many:
                store.add_record(run.id, record_of(cell, 0, "s", (0.1, 0.2), GOOD))
            if finished:
                store.end_run(run.id, "complete", "2026-01-02T03:09:00+00:00")
        return path

    return written


def record_of(cell: Cell, replicate: int, unit: str, values: tuple[float, ...], details: dict[str, Any]) -> Record:
    return Record(
        cell=cell,
        replicate=replicate,
        status="ok",
        unit=unit,
        provenance="measured",
        values=values,
        details=details,
    )


def text_of(path: Path) -> str:
    with Store.open(path) as store:
        return reference_text(store, "latest")


def file_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "reference.json"
    path.write_text(text)
    return path


def test_it_is_read_as_a_store_with_the_same_figures_to_six_digits(write: Write, tmp_path: Path) -> None:
    path = write()
    with Store.open(path) as store, Store.open(file_of(tmp_path, text_of(path))) as reference:
        ours, theirs = store.records(RUN.id), reference.records(RUN.id)
        assert [row.cell for row in reference.cells(RUN.id)] == [row.cell for row in store.cells(RUN.id)]
    assert [0.0123457, 0.0133, 0.7] == [pytest.approx(row.median or 0, rel=0) for row in theirs[:2]] + [
        theirs[2].mean
    ]
    assert [row.n for row in ours] == [row.n for row in theirs]
    assert figure_of(Nature.SHARE, ours[2:]) == figure_of(Nature.SHARE, theirs[2:])


def test_of_trainings_that_differ_in_their_seed_alone_the_first_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    where = LEARNED.scenario
    assert isinstance(where, Learning)
    seeds = ((0, 3), (0, 4), (1, 4), (1, 5))  # by fold
    trainings = [Cell("net", "top1", replace(where, fold=fold, seed=seed)) for fold, seed in seeds]
    with Store.create(path) as store:
        store.begin_run(RUN, [], [CellRow(cell, ("transfer",), 1.0, 1) for cell in trainings])
        for cell in trainings:
            store.add_record(RUN.id, record_of(cell, 0, "1", (1.0, 0.0), GOOD))
        store.end_run(RUN.id, "complete", "2026-01-02T03:09:00+00:00")
    with Store.open(file_of(tmp_path, text_of(path))) as reference:
        kept = [row.cell for row in reference.cells(RUN.id)]
    assert [trainings[0], trainings[2]] == kept


def test_it_holds_no_folder_of_the_machine_and_no_raw_sample(write: Write) -> None:
    text = text_of(write())
    assert [] == [word for word in ("anna", "/srv", "photos", "disturbance", "rates") if word in text]
    assert "fast.so" in text


def test_texts_lose_the_folders_of_absolute_paths_alone() -> None:
    told = [
        plain(text) for text in ("no /a/b/c.py here", r"C:\Users\anna\x.py", "https://a.org/b/c", "MAC/s", "~/a/b")
    ]
    assert ["no c.py here", "x.py", "https://a.org/b/c", "MAC/s", "b"] == told


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/srv/anna/a.so:/srv/anna/b.so", "a.so:b.so"),
        ("cannot write to /{home}/anna", "cannot write to ~"),
        ("/{home}/Anna Maria/photos/cat.png", "cat.png"),
        (r"C:\Users\Anna Maria\x.py", "x.py"),
        ("no such file: '/srv/anna s/x y/cat.png'", "no such file: 'cat.png'"),
        ("file:///srv/anna/x.pt, folder:/srv/anna/x", "x.pt, folder:x"),
        (r"\\server\anna\x.png", "x.png"),
        ("https://{home}/anna and a/Users/b, use /tmp, B/s", "https://{home}/anna and a/Users/b, use /tmp, B/s"),
    ],
)
def test_no_text_tells_the_name_of_a_user_by_a_path(text: str, left: str) -> None:
    # put together here, since no file may name the folder of a person
    assert left.replace("{home}", "home") == plain(text.replace("{home}", "home"))


def test_each_cell_has_a_line(write: Write) -> None:
    lines = [line for line in text_of(write(more=5)).splitlines() if line.startswith('{"architecture"')]
    assert 7 == len(lines)


def test_nobody_can_write_to_it(write: Write, tmp_path: Path) -> None:
    path = file_of(tmp_path, text_of(write()))
    with Store.open(path) as store, pytest.raises(StoreError, match="cannot be written"):
        store.end_run(RUN.id, "complete", "")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"noisy": True}, "1 of its 1 timed cells stayed noisy"),
        ({"finished": False}, "it has not ended"),
        ({"run": replace(RUN, settings={"files": {"folder:photos": "digest"}})}, "images or weights of your own"),
        ({"run": replace(RUN, host={"git": "0123456789ab+"})}, "its code had changes that no commit has"),
        ({"run": replace(RUN, profile="audit")}, "it is not a run of suites"),
    ],
)
def test_a_run_that_others_cannot_use_is_refused(write: Write, how: dict[str, object], why: str) -> None:
    path = write(**how)
    with pytest.raises(UsageError, match=why):
        text_of(path)


def test_a_run_that_does_not_fit_is_refused_with_its_size(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_BYTES", 1000)
    path = write()
    with pytest.raises(
        UsageError, match=r"too large for a reference run: its file would have \d kB, and 1 kB are"
    ):
        text_of(path)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"cells"', '"boxes"', "damaged: KeyError: 'cells'"),
        ('"figures":[3,', '"figures":["x",', "n must be a whole number, not 'x'"),
        ('"kind":"cost"', '"kind":"costs"', "damaged: KeyError: 'costs'"),
        ('"conditions":0', '"conditions":7', "damaged: IndexError"),
        ('"unit":"s"', '"unit":5', "unit must be text, not 5"),
        ('"replicates":2', '"replicates":NaN', "NaN is not a finite number"),
        ('"format": 1', '"format": 2', "was written by a newer evobench"),
        ('"format": 1', '"format": "2"', "is damaged: its 'format' is not a version"),
        ('"content": 1', '"content": 0', "is damaged: its 'content' is not a version"),
        ('"figures":[3,', f'"figures":[{10**30},', "damaged: OverflowError"),
        ('"figures":[10,1.0', '"figures":[10,1.5', "'lenet5 .*' has a figure of 1.5"),
        ('"figures":[3,0.0123457', '"figures":[3,-1e308', "'resnet18 .*' has a figure of -1e[+]308"),
        ('"kind":"cost"', f'"kind":"{"9" * 5000}"', f"KeyError: '{'9' * 199}[.]{{3}}$"),
        ("}\n", "", "is damaged: Expecting"),
    ],
)
def test_a_damaged_file_gives_one_line(write: Write, tmp_path: Path, old: str, new: str, why: str) -> None:
    text = text_of(write())
    assert old in text
    with pytest.raises(StoreError, match=why) as fault:
        Store.open(file_of(tmp_path, text.replace(old, new)))
    assert "\n" not in str(fault.value)


def test_a_file_that_is_too_large_is_not_read(write: Write, tmp_path: Path) -> None:
    path = file_of(tmp_path, text_of(write()) + " " * MOST_BYTES)
    with pytest.raises(StoreError, match="more than 200 kB"):
        Store.open(path)


def test_the_file_is_json(write: Write) -> None:
    assert ["evobench", "format", "content", "run", "declarations", "conditions", "cells"] == [
        *json.loads(text_of(write()))
    ]
