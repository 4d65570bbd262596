"""The lecture's figures that are counts, judged as a part of the default run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.audit.verdicts import ClaimVerdict
from bench.cli import counting
from bench.cli.counting import judge_counts
from bench.declare.catalog import load_catalogs
from bench.execute.executor import Event
from bench.execute.frames import Frame
from bench.execute.jobs import Check, Job
from bench.execute.outcome import ENDED, Outcome
from bench.run.driver import Pace
from bench.store.database import RunRow, Store
from suites.checks import published
from tests.answering import Answering

CLAIMS = """
slide = [{ title = "First" }, { title = "Second" }]
left_out = []

[[claim]]
id = "added"
slide = "First"
words = "1 + 1"
printed = 2
check = "formula"
with = { expression = "1 + 1" }

[[claim]]
id = "run"
slide = "First"
words = "GELU"
printed = true
check = "gelu_formula"

[[claim]]
id = "opinion"
slide = "First"
words = "Beautiful"
printed = true
not_checkable = "an opinion"

[[claim]]
id = "multiplied"
slide = "Second"
words = "2 * 3"
printed = 6
check = "formula"
with = { expression = "2 * 3" }
"""
COUNTED = ["added", "multiplied"]


class Agreeing(Answering):
    """Finds that every claim is right; may be cut off by Ctrl-C, or never come to an end of the second job."""

    def __init__(self, interrupted: bool = False, stuck: bool = False) -> None:
        super().__init__()
        self.asked: list[str] = []
        """Claims, in the order in which they were judged."""
        self._interrupted, self._stuck = interrupted, stuck

    def answer(self, job: Job, progress: Callable[[Frame], None]) -> Outcome:
        assert isinstance(job, Check)
        if self._stuck and self.asked:
            return ENDED
        for claim in job.claims:
            self.asked.append(claim["id"])
            progress({"claim": claim["id"], "judged": ClaimVerdict("reproduced", claim["printed"]).to_dict()})
        return Outcome("ok")

    def next_event(self, timeout: float | None) -> Event | None:
        event = super().next_event(timeout)
        if self._interrupted and not self._events:
            raise KeyboardInterrupt
        return event


@pytest.fixture(autouse=True)
def _claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_catalogs()
    file = tmp_path / "claims.toml"
    file.write_text(CLAIMS)
    monkeypatch.setattr(counting, "installed_claims", lambda: file)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "runs.sqlite") as made:
        yield made


def begun(store: Store, name: str = "2026-a", profile: str = "default", **settings: Any) -> RunRow:
    run = RunRow(name, f"{name[:4]}-01-01", profile, "", {}, "host", settings)
    store.begin_run(run, [], [])
    return run


def judge(store: Store, run: RunRow, *, fresh: bool = False, pace: Pace | None = None, **how: bool) -> list[str]:
    """Judge; returns the claims that were judged anew."""
    executor = Agreeing(**how)
    judge_counts(store, run, executor, pace or Pace(), lambda _: None, fresh=fresh)
    return executor.asked


def test_the_default_run_judges_the_claims_whose_checks_count(store: Store) -> None:
    run = begun(store)
    assert COUNTED == judge(store, run)
    assert COUNTED == sorted(store.verdicts(run.id))


def test_the_run_declares_the_claims_and_their_slides(store: Store) -> None:
    run = begun(store)
    judge(store, run)
    found = {kind: [item.name for item in store.declarations(run.id, kind)] for kind in ("claim", "slide")}
    assert {"claim": COUNTED, "slide": ["First", "Second"]} == found


@pytest.mark.parametrize(
    "settings",
    [
        {"suites": ["evolution"]},
        {"architectures": ["resnet18"]},
        {"families": ["ResNet"]},
        {"measures": ["macs"]},
        {"mode": ["scratch"]},
    ],
)
def test_a_run_that_is_narrowed_judges_none(store: Store, settings: dict[str, Any]) -> None:
    assert [] == judge(store, begun(store, **settings))


@pytest.mark.parametrize("profile", ["smoke", "full", "regress"])
def test_a_run_of_another_profile_judges_none(store: Store, profile: str) -> None:
    assert [] == judge(store, begun(store, profile=profile))


def test_where_no_catalogue_has_claims_none_are_judged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "installed_claims", lambda: None)
    assert [] == judge(store, begun(store))


def test_a_run_that_goes_on_judges_nothing_twice(store: Store) -> None:
    run = begun(store)
    judge(store, run)
    assert [] == judge(store, run)


def test_verdicts_of_an_earlier_run_stand_for_new_ones(store: Store) -> None:
    judge(store, begun(store, "2026-a"))
    later = begun(store, "2026-b")
    assert [] == judge(store, later)
    assert store.verdicts("2026-a") == store.verdicts("2026-b")


def test_a_run_says_whose_verdicts_it_took_over(store: Store) -> None:
    for name in ("2026-a", "2026-b", "2026-c"):
        judge(store, begun(store, name))
    origins = [store.declarations(name, "counts")[0].content["reused_from"] for name in ("2026-a", "2026-c")]
    assert ["", "2026-a"] == origins


def test_asked_to_measure_anew_a_run_judges_anew(store: Store) -> None:
    judge(store, begun(store, "2026-a"))
    assert COUNTED == judge(store, begun(store, "2026-b"), fresh=True)


def test_verdicts_on_other_claims_stand_for_none(store: Store, tmp_path: Path) -> None:
    judge(store, begun(store, "2026-a"))
    (tmp_path / "claims.toml").write_text(CLAIMS.replace("printed = 6", "printed = 7"))
    assert COUNTED == judge(store, begun(store, "2026-b"))


def test_verdicts_on_what_a_work_printed_otherwise_stand_for_none(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoting = f'{CLAIMS}quotes = {{ paper = "book", figure = "product" }}\n'
    (tmp_path / "claims.toml").write_text(quoting)
    book = {"authors": ["Doe, Jane"], "title": "Sums", "venue": "Press", "year": 1999}
    asked = []
    for name, product in (("2026-a", 6), ("2026-b", 6), ("2026-c", 5)):
        works = {"book": {**book, "figures": {"product": product}}}
        monkeypatch.setattr(published, "references", lambda works=works: works)
        asked.append(judge(store, begun(store, name)))
    assert [COUNTED, [], COUNTED] == asked


def test_verdicts_that_were_cut_off_stand_for_none(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        judge(store, begun(store, "2026-a"), interrupted=True, pace=Pace(lanes=1))
    assert COUNTED == judge(store, begun(store, "2026-b"))


def test_an_interruption_leaves_what_was_judged_and_the_rest_is_judged_when_the_run_goes_on(store: Store) -> None:
    run = begun(store)
    with pytest.raises(KeyboardInterrupt):
        judge(store, run, interrupted=True, pace=Pace(lanes=1))
    assert ["added"] == list(store.verdicts(run.id))
    assert ["multiplied"] == judge(store, run)


def test_the_end_of_the_time_leaves_what_was_judged_and_gives_the_rest_no_verdict(store: Store) -> None:
    run = begun(store)
    judge(store, run, stuck=True, pace=Pace(budget=0.0, lanes=2))
    assert ["added"] == list(store.verdicts(run.id))
    assert ["multiplied"] == judge(store, run)
