"""Measuring from a notebook or a script, in the words of the options of `evobench run`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench.cli.ending import ending_of
from bench.cli.measuring import measure, planned
from bench.cli.options.study_file import options_of, with_study
from bench.cli.parser import Parser
from bench.cli.verb import DEFAULT_STORE, Terminal, require_environment
from bench.cli.verbs.run import configure, wish_and_how
from bench.errors import UsageError
from bench.run.progress import Screen
from evobench.stored import Run, load

Word = str | int | float | bool | Path | Sequence[str | int | float | Path] | None
"""A value of an option; None leaves the option unsaid."""
_OF_THE_COMMAND = {"format", "no-report"}
"""Options for what the command prints and writes when the run is over."""
_WIDTH = 100
"""Columns of what a notebook shows."""


def run(study: str | Path | None = None, /, **words: Word) -> Run:
    """Measure suites, keep every result in the store, and load the run.

    The words are the options of `evobench run` without their dashes, with `_` for `-` within; a list stands for an
    option that takes several values. Cells are measured in processes of their own, which find architectures and
    measures by the catalogues that are named: declarations of your own go into a file, not into the notebook.

    A cell that fails does not raise: `run.state` and `run.tables["failures"]` tell of it. Interrupting keeps what
    is measured; `evobench.run(resume=True)` goes on with it.

    Args:
        study: path of a study file (TOML). A word that is given here takes the place of the file's.
        words: options of `evobench run`, such as `suite`, `arch`, `measure`, `profile`, `weights`, `target`,
            `device`, `budget`, `download`, `fresh`, `catalog`, `resume` and `store`; all of them are listed by
            `evobench run --help-all`.

    Returns:
        The run, as `evobench.load` gives it. No report is written: `evobench report` makes one.

    Raises:
        UsageError: a word is not an option or has a value that it does not take, or there is nothing to measure.
        StoreError: the store cannot be written.
        KeyboardInterrupt: the measurement was interrupted.

    Example:
        ```python
        run = evobench.run(suite="counts", arch=["lenet5", "alexnet", "resnet18"])
        mine = evobench.run(suite="transfer", arch=["resnet18"], target="folder:photos", budget="10m")
        ```
    """
    require_environment()
    parser = Parser(prog="evobench run")
    configure(parser)
    said = {name.replace("_", "-"): _plain(value) for name, value in words.items() if value is not None}
    for name in said.keys() & _OF_THE_COMMAND:
        raise UsageError(f"evobench.run returns the run and prints no table: --{name} is for the command alone")
    options = [*([] if study is None else [_file(str(study))]), *options_of(parser, said)]
    arguments = with_study(parser, options, parser.parse_args(options))
    if arguments.dry_run:
        raise UsageError("evobench.run measures: the command evobench run --dry-run shows what would be measured")
    wish, how = wish_and_how(arguments)
    where = "" if how.store == DEFAULT_STORE else f", store={str(how.store)!r}"
    command = shlex.join(["evobench", "run", *options])
    how = replace(how, command=command, again=f"evobench.run(resume=True{where})")
    console, screen = _shown()
    name, state = measure(how, wish, planned(wish, how), console, screen)
    ending_of(how.store, name, state, how.again, counts=False).tell(console)
    return load(name, how.store)


def _file(name: str) -> str:
    """The same file, by a name that is not read as an option."""
    return f"./{name}" if name.startswith("-") else name


def _plain(value: Word) -> object:
    """The value as a file could have it."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return value
    return [_plain(item) for item in value]


def _shown() -> tuple[Console, Screen | None]:
    """Where to tell of the run: in a notebook the output of its cell, else stderr, as the command does."""
    if not Terminal().is_jupyter:
        return Terminal(stderr=True, highlight=False), None
    from evobench.notebook import Output

    return Console(force_jupyter=False, force_terminal=False, width=_WIDTH, highlight=False), Output(_WIDTH)
