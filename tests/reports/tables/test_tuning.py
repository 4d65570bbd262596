"""What tables say of tuned trainings, and of their trials."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.declare.catalog import MEASURES
from bench.declare.loading.discovery import load_catalogs
from bench.learning.tuning.trials import Trial, TrialChoice
from reports.learning.scenarios import trainings
from reports.output.brief import brief_table
from reports.page.section import Page
from reports.page.sections.transfer import transfer
from reports.tables import load_tables
from reports.tidy.frame import Frames, rows_of
from tests.reports.trainings import learned

Learn = Callable[..., Frames]


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    load_catalogs()
    return lambda *items: learned(tmp_path / "s.sqlite", items, details=MEASURES.get("top1").details)


def tuned(right: int, untuned: int | None, *rates: float, best: int = 1, **conditions: Any) -> dict[str, Any]:
    """A training whose trial at `best` stands, with these learning rates."""
    trials = [
        Trial({"lr": lr, "weight_decay": 0.01}, 0.9 if i == best else 0.5, 1.0, 2.0) for i, lr in enumerate(rates)
    ]
    choice = TrialChoice(
        (*trials, Trial({"lr": 9.0, "weight_decay": 0.01}, failed="the training loss is not finite"))
    )
    first = None if untuned is None else untuned / 100
    # the chosen rate has the name of the scenario's, which is that of the first trial
    told = {name: value for name, value in choice.told().items() if name != "lr"}
    return {"right": right, "tune": len(rates) + 1, "untuned_top1": first, **told, **conditions}


def terminal(name: str, frames: Frames) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(brief_table(load_tables().get(name), frames))
    return console.export_text()


def table_of(frames: Frames, name: str) -> list[dict[str, Any]]:
    return rows_of(load_tables().get(name).build(frames))


def test_a_scenario_has_its_accuracy_beside_that_without_tuning(learn: Learn) -> None:
    (row,) = table_of(learn(tuned(90, 80, 1e-3, 1e-2), tuned(92, 84, 1e-3, 1e-2, seed=1)), "tuning")
    assert [91.0, 82.0, 9.0, 2] == pytest.approx([row["Accuracy"], row["Untuned"], row["Gain"], row["n"]])
    assert row["Gain low"] < 9.0 < row["Gain high"]


def test_chosen_values_are_told_from_the_smallest_to_the_largest(learn: Learn) -> None:
    rates = (1e-3, 1e-2, 3e-2)
    (row,) = table_of(learn(tuned(90, 80, *rates), tuned(92, 84, *rates, best=2, seed=1)), "tuning")
    assert ("0.01 to 0.03", "0.01") == (row["Learning rate"], row["Weight decay"])


def test_a_training_whose_chosen_value_lies_at_an_end_is_counted(learn: Learn) -> None:
    rates = (1e-3, 1e-2, 3e-2)
    (row,) = table_of(learn(tuned(90, 80, *rates), tuned(92, 84, *rates, best=0, seed=1)), "tuning")
    assert ("1 of 2", 2) == (row["At an edge"], row["Failed"])


def test_a_first_trial_that_failed_has_no_accuracy_to_gain_on(learn: Learn) -> None:
    (row,) = table_of(learn(tuned(90, None, 1e-3, 1e-2)), "tuning")
    assert row.get("Untuned") is None


def test_every_trial_has_a_row_and_one_of_them_is_the_chosen_one(learn: Learn) -> None:
    rows = table_of(learn(tuned(90, 80, 1e-3, 1e-2), {"right": 70}), "trials")
    assert [("1 of 3", "", 1e-3), ("2 of 3", "chosen", 1e-2), ("3 of 3", "", 9.0)] == [
        (row["Trial"], row["Chosen"], row["Learning rate"]) for row in rows
    ]
    assert [50.0, 90.0] == [row["Validation"] for row in rows[:2]]
    assert "the training loss is not finite" == rows[2]["Failed"]


def test_chosen_values_have_no_powers_of_ten_that_people_must_reckon(learn: Learn) -> None:
    (row,) = table_of(learn(tuned(90, 80, 1e-3, 100.4)), "tuning")
    assert "100" == row["Learning rate"]


def test_trainings_of_two_recipes_and_rates_are_told_apart_at_80_columns(learn: Learn) -> None:
    conditions: list[dict[str, Any]] = [
        {"recipe": recipe, "lr": lr} for recipe in ("harness", "modern") for lr in (0.001, 0.01)
    ]
    frames = learn(*(tuned(90, 80, 1e-3, 1e-2, **told) for told in conditions))
    settings = ["best of 3, learning rate 0.001", "best of 3, learning rate 0.01"]
    settings += [f"modern recipe, {setting}" for setting in settings]
    for name in ("tuning", "trials"):
        assert settings == list(dict.fromkeys(row["Setting"] for row in table_of(frames, name)))
        shown = " ".join(terminal(name, frames).split())
        assert "Learning rate" not in shown.partition("not shown")[2]
        assert all(f"{letter}: {setting}" in shown for letter, setting in zip("abcd", settings, strict=True))


def test_a_run_without_a_tuned_training_has_no_row(learn: Learn) -> None:
    frames = learn({"right": 70})
    assert ([], []) == (table_of(frames, "tuning"), table_of(frames, "trials"))


def test_a_tuned_scenario_is_told_apart_from_the_untuned_one(learn: Learn) -> None:
    names = set(trainings(learn(tuned(90, 80, 1e-3, 1e-2), {"right": 70}))["scenario"])
    assert {"finetune:all (pretrain:mnist5k), best of 3", "finetune:all (pretrain:mnist5k)"} == names


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (({"right": 70}, {"right": 60, "architecture": "alexnet"}), "One recipe for all"),
        (
            (tuned(90, 80, 1e-3, 1e-2), tuned(91, 80, 1e-3, 1e-2, architecture="alexnet")),
            "best of 3 on validation",
        ),
    ],
    ids=["untuned", "tuned"],
)
def test_the_section_says_by_what_chance_networks_are_compared(
    learn: Learn, items: tuple[dict[str, Any], ...], words: str
) -> None:
    assert words in str(transfer(Page(learn(*items))))


def test_of_one_network_nothing_is_said_of_others(learn: Learn) -> None:
    assert "One recipe for all" not in str(transfer(Page(learn({"right": 70}))))
