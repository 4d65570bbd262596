"""Command lines: options of every verb, from the parsers themselves, with hostile values and environments."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from importlib.metadata import entry_points
from random import Random
from typing import Any

from tests.fuzz.base import CATALOG, STUDY, Base
from tests.fuzz.drawing import NUMBERS, text
from tests.fuzz.sandbox import Attempt, Sandbox

NEVER = frozenset({"--serve", "--download", "--executor", "--help-all"})
"""Options that wait for others, or reach other machines."""
UNTRIED = frozenset({"regress", "predict"})
"""Verbs that make environments, or run the program that they are given."""
DRY = {"run": "--dry-run", "clean": "--dry-run", "audit": "--ledger"}
"""Verbs that would measure for long, and the option that has them plan only."""
ENVIRONMENTS = (
    ("COLUMNS", "9" * 5000), ("COLUMNS", "0"), ("COLUMNS", "-1"), ("COLUMNS", "1"), ("LINES", "x"),
    ("SOURCE_DATE_EPOCH", "x"), ("TERM", "\x1b"), ("NO_COLOR", "1"), ("EVOBENCH_DATA", "/dev/null"),
    ("EVOBENCH_DATA", ""), ("EVOBENCH_ARTIFACTS_LIMIT", "x"), ("EVOBENCH_ARTIFACTS_LIMIT", "9" * 5000),
    ("HOME", "/proc/nowhere"), ("TMPDIR", "/proc/nowhere"), ("TZ", "x" * 300), ("LANG", "\x1b"),
    ("PYTHONIOENCODING", "ascii"), ("GIT_DIR", "/dev/null"), ("OMP_NUM_THREADS", "x"), ("CI", "true"),
    ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/proc/nowhere/x"), ("COLORTERM", "x"),
    ("EVOBENCH_ARTIFACTS_LIMIT", "-1GB"), ("PATH", ""),
)  # fmt: skip
WORDS = (
    "lenet5", "lenet5,lenet5", "latest", "main", "counts", "evolution", "latency", "1", "0", "-1", "1,2", "5m",
    "5", "0s", "90%", "200MB", "cat.py", "study.toml", "s.sqlite", ".", "photos", "folder:photos", "folder:",
    "csv:photos", "list:", "file:", "file:s.sqlite", "uci-digits", "imagenet", "random", "pretrained", "scratch",
    "finetune:all", "features+knn", "cpu", "cuda", "cuda:9", "cpu,cuda", "all", "none", "auto", "best", "json",
    "table", "csv", "junit=x.xml", "comment=-", "a=b", "svg", "2026-01-31", "HEAD", "train=a,test=b", ".png",
    "lenet5:x=1", "vit_simple:heads=6", "vit_simple:heads=0", "resnet18", "lenet5:", ",", "=", "fp32,bf16",
    "nowhere/x", "s.sqlite/x", "new", "smoke",
)  # fmt: skip
"""Values that some option takes, so that those behind it are reached."""


def make(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A verb with some of its options, right and wrong ones."""
    shutil.copy(base.store, box.own / "s.sqlite")
    (box.own / "cat.py").write_text(CATALOG)
    (box.own / "study.toml").write_text(STUDY)
    shutil.copytree(base.photos, box.own / "photos")
    verb = random.choice(sorted(_parsers()))
    words = [verb, *_options(_parsers()[verb], random)]
    if random.random() < 0.6:
        words += ["--store", "s.sqlite"]
    if verb in DRY and DRY[verb] not in words:
        words.append(DRY[verb])
    environment = dict(random.sample(ENVIRONMENTS, random.choice((1, 2)))) if random.random() < 0.25 else {}
    return Attempt(
        tuple(
            word.replace("\0", "").encode(errors="surrogatepass").decode(errors="surrogateescape")
            for word in words
        ),
        environment,
    )


_KNOWN: dict[str, argparse.ArgumentParser] = {}


def _parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each verb, as the command makes it."""
    if not _KNOWN:
        for point in entry_points(group="evobench.verbs"):
            if point.name not in UNTRIED:
                parser = argparse.ArgumentParser()
                point.load().configure(parser)
                _KNOWN[point.name] = parser
    return _KNOWN


def _options(parser: argparse.ArgumentParser, random: Random) -> list[str]:
    actions = [action for action in parser._actions if not NEVER & {*action.option_strings}]
    named = [action for action in actions if action.option_strings]
    words: list[str] = []
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            below = random.choice(sorted(action.choices))
            return [below, *_options(action.choices[below], random)]
        if not action.option_strings and (action.nargs not in ("?", "*") or random.random() < 0.4):
            words += _values(action, random)
    for action in random.sample(named, min(len(named), random.choice((0, 1, 2, 3, 6)))):
        words += _spelled(random.choice(action.option_strings), _values(action, random), random)
    if random.random() < 0.1:
        words.insert(random.randrange(len(words) + 1), text(random))
    return words


def _spelled(option: str, values: Sequence[str], random: Random) -> list[str]:
    if len(values) == 1 and random.random() < 0.5 and option.startswith("--"):
        return [f"{option}={values[0]}"]
    return [option, *values]


def _values(action: argparse.Action, random: Random) -> list[str]:
    if action.nargs == 0:
        return []
    count = action.nargs if isinstance(action.nargs, int) else 1
    return [_value(action, random) for _ in range(count)]


def _value(action: Any, random: Random) -> str:
    way = random.random()
    if action.choices and way < 0.7:
        return str(random.choice(sorted(action.choices)))
    if way < 0.6:
        return random.choice(WORDS)
    # a path that leads out is the user's own word, and whoever writes there does as asked
    return str(random.choice(NUMBERS)) if way < 0.75 else text(random).replace("/", "_").replace("..", "_")
