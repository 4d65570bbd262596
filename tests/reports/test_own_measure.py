"""What a user's catalogue measures is shown, compared and exported without another line."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.cli.main import main
from bench.declare.catalog import MEASURES, load_catalogs
from bench.declare.declarations import Planned
from bench.gate.sides import Description
from bench.gate.watch import choose
from bench.run.driving.disturbed import is_disturbed
from bench.run.plan import PlanStep
from bench.store.database import Store
from reports.page.document import render
from reports.page.several import render_pair
from reports.tidy.frame import Frames, read
from tests.bench.run.driving.test_disturbed import FIRST

CATALOG = '''
from evobench import Cell, Cost, Detail, Planned, Samples, architecture, measure, suite
from bench.lazy import lazy

torch = lazy("torch")


@architecture(family="Own", year=2026, paper="none", resolution=16, min_resolution=1)
def own_net(num_classes):
    """One layer."""
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, num_classes))


@measure(unit="s", better="lower", details=[Detail("slowest", "s"), Detail("way")])
def own_time(subject, clock):
    """Time of one pass; `slowest` and `way` are declared, `secret` is not."""
    times = tuple(clock.once(lambda: subject.model(subject.images)) for _ in range(3))
    return Samples(times, details={"slowest": 0.25, "way": "pass by pass", "secret": "not told"})


@measure(unit="B", better="lower", repeats="anywhere")
def own_size(subject, clock):
    """Bytes of the weights."""
    return Samples((float(4 * sum(p.numel() for p in subject.model.parameters())),))


@suite(title="Own")
def own_suite(setting):
    """Both."""
    where = Cost(mode="infer", resolution=16)
    yield Planned(Cell("own_net", "own_time", where), 0.1, replicates=3)
    yield Planned(Cell("own_net", "own_size", where), 0.1)
'''
TIME = Cell("own_net", "own_time", Cost(mode="infer", resolution=16))
SIZE = Cell("own_net", "own_size", Cost(mode="infer", resolution=16))
BYTES = 4 * (3 * 16 * 16 + 1) * 1000
"""Of the weights of one layer to a thousand classes."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two runs of the catalogue."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.py").write_text(CATALOG)
    options = ("--catalog", "own.py", "--suite", "own_suite", "--store", "runs.sqlite", "--no-report", "--fresh")
    for _ in range(2):
        command = [sys.executable, "-m", "evobench", "run", *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert 0 == done.returncode, done.stderr
    return folder / "runs.sqlite"


@pytest.fixture(scope="module")
def own(store: Path) -> Frames:
    """The newest run."""
    with Store.open(store) as opened:
        return read(opened, "latest")


@pytest.fixture
def declared(store: Path, no_declarations: None) -> None:
    """The catalogue's declarations, and no others."""
    load_catalogs([str(store.parent / "own.py")])


def shown(store: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What `evobench show` prints."""
    assert 0 == main(["show", "latest", "--store", str(store), *options])
    return capsys.readouterr().out


def test_the_run_tells_of_each_its_nature(own: Frames) -> None:
    natures = dict(zip(own.records["measure"], own.records["nature"], strict=True))
    assert {"own_time": "time", "own_size": "size"} == natures


def test_a_terminal_shows_its_figures(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(store, capsys)
    assert "Further measures" in text
    assert "own_net own_size infer 16px b1" in text
    assert "3.08 MB" in text


def test_its_table_has_the_figure_in_its_unit_and_the_declared_details(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(shown(store, capsys, "--table", "further", "--format", "csv").splitlines()))
    time, size = rows
    assert ("s", "3", "slowest 250 ms, way pass by pass") == (time["Unit"], time["Processes"], time["Details"])
    assert ("B", BYTES, "") == (size["Unit"], float(size["Figure"]), size["Details"])


def test_declared_details_are_columns_of_the_records_and_others_are_not(own: Frames) -> None:
    assert [0.25] == own.records["slowest"].dropna().tolist()
    assert "secret" not in own.records


def test_the_report_has_a_section_of_it(store: Path) -> None:
    with Store.open(store) as opened:
        page = render(opened, "latest")
    section = page.partition('id="table-further"')[2].partition("</table>")[0]
    assert "own_net own_time infer 16px b1" in section
    assert "3.08 MB" in section


def test_the_export_has_figures_and_details(store: Path, tmp_path: Path) -> None:
    assert 0 == main(["export", "latest", "--store", str(store), "--csv", str(tmp_path), "--latex", str(tmp_path)])
    records = list(csv.DictReader((tmp_path / "records.csv").read_text().splitlines()))
    assert [("time", "0.25"), ("size", "")] == [(row["nature"], row["slowest"]) for row in records]
    assert "3.08 MB" in (tmp_path / "further.tex").read_text()


def test_its_time_is_exported_as_a_benchmark_and_its_size_is_not(store: Path, tmp_path: Path) -> None:
    assert 0 == main(["export", "--store", str(store), "--pytest-benchmark", str(tmp_path / "b.json")])
    text = (tmp_path / "b.json").read_text()
    assert '"group": "own_time"' in text
    assert "own_size" not in text


def test_two_runs_are_compared_by_it(store: Path) -> None:
    with Store.open(store) as opened:
        base, head = (run.id for run in opened.runs())
        page = render_pair(opened, base, head)
    section = page.partition('id="table-verdicts-on-what-both-runs-have"')[2].partition("</table>")[0]
    assert "own_net own_time infer 16px b1" in section
    assert "3.08 MB" in section


@pytest.mark.usefixtures("declared")
def test_the_gate_steps_its_time_and_holds_its_size_to_be_exact() -> None:
    side = Description({TIME.key: "a", SIZE.key: "a"}, {}, "3.11.7", {})
    steps = [PlanStep(Planned(cell, 0.1), ("own_suite",)) for cell in (TIME, SIZE)]
    ways = [(item.cell, item.way) for item in choose(steps, side, side, everything=True).watched]
    assert [(TIME, "steps"), (SIZE, "exact")] == ways


@pytest.mark.usefixtures("declared")
def test_its_time_is_measured_again_where_it_was_disturbed_and_its_size_is_not() -> None:
    assert [True, False] == [is_disturbed(MEASURES.get(name), FIRST) for name in ("own_time", "own_size")]
