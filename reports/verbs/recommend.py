"""`evobench recommend`: which architecture keeps the limits, and is beaten by no other."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.cli.options import values
from bench.cli.verb import DEFAULT_STORE, Verb, add_format, add_store, emit
from bench.errors import Exit, UsageError
from bench.store.database import Store
from bench.text.stdout import data_out
from bench.text.strict_json import as_json
from reports.candidates.choice import ACCURACY, MERITS

if TYPE_CHECKING:
    from reports.candidates.choice import ChoiceAnswer, Respect
    from reports.candidates.figures import Kind
    from reports.candidates.found import Candidate, Field
    from reports.choosing.further import Further

_LEAST = (
    ("min", "--min", "SHARE", values.share, "the figure of --by at least: 0.9 or 90%%"),
    ("top1", "--min-top1", "SHARE", values.share, "accuracy at least: 0.9 or 90%%"),
)
_MOST = (
    ("latency", "--max-latency", "TIME", values.seconds, "time of one inference at most: 5ms"),
    ("memory", "--max-memory", "SIZE", values.size, "peak memory of inference at most: 200MB"),
    ("parameters", "--max-parameters", "COUNT", values.count, "parameters at most: 10M"),
    ("macs", "--max-macs", "COUNT", values.count, "multiply-adds of one image at most: 2G"),
)
"""Respect, option, what it takes, how it is read, help."""
_WIDTH = 80
"""Characters of a line of words."""
_BY = tuple(merit.name for merit in MERITS)
_APART = re.compile(r"(?<=\d) (?=%|px|[mµn]?s\b|shots|folds)|(?<=n) (?== )|(?<=n =) (?=\d)")
"""Spaces that lines are not broken at."""
_RAW = {"latency": "latency_s", "memory": "peak_memory_bytes"}
"""Columns whose name says their unit."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `recommend`."""
    parser.add_argument(
        "--target",
        metavar="DATASET",
        help="accuracy as measured on this target, not as published for ImageNet: a data set, folder:PATH,"
        " csv:PATH or list:PATH, as run takes them",
    )
    parser.add_argument(
        "--by",
        type=values.one_of("figure of trainings", _BY),
        default=_BY[0],
        metavar="NAME",
        help=f"which figure of the trainings says how good they are: {', '.join(_BY)} (%(default)s)",
    )
    for name, option, what, read, about in (*_LEAST, *_MOST):
        parser.add_argument(option, dest=name, type=read, metavar=what, help=about)
    parser.add_argument("--device", metavar="NAME", help="device of the costs (the first that the run measured)")
    parser.add_argument("--run", default="latest", metavar="RUN", help="id, its beginning, or latest")
    add_format(parser)
    add_store(parser)


@dataclass(frozen=True)
class _Choice:
    """The request, and its answer."""

    run: str
    store: tuple[str, ...]
    """The option that names its store; none of the usual one."""
    field: Field
    kind: Kind | None
    device: str
    limits: Mapping[str, float]
    found: ChoiceAnswer
    further: Further | None
    """Further trainings; None where accuracies are published."""

    @property
    def candidates(self) -> Mapping[str, Candidate]:
        """All candidates by name."""
        return {item.name: item for item in self.field.by_kind[_name(self.kind)]}

    @property
    def chosen(self) -> Sequence[Candidate]:
        """The best first."""
        return [self.candidates[name] for name in self.found.chosen]


def run(arguments: argparse.Namespace) -> int:
    """Print the Pareto set that keeps the limits, the best first, and what became of the others."""
    from reports.candidates.choice import answer, ranked_by
    from reports.candidates.found import field_by
    from reports.choosing.asked import device_asked, kind_asked, require
    from reports.choosing.further import further
    from reports.choosing.telling import asked_words
    from reports.tidy.frame import read

    respects = ranked_by(arguments.by)
    limits = _limits(arguments, respects[0])
    with Store.open(arguments.store) as store:
        frames = read(store, arguments.run)
    field = field_by(frames, respects[0])
    kind = kind_asked(field, arguments.target)
    device = device_asked(field, arguments.device)
    require(field, kind, device, limits)
    found = answer(field.options(_name(kind), device), limits, respects)
    kept = () if arguments.store == DEFAULT_STORE else (f"--store {shlex.quote(str(arguments.store))}",)
    more = further(frames, field, kind, device, limits, kept) if kind and not kind.published else None
    _tell(asked_words(frames.run.id, device, kind, field, limits), arguments.format)
    _show(_Choice(frames.run.id, kept, field, kind, device, limits, found, more), arguments.format)
    return Exit.OK


