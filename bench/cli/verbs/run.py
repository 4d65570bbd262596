"""`evobench run`: measure suites and keep every result."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path

from bench.cli.asking import Questions, kept_questions, named, questions_of
from bench.cli.ending import ending_of
from bench.cli.how import How, expected, filled
from bench.cli.measuring import executor_of, measure, planned, preview, settled
from bench.cli.options.data import add_data_options, tell_data
from bench.cli.options.engines import LOCAL, add_engine_options, gpus_of, lanes_here
from bench.cli.options.learning import add_margin
from bench.cli.options.study_file import add_study_file
from bench.cli.options.values import seconds, size
from bench.cli.options.what import add_what_options, wish_of
from bench.cli.plan_table import table_of
from bench.cli.verb import Terminal, Verb, add_artifacts_limit, add_format, add_store, emit
from bench.declare.artifact import Shelf
from bench.errors import Exit
from bench.machine.host import host_key
from bench.run.driver import LIMIT, Pace
from bench.run.driving.layout import wall_share
from bench.run.forecast import Forecast, ForecastLine, lines, total_seconds
from bench.run.kept import known_host
from bench.run.plan import PlanStep, cells_of, left
from bench.run.runs import DEFAULT_SUITES, Wish, choose
from bench.run.shelf.beside import folder_of_run
from bench.run.shelf.contents import folder_beside
from bench.store.database import Store
from bench.store.rows import STUDY
from bench.text.stdout import data_out
from bench.words import about, cells


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    add_study_file(parser)
    add_what_options(parser, DEFAULT_SUITES)
    how = parser.add_argument_group("how")
    how.add_argument(
        "--device", metavar="cpu|cuda|mps", help="(default: cpu); cells are dealt out over cuda:0,cuda:1"
    )
    add_engine_options(how)
    how.add_argument("--budget", type=seconds, metavar="5m", help="wall time of all measuring, before precision")
    how.add_argument("--timeout", type=seconds, default=LIMIT, metavar="15m", help="wall time of one cell")
    how.add_argument(
        "--memory-limit",
        type=size,
        metavar="2GB",
        help="what one cell may allocate: memory beyond torch itself (Linux), or of its GPU",
    )
    add_margin(how)
    how.add_argument("--dry-run", action="store_true", help="show the plan and its expected time only")
    how.add_argument("--resume", nargs="?", const="", metavar="RUN", help="continue a run that was interrupted")
    add_data_options(how)
    how.add_argument("--fresh", action="store_true", help="measure anew what a kept figure could stand for")
    how.add_argument("--no-report", action="store_true", help="keep the results, write no tables and no report")
    add_artifacts_limit(how)
    add_store(how)
    add_format(how)


def run(arguments: argparse.Namespace) -> int:
    """Measure; returns 0, or 3 where a cell failed, no cell gave a figure or the budget ended first."""
    console = Terminal(stderr=True, highlight=False)
    wish, how = wish_and_how(arguments)
    steps = planned(wish, how)
    if arguments.dry_run:
        return _dry_run(arguments, how, wish, steps, console)
    name, state = measure(how, wish, steps, console)
    for point in () if arguments.no_report else entry_points(group="evobench.finishers"):
        written: Path = point.load()(how.store, name, folder_of_run(how.store, name), console)
        data_out().write(f"{written}\n")
    ending = ending_of(how.store, name, state, how.again, counts=arguments.no_report)
    ending.tell(console)
    return ending.code


def wish_and_how(arguments: argparse.Namespace) -> tuple[Wish, How]:
    """What the options ask for, and how it is to be measured.

    Raises:
        UsageError: a device, a folder or an engine that is not there.
    """
    device, gpus = gpus_of(arguments.device)
    wish = replace(wish_of(arguments), device=device, margin=arguments.margin or 0.0)
    pace = Pace(
        arguments.budget,
        arguments.timeout,
        arguments.memory_limit,
        lanes=lanes_here(arguments.lanes, arguments.memory_limit) if arguments.executor == LOCAL else 1,
        gpus=gpus,
        timings_on=arguments.timings_on,
        shares=arguments.share_gpus,
    )
    how = How(
        arguments.store,
        pace,
        device,
        arguments.resume,
        arguments.fresh,
        arguments.download,
        arguments.artifacts_limit,
        arguments.executor,
        arguments.lanes,
        {STUDY: {"file": study.path.name, "text": study.text}} if (study := arguments.study) else {},
        fills=True,
    )
    return wish, how


def _dry_run(
    arguments: argparse.Namespace, how: How, wish: Wish, steps: tuple[PlanStep, ...] | None, console: Terminal
) -> int:
    """Print what would be measured, and how long it would take; nothing is written."""
    if not arguments.store.exists():
        steps = steps or wish.steps()
        tell_data(console)
        lacking = preview(how, steps, wish.catalogs, console)
        plan = _Plan(steps, steps, wish.catalogs, wish.profile or "default", questions_of(wish, steps), lacking)
        _show_plan(arguments, how, plan, Forecast(), lines(steps, Forecast()), console)
        return Exit.OK
    with Store.open(arguments.store) as store:
        choice = choose(store, wish, arguments.resume, steps, how.pace.before_cells())
        lacking = preview(how, choice.steps, choice.catalogs, console)
        attempted = store.past.attempted(choice.run.id) if choice.run else frozenset()
        known = known_host(store, cells_of(choice.steps))
        here = host_key(known) if known else ""
        todo = left(choice.steps, attempted)
        forecast = Forecast.by(store, here)
        parts = lines(todo, forecast, store, here, Shelf(folder_beside(store.path)))
        run = choice.run
        questions = kept_questions(store, run.id) if run else questions_of(wish, choice.steps)
        profile = run.profile if run else wish.profile or "default"
        plan = _Plan(choice.steps, todo, choice.catalogs, profile, questions, lacking)
    tell_data(console)
    _show_plan(arguments, how, plan, forecast, parts, console)
    return Exit.OK


@dataclass(frozen=True)
class _Plan:
    steps: Sequence[PlanStep]
    todo: Sequence[PlanStep]
    """The steps with processes that have no record yet."""
    catalogs: Sequence[str]
    profile: str
    questions: Questions
    lacking: str
    """What of it is not on this machine, in words."""


def _show_plan(
    arguments: argparse.Namespace,
    how: How,
    plan: _Plan,
    forecast: Forecast,
    parts: Sequence[ForecastLine],
    console: Terminal,
) -> None:
    executor = executor_of(how, plan.catalogs, plan.todo)
    try:
        how = filled(settled(how, executor, plan.todo), plan.profile, plan.steps)
        share = wall_share(plan.todo, executor.hosts(), how.pace, forecast, Shelf(folder_beside(how.store)))
        comparisons = named(plan.questions.asked_of(plan.steps))
        seconds = expected(how.pace, total_seconds(parts) * share, bool(comparisons))
    finally:
        executor.close()
    emit(*table_of(parts, arguments.format), arguments.format)
    if comparisons:
        console.print(comparisons, highlight=False, soft_wrap=True)
    lanes = "1 lane" if how.pace.lanes == 1 else f"{how.pace.lanes} lanes"
    whole = f"{about(seconds)}, {cells(sum(part.cells for part in parts))} in {lanes}"
    lacking = f"missing: {plan.lacking}" if plan.lacking else "nothing is missing"
    console.print(f"{whole}; {lacking}", markup=False, highlight=False, soft_wrap=True)


VERB = Verb(
    "run",
    "measure suites and keep every result",
    configure,
    run,
    (
        "run  # the lecture's networks",
        "run --dry-run  # what would be measured, how long, what is missing",
        "run --profile smoke --arch lenet5,resnet18  # a first look",
        "run --suite cost --arch resnet50,vit_b_16 --budget 5m",
        "run --arch resnet18 --weights pretrained --target folder:photos",
    ),
    (
        *("--suite", "--arch", "--profile", "--weights", "--mode", "--target", "--device", "--budget"),
        *("--dry-run", "--resume", "--download", "--store"),
    ),
)
