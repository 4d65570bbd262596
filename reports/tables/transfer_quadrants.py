"""Tables on when and how to fine-tune: the advice for each quadrant beside what wins there."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.learning.accuracy import accuracy_bounds
from reports.learning.quadrants import JudgedAdvice, Strategy, judged
from reports.tables import Column, table
from reports.tidy.frame import Frames

_TASK = (
    Column("Quadrant", tells=True),
    Column("Architecture", brief=False, tells=True),
    Column("Weights", brief=False, tells=True),
    Column("Target", tells=True),
    Column("Shots", tells=True),
)


@table(
    title="When and how to fine-tune",
    section="transfer",
    about=(
        "One row per quadrant and task: the strategy that won beside what the lecture advises. The margin is "
        "the best advised strategy minus the best other one."
    ),
    columns=(
        *_TASK,
        Column("Advice", brief=False),
        Column("Advised", brief=False),
        Column("Winner", answers=True),
        Column("Accuracy", "%", low="Accuracy low", high="Accuracy high", brief=False),
        Column("Best advised", brief=False),
        Column("Best other", brief=False),
        Column("Margin", "points", low="Margin low", high="Margin high"),
        Column("n", brief=False),
        Column("p", "1", brief=False),
        Column("Verdict", answers=True),
    ),
    cards=True,
)
def quadrants(frames: Frames) -> pd.DataFrame:
    """One row per quadrant and task."""
    return pd.DataFrame([_verdict(item) for item in judged(frames)])


@table(
    title="Strategies by quadrant",
    section="transfer",
    about=(
        "One row per strategy in a quadrant: its mean accuracy on test images over n trainings, with a 95 % "
        "interval. Strategies that the lecture advises are marked."
    ),
    columns=(
        *_TASK,
        Column("Strategy", tells=True),
        Column("Advised"),
        Column("Accuracy", "%", low="Accuracy low", high="Accuracy high", answers=True),
        Column("n", brief=False),
        Column("Interval", brief=False),
    ),
)
def quadrant_strategies(frames: Frames) -> pd.DataFrame:
    """One row per quadrant, task and way of transfer, the best first."""
    rows = [_task(item) | strategy_row(strategy) for item in judged(frames) for strategy in item.strategies]
    return pd.DataFrame(rows)


def quadrant_name(item: JudgedAdvice) -> str:
    """`small, similar`, say."""
    return f"{item.quadrant['size']}, {item.quadrant['likeness']}"


def _task(item: JudgedAdvice) -> dict[str, Any]:
    task = item.quadrant
    names = {name: task[name.lower()] for name in ("Architecture", "Weights", "Target", "Advice")}
    return names | {"Quadrant": quadrant_name(item), "Shots": task["shots"] or "all"}


def _verdict(item: JudgedAdvice) -> dict[str, Any]:
    advised = ", ".join(str(item.quadrant["advised"]).split())
    row = _task(item) | {"Advised": advised, "Verdict": item.verdict, "p": item.p}
    if item.strategies:
        row |= {"Winner": item.strategies[0].name, **_accuracy(item.strategies[0])}
    for heading, best in (("Best advised", item.best_advised), ("Best other", item.best_other)):
        row[heading] = best.name if best else ""
    difference = item.difference
    if difference is None:
        return row
    bounds = difference.interval
    return row | {
        "Margin": 100 * difference.mean,
        "Margin low": 100 * bounds.low if bounds else None,
        "Margin high": 100 * bounds.high if bounds else None,
        "n": difference.n,
    }


def strategy_row(strategy: Strategy) -> dict[str, Any]:
    """Columns of one strategy in the table."""
    return {"Strategy": strategy.name, "Advised": "yes" if strategy.advised else "", **_accuracy(strategy)}


def _accuracy(strategy: Strategy) -> dict[str, Any]:
    good = pd.DataFrame([dict(row) for row in strategy.rows])
    return {"Accuracy": 100 * strategy.mean, "n": len(good), **accuracy_bounds(good)}