def _limits(arguments: argparse.Namespace, merit: Respect) -> dict[str, float]:
    """Limits by respect.

    Raises:
        UsageError: a least accuracy is given that is not what is ranked by.
    """
    limits = {name: value for name, *_ in _MOST if (value := getattr(arguments, name)) is not None}
    if arguments.top1 is not None and merit.name != ACCURACY:
        raise UsageError(f"--min-top1 is about top1, and --by {merit.name} is asked for: give --min")
    if arguments.min is not None and merit.better == "lower":
        raise UsageError(f"--min is about what is better the higher it is, which {merit.name} is not")
    least = max((value for value in (arguments.min, arguments.top1) if value is not None), default=None)
    return limits if least is None else {merit.name: least, **limits}


def _name(kind: Kind | None) -> str:
    return kind.name if kind else ""


def _tell(lines: Iterable[str], form: str) -> None:
    """Words, beside data that go to stdout, a number in one line with its unit."""
    whole = (_APART.sub("\N{NO-BREAK SPACE}", line) for line in lines)
    filled = (textwrap.fill(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in whole)
    _say((line.replace("\N{NO-BREAK SPACE}", " ") for line in filled), form)


def _say(lines: Iterable[str], form: str) -> None:
    told = data_out() if form == "table" else sys.stderr
    told.write("".join(f"{line}\n" for line in lines))


def _show(choice: _Choice, form: str) -> None:
    from reports.choosing import settled, telling

    chosen, merit = choice.chosen, choice.field.merit
    if form in ("json", "csv"):
        emit(*_raw(choice, form), form)
    elif chosen or form == "markdown":
        emit(*_words(choice), form, telling.title_of(choice.found, choice.field))
    if chosen:
        _tell(telling.best_in(chosen, choice.found, choice.field, choice.device), form)
        _tell([*telling.trained_how(chosen, merit), *telling.conditions(chosen, choice.device)], form)
    else:
        _tell([telling.nearest(choice.candidates, choice.found, choice.field, choice.device, choice.limits)], form)
    _tell(telling.left_out(choice.found), form)
    if choice.kind and choice.kind.published:
        _tell(telling.on_own_images(chosen), form)
    if choice.further:
        _tell(["", *settled.lines(choice.further, merit)], form)
        _say(settled.in_lines(choice.further.command, _WIDTH), form)
    if choice.kind and (words := telling.to_take_away(choice.run, chosen, choice.field, choice.kind)):
        _tell(["", f"{chosen[0].name} to take away:"], form)
        _say(settled.in_lines((*words, *choice.store), _WIDTH), form)


def _words(choice: _Choice) -> tuple[list[str], list[list[object]]]:
    """Columns and rows for people: those of which the run has a figure, without intervals."""
    keys = _keys(choice)
    rows: list[list[object]] = [
        [
            item.name,
            *(_brief(item, key) for key in keys.values()),
            f"{item.resolution} px" if item.resolution else None,
        ]
        for item in choice.chosen
    ]
    return ["architecture", *(name.replace("memory", "peak memory") for name in keys), "input"], rows


def _brief(item: Candidate, key: str) -> str | None:
    """A figure without its interval, or in short why there is none."""
    if key in item.figures:
        return item.figures[key].text.partition(" [")[0]
    return item.lacks.get(key, "").partition(",")[0] or None


def _raw(choice: _Choice, form: str) -> tuple[list[str], list[list[object]]]:
    """The same in SI units, an accuracy as a share, with where the accuracy comes from and what is open of it."""
    from reports.choosing.settled import as_data

    keys, kind = _keys(choice), choice.kind
    accuracy = next(iter(keys.values()), "")
    open_of = as_data(choice.further, choice.found.chosen) if choice.further else [[] for _ in choice.chosen]
    rows: list[list[object]] = []
    for item, found in zip(choice.chosen, open_of, strict=True):
        values = [item.figures[key].value if key in item.figures else None for key in keys.values()]
        source = item.figures[accuracy].note if kind and accuracy in item.figures else None
        bounds = " ".join(name for name, key in keys.items() if key in item.figures and item.figures[key].bound)
        noisy = " ".join(name for name, key in keys.items() if key in item.figures and item.figures[key].status)
        of = kind.name if kind else None
        told = [source, bounds or None, noisy or None, found if form == "json" else as_json(found)]
        rows.append([item.name, *values, item.resolution, choice.device or None, of, *told])
    columns = [_RAW.get(name, name) for name in keys]
    last = ("resolution", "device", "accuracy_of", "accuracy_source", "lower_bounds", "noisy", "open")
    return ["architecture", *columns, *last], rows


def _keys(choice: _Choice) -> dict[str, str]:
    """Key of each figure of a candidate, by the respect's name."""
    from reports.candidates.figures import key_of

    keys = {respect.name: key_of(respect.name, choice.device) for respect in choice.field.respects}
    return {name: key for name, key in keys.items() if choice.field.has(_name(choice.kind), key)}


VERB = Verb(
    "recommend",
    "the architectures that keep your limits and that no other beats",
    configure,
    run,
    ("recommend --max-latency 50ms", "recommend --target uci-digits --min-top1 90%"),
)
