"""The folder of a reference run."""

from pathlib import Path

import pytest

from bench.cell import Cell, Record
from bench.store.database import CellRow, RunRow, Store
from tests.gpu_check import written
from tests.gpu_check.lines import Line
from tests.gpu_check.written import slug, without_paths, write

HOST = {"gpus": ["NVIDIA H100 80GB HBM3"], "cpu": "some"}
RUN = RunRow("r1", "2026-01-01", "default", "gpu_check", HOST, "here", {})


@pytest.fixture
def store(tmp_path: Path, cell: Cell) -> Store:
    store = Store.create(tmp_path / "store.sqlite")
    store.begin_run(RUN, [], [CellRow(cell, ("cost",), 1.0, 2)])
    for i in range(2):
        reason = "no kernel in /opt/cuda/lib/libcudnn.so"
        record = Record(cell=cell, replicate=i, status="failed", unit="s", reason=reason)
        store.add_record("r1", record)
    return store


def written_to(folder: Path, store: Store, *lines: Line) -> dict[str, str]:
    return {path.name: path.read_text() for path in write(folder, lines, store, RUN, 470.0).iterdir()}


def test_table_records_and_environment_are_written(tmp_path: Path, store: Store) -> None:
    files = written_to(tmp_path / "out", store, Line("cost", "x", "pass"))
    assert {"table.md", "records.csv", "environment.json"} == set(files)
    assert "# NVIDIA H100 80GB HBM3" == files["table.md"].splitlines()[0]
    assert 3 == len(files["records.csv"].splitlines())


def test_no_file_has_a_path_of_the_machine(tmp_path: Path, store: Store) -> None:
    files = written_to(tmp_path / "out", store, Line("cost", "x", "fail", why="see /srv/me/log.txt"))
    assert [] == [name for name, text in files.items() if "/opt/" in text or "/srv/" in text]


def test_records_without_room_are_left_out_and_said(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "MOST", 700)
    files = written_to(tmp_path / "out", store)
    assert 700 >= sum(len(text.encode()) for text in files.values())
    assert "records had no room" in files["table.md"]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("no file '/srv/me/x/data.bin' here", "no file 'data.bin' here"),
        ("at C:\\users\\me\\x.py:3", "at x.py:3"),
        ("3200/s against 12/s, and/or cuda:1", "3200/s against 12/s, and/or cuda:1"),
        ("https://example.org/a/b", "https://example.org/a/b"),
    ],
)
def test_a_path_is_shortened_to_its_last_part(text: str, short: str) -> None:
    assert short == without_paths(text)


def test_a_device_gives_the_name_of_a_folder() -> None:
    assert "nvidia-h100-80gb-hbm3" == slug("NVIDIA H100 80GB HBM3")
