"""The command that trains some architectures of a run with more seeds: the run's own, with what changes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from bench.cell import USUAL_RECIPE
from bench.declare.learning_axes import BESIDE, SHARED, LearningAxes

Row = Mapping[str, Any]
_LISTS = {
    "weights": "--weights",
    "mode": "--mode",
    "augmentation": "--augment",
    "shots": "--shots",
    "recipe": "--recipe",
    "pipeline": "--pipeline",
    "resolution": "--resolution",
    "batch": "--batch",
    "precision": "--precision",
    "lr": "--lr",
}
"""Conditions of learning that take several values, by the name in a run's settings, with their options."""
_USUAL = {"augmentation": ["none"], "recipe": [USUAL_RECIPE], "pipeline": ["tensor"], "precision": ["fp32"]}
"""Values that go without saying."""
_SINGLE = {"steps": "--steps", "folds": "--folds", "patience": "--patience"}
_LEFT_OUT = (
    "--fresh",
    "--dry-run",
    "--resume",
    "--budget",
    "--family",
    "--arch",
    "--target",
    "--seeds",
    "--store",
)
"""Options of the run that it is not to be made again with, or that are said anew."""
_LEARNED = {field.name for field in fields(LearningAxes)} - {*SHARED, *BESIDE}
_ALL = "all"


def command_for(
    command: str,
    settings: Mapping[str, Any],
    trainings: Iterable[Row],
    target: str,
    seeds: int,
    store: tuple[str, ...],
) -> tuple[str, ...]:
    """The words of a command line, an option with its values each; none where no options of `run` ask for them.

    A run whose options say what is learned is made again with them, narrowed to what these trainings have; what
    stands in the tables of a suite is said by options, as far as the trainings agree in it.

    Args:
        command: command of the run.
        settings: settings that the run was begun with.
        trainings: rows of the records, of the architectures that are to be trained.
        target: whole.
        seeds: seeds of each training.
        store: the option that names the store of the run; none of the usual one.
    """
    try:
        words = shlex.split(command)
    except ValueError:  # a quote is not closed: the store has another text than evobench wrote
        return ()
    rows = list(trainings)
    if words[:2] != ["evobench", "run"] or any(row["duration"] for row in rows):
        return ()
    said = {**_narrowed(settings, rows), "--target": target} if _LEARNED & settings.keys() else {}
    said = said or {**_conditions(rows), "--target": target}
    left_out = [*_LEFT_OUT, *said, *([] if _LEARNED & settings.keys() else ["--suite"])]
    catalogs = [f"--catalog {shlex.quote(name)}" for name in settings.get("catalogs", ())]
    kept = _kept(words[2:], [*left_out, *(["--catalog"] if catalogs else [])])
    names = dict.fromkeys(row["architecture"] for row in rows)
    options = {"--arch": ",".join(names), **said, "--seeds": str(seeds)}
    return (
        "evobench run",
        *catalogs,
        *kept,
        *(f"{name} {shlex.quote(value)}" for name, value in options.items()),
        *store,
    )


def _narrowed(settings: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, str]:
    """The values that some of the trainings have, for each option that lists several."""
    said = {}
    for name, option in _LISTS.items():
        typed = settings.get(name, ())
        if isinstance(typed, list) and len(typed) > 1:
            had = _values(rows, name)
            # what is typed may be a word for several values, such as pretrained
            words = set(typed) - {"random"} if name == "weights" and had - {*typed} else had
            some = [value for value in typed if value in had or value in words]
            if 0 < len(some) < len(typed):
                said[option] = ",".join(_ALL if name == "shots" and not value else _text(value) for value in some)
    return said


def _conditions(rows: Sequence[Row]) -> dict[str, str]:
    """Conditions of the trainings, where one option can state them for all."""
    said = {}
    for name, option in _LISTS.items():
        values = sorted(_values(rows, name), key=str)
        if values != _USUAL.get(name) and (name != "lr" or len(values) == 1):
            said[option] = ",".join(_ALL if name == "shots" and not value else _text(value) for value in values)
    for name, option in _SINGLE.items():
        values = sorted(_values(rows, name), key=str)
        if len(values) == 1 and values[0]:
            said[option] = _text(values[0])
    return said


def _values(rows: Iterable[Row], name: str) -> set[Any]:
    return {row[name] for row in rows}


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _kept(words: Sequence[str], left_out: Iterable[str]) -> list[str]:
    """The options of a command line without some, each with its values."""
    found: list[list[str]] = []
    for word in words:
        if word.startswith("--") or not found:
            found.append([word])
        else:
            found[-1].append(word)
    return [shlex.join(option) for option in found if option[0].partition("=")[0] not in left_out]
