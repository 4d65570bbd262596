"""The verb `run` beside catalogues that set what holds for the whole process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is told on Linux only")
SETS = '''
import torch
from evobench import architecture

torch.set_default_dtype(torch.float64)

@architecture(family="Own", year=2026, paper="none", resolution=32, min_resolution=8)
def one_thread(num_classes):
    """Sets the number of threads while it is built."""
    torch.set_num_threads(1)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, num_classes))
'''
WEIGHTS_OF_RESNET18 = 4 * 11_689_512
"""Bytes in float32."""


@dataclass(frozen=True)
class Told:
    """What a run left."""

    details: dict[tuple[str, str], dict[str, Any]]
    """Of the records by architecture and measure."""
    said: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("run")
    (folder / "sets.py").write_text(SETS)
    what = ["--catalog", "sets.py", "--arch", "resnet18,one_thread", "--measure", "peak_memory,latency,macs"]
    how = ["--suite", "cost", "--profile", "smoke", "--batch", "2", "--threads", "2", "--resolution", "32"]
    command = [sys.executable, "-m", "evobench", "run", *what, *how, "--store", "runs.sqlite", "--no-report"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr
    yield Told(details_in(folder / "runs.sqlite"), done.stderr)


def details_in(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    with Store.open(file) as store:
        run = store.run("latest").id
        cells = {row.cell.key: (row.cell.architecture, row.cell.measure) for row in store.cells(run)}
        return {cells[row.cell_key]: row.details for row in store.records(run)}


def test_networks_of_others_have_their_weights_in_float32_though_a_catalogue_sets_float64(told: Told) -> None:
    assert WEIGHTS_OF_RESNET18 == told.details["resnet18", "peak_memory"]["weights"]


def test_the_catalogue_s_own_network_has_them_in_float32_too(told: Told) -> None:
    assert 4 * (3 * 32 * 32 * 1000 + 1000) == told.details["one_thread", "peak_memory"]["weights"]


@pytest.mark.parametrize("name", ["resnet18", "one_thread"])
def test_a_latency_of_two_threads_has_two_in_force_though_a_builder_sets_one(told: Told, name: str) -> None:
    assert 2 == told.details[name, "latency"]["conditions"]["threads"]


def test_every_record_names_the_catalogue_and_what_it_set(told: Told) -> None:
    by_import = [details["settings_undone"]["catalogue 'sets.py'"] for details in told.details.values()]
    assert [{"default dtype": "torch.float64"}] * len(told.details) == by_import


@pytest.mark.parametrize("measure", ["latency", "macs"])
def test_the_records_of_a_network_say_what_its_builder_set(told: Told, measure: str) -> None:
    undone = told.details["one_thread", measure]["settings_undone"]
    assert {"threads": "1"} == undone["the builder of 'one_thread' (sets.py:7)"]
    assert {"catalogue 'sets.py'"} == told.details["resnet18", measure]["settings_undone"].keys()


def test_the_user_is_told_once_a_run_by_whom_what_was_set(told: Told) -> None:
    lines = [line for line in told.said.splitlines() if "changes settings" in line]
    middle = " changes settings that all cells share, which is undone: "
    assert [
        f"catalogue 'sets.py'{middle}default dtype: torch.float64",
        f"the builder of 'one_thread' (sets.py:7){middle}threads: 1",
    ] == sorted(line.partition("resolution=32: ")[2] for line in lines)
