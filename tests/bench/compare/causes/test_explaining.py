"""Profiles beside the verdicts: whatever becomes of them, the verdicts stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench.compare.causes.explaining import NOT_SHOWN, Explained, explain
from bench.compare.verdict import Comparison, Verdict
from bench.declare.nature import Nature
from bench.execute.outcome import Outcome
from tests.bench.compare.causes.profiles import process, row
from tests.bench.gate.fakes import COUNTED, TIMED, Server, declarations, servers, watched


@pytest.fixture(autouse=True)
def measures() -> Iterator[None]:
    """A measure of each kind is declared."""
    with declarations():
        yield


def slower(verdict: Verdict = "regression") -> Comparison:
    """10 ms became 12 ms."""
    return Comparison(
        cell=str(TIMED),
        measure=TIMED.measure,
        unit="s",
        nature=Nature.TIME,
        base=0.010,
        head=0.012,
        ratio=1.2,
        low=1.18,
        high=1.22,
        verdict=verdict,
        note="9 pairs",
        key=TIMED.key,
        better="lower",
    )


def explained(item: Comparison, slow: float = 0.002, late: bool = False, fails: bool = False) -> Explained:
    def told(rows: list[dict[str, Any]]) -> Outcome:
        outcome = Outcome("ok", details={"rows": rows, "profiled": [0.01] * 3})
        return Outcome("failed", "no room") if fails else outcome

    base, head = Server(results=lambda _: told(process())), Server(results=lambda _: told(process(slow)))
    return explain(servers(base, head), [watched(TIMED, "steps")], [item], lambda: late, lambda _: None)


@pytest.fixture
def profiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pretended worker tells of a profile what it is told to, however many steps it took."""
    monkeypatch.setattr("tests.bench.gate.fakes.Worker.finish", lambda worker, _: worker.outcome or worker.result)


@pytest.mark.usefixtures("profiled")
def test_a_regression_is_explained() -> None:
    found = explained(slower())
    (item,) = found.found
    assert ["layer", "operator"] == [cause.kind for cause in item.causes]
    assert pytest.approx(0.006) == found.differences[TIMED.key].base


@pytest.mark.usefixtures("profiled")
def test_a_verdict_is_the_same_but_for_its_causes() -> None:
    (item,) = explained(slower()).found
    assert slower() == Comparison(**{**vars(item), "causes": ()})


@pytest.mark.usefixtures("profiled")
def test_a_profile_without_the_difference_names_nobody() -> None:
    (item,) = explained(slower(), slow=0.0).found
    assert ((), f"9 pairs; {NOT_SHOWN}") == (item.causes, item.note)


def test_a_profile_that_fails_is_a_note() -> None:
    found = explained(slower(), fails=True)
    assert (slower(),) == found.found
    assert (f"not profiled: {TIMED}: base: no room; head: no room",) == found.notes


def test_when_the_budget_is_long_over_nothing_is_profiled() -> None:
    found = explained(slower(), late=True)
    assert (slower(),) == found.found
    assert "1 cell that became worse was not profiled" in found.notes[0]


@pytest.mark.parametrize("verdict", ["fine", "undecided", "improvement"])
def test_what_is_not_worse_is_not_profiled(verdict: Verdict) -> None:
    assert ({}, ()) == (explained(slower(verdict), fails=True).differences, explained(slower(verdict)).notes)


def counted(base: float, head: float) -> Explained:
    """A count of so much: of the layer, parameters grew from 10 to 30 and multiply-adds from 5 to 15."""

    def told(parameters: int, macs: int) -> Outcome:
        layer = row("fc", "", 0.0, "Linear", name="fc", parameters=parameters, macs=macs, output=[1, 10])
        return Outcome("ok", details={"layers": [layer]})

    sides = Server(results=lambda _: told(10, 5)), Server(results=lambda _: told(30, 15))
    item = Comparison(
        cell=str(COUNTED),
        measure=COUNTED.measure,
        unit="1",
        nature=Nature.COUNT,
        base=base,
        head=head,
        ratio=head / base,
        verdict="regression",
        note="exact",
        key=COUNTED.key,
    )
    return explain(servers(*sides), [watched(COUNTED, "exact")], [item], lambda: False, lambda _: None)


@pytest.mark.parametrize(("base", "head"), [(10.0, 30.0), (5.0, 15.0)])
def test_a_count_is_explained_by_what_of_the_layers_adds_up_to_it(base: float, head: float) -> None:
    (cause,) = counted(base, head).found[0].causes
    assert ("fc (Linear)", base, head) == (cause.name, cause.base, cause.head)


def test_a_count_that_no_layers_add_up_to_names_none() -> None:
    assert "no count of its layers adds up to the figure" in counted(7.0, 9.0).notes[0]
