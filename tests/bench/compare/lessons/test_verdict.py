"""The verdict on a lesson, and the lessons of a run of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.compare.experiments.rule import Design
from bench.compare.lessons import tested
from bench.compare.lessons.verdict import Taught, kept_studies, lessons_of, newest_lessons
from bench.statistics.looks import LOOKS
from bench.store.database import RunRow, Store
from tests.bench.studies import hypothesis_of, study_of
from tests.reports.taught import AUGMENTED, HELPS, PLAIN, study, write_lessons

MANY = [0.5 + 0.002 * (i % 3) for i in range(LOOKS[0])]
BETTER = [value + 0.1 + 0.002 * (i % 2) for i, value in enumerate(MANY)]
FEW = study("few", HELPS)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["confirmed", "confirmed"], "confirmed"),
        (["confirmed", "no difference"], "no difference"),
        (["confirmed", "undecided", "no difference"], "undecided"),
        (["confirmed", "undecided", "refuted", "no difference"], "refuted"),
    ],
)
def test_a_lesson_is_as_good_as_its_worst_hypothesis(
    verdicts: list[tested.Verdict], expected: tested.Verdict
) -> None:
    cells = [PLAIN, AUGMENTED]
    tests = tuple(tested.Tested(hypothesis_of(cells), verdict, None, ()) for verdict in verdicts)
    assert expected == Taught(study_of(cells), tests, 0.0).verdict


def test_the_lessons_of_a_run_are_judged_by_its_records(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [FEW], {PLAIN: MANY, AUGMENTED: BETTER})
    with Store.open(tmp_path / "s.sqlite") as store:
        (found,) = lessons_of(store, "2026-lessons")
    assert ("few", "confirmed", LOOKS[0]) == (found.study.name, found.verdict, found.tests[0].n)


def test_a_lesson_tells_the_seconds_of_its_records(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [FEW], {PLAIN: MANY, AUGMENTED: BETTER})
    with Store.open(tmp_path / "s.sqlite") as store:
        (found,) = lessons_of(store, "2026-lessons")
    assert 2.0 * 2 * LOOKS[0] == found.seconds


def test_all_hypotheses_of_a_run_share_one_level(tmp_path: Path) -> None:
    figures = {PLAIN: MANY, AUGMENTED: BETTER}
    other = hypothesis_of([AUGMENTED, PLAIN], statement="less is more")
    write_lessons(tmp_path / "alone.sqlite", [FEW], figures)
    write_lessons(tmp_path / "among.sqlite", [FEW, *(study(f"s{i}", other) for i in range(20))], figures)
    lows = []
    for name in ("alone", "among"):
        with Store.open(tmp_path / f"{name}.sqlite") as store:
            found = lessons_of(store, "2026-lessons")[0].tests[0].found
        assert found is not None and found.interval is not None
        lows.append(found.interval.low)
    assert lows[1] < lows[0]


def test_a_run_is_judged_by_its_own_looks(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [FEW], {PLAIN: MANY[:3], AUGMENTED: BETTER[:3]}, design=Design((3,)))
    with Store.open(tmp_path / "s.sqlite") as store:
        assert ["confirmed"] == [item.verdict for item in lessons_of(store, "2026-lessons")]


def test_the_newest_run_with_lessons_is_found_behind_others(tmp_path: Path) -> None:
    for year in (2024, 2025):
        write_lessons(tmp_path / "s.sqlite", [FEW], {PLAIN: MANY}, id=f"{year}-lessons")
    with Store.create(tmp_path / "s.sqlite") as store:
        store.begin_run(RunRow("2026-other", "2026-01-02", "default", "", {}, "host", {}), [], [])
        assert "2025-lessons" == newest_lessons(store)


def test_a_store_without_lessons_has_none(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite") as store:
        store.begin_run(RunRow("r", "2026-01-02", "default", "", {}, "host", {}), [], [])
        assert ("", (), ()) == (newest_lessons(store), kept_studies(store, "r"), lessons_of(store, "r"))


def test_a_run_keeps_its_lessons_whole(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [study_of([PLAIN, AUGMENTED])], {})
    with Store.open(tmp_path / "s.sqlite") as store:
        assert (study_of([PLAIN, AUGMENTED]),) == kept_studies(store, "2026-lessons")
