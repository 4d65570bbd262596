"""How long the report takes: a page of 24 architectures, of which 4 are trained."""

from dataclasses import replace
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from bench.store.database import Store
from reports.page.document import render
from tests.perf.large_run import large
from tests.reports.conftest import Plan, write_run


def test_rendering_the_report(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    run: Plan = large(learning=4, architectures=24)
    if benchmark.disabled:
        run = replace(run, lineages=run.lineages[:4], learners=run.learners[:1], augmented=False)
    path = tmp_path / "runs.sqlite"
    write_run(path, run)
    with Store.open(path) as store:
        assert "</html>" in benchmark.pedantic(render, args=(store, "latest"), rounds=3)
