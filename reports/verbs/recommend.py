"""`evobench recommend`: which architecture keeps the limits, and is beaten by no other."""

from __future__ import annotations

import argparse
import difflib
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bench.cli.options import values
from bench.cli.verb import Verb, add_format, add_store, emit
from bench.errors import Exit, NotComparable, UnknownName
from bench.store.database import Store

if TYPE_CHECKING:
    from reports.candidates.choice import Answer
    from reports.candidates.figures import Kind
    from reports.candidates.found import Candidate, Field

_LIMITS = (
    ("top1", "--min-top1", "SHARE", values.share, "accuracy at least: 0.9 or 90%%"),
    ("latency", "--max-latency", "TIME", values.seconds, "time of one inference at most: 5ms"),
    ("memory", "--max-memory", "SIZE", values.size, "peak memory of inference at most: 200MB"),
    ("parameters", "--max-parameters", "COUNT", values.count, "parameters at most: 10M"),
    ("macs", "--max-macs", "COUNT", values.count, "multiply-adds of one image at most: 2G"),
)
"""Respect, option, what it takes, how it is read, help."""
_SUITES = {"parameters": "counts", "macs": "counts"}
"""What measures a cost; all others are of the suite `evolution`."""
_WIDTH = 80
"""Characters of a line of words."""
_DEVICES = ("cpu", "cuda", "mps")
_ALIKE = 0.75
"""Of letters in common, from which on a name is a misspelt one (`difflib`)."""
_RAW = {"latency": "latency_s", "memory": "peak_memory_bytes"}
"""Columns whose name says their unit."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `recommend`."""
    for name, option, what, read, about in _LIMITS:
        parser.add_argument(option, dest=name, type=read, metavar=what, help=about)
    parser.add_argument(
        "--target", metavar="NAME", help="accuracy as measured on this target, not as published for ImageNet"
    )
    parser.add_argument("--device", metavar="NAME", help="device of the costs (the first that the run measured)")
    parser.add_argument("--run", default="latest", metavar="RUN", help="id, its beginning, or latest")
    add_format(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the Pareto set that keeps the limits, the best first, and what became of the others."""
    from reports.candidates.choice import answer
    from reports.candidates.found import field_of
    from reports.tidy.frame import read

    with Store.open(arguments.store) as store:
        frames = read(store, arguments.run)
    limits = {name: value for name, *_ in _LIMITS if (value := getattr(arguments, name)) is not None}
    field = field_of(frames)
    kind = _kind(field, arguments.target)
    device = _device(field, arguments.device)
    _require(field, kind, device, limits)
    found = answer(field.options(_name(kind), device), limits)
    _tell(_asked(frames.run.id, device, kind, limits), arguments.format)
    _show(field, kind, device, found, limits, arguments.format)
    return Exit.OK


def _kind(field: Field, target: str | None) -> Kind | None:
    """The kind of accuracy that is asked for; of several tasks of a target that of most architectures."""
    from reports.candidates.choice import ACCURACY

    if target is None:
        return next(iter(field.kinds), None)
    kinds = [kind for kind in field.kinds if not kind.published and target in (kind.name, kind.target)]
    if not kinds:
        names = [name for kind in field.kinds if not kind.published for name in (kind.name, kind.target)]
        if difflib.get_close_matches(target, names, n=1, cutoff=_ALIKE):
            raise UnknownName("target of this run", target, names)
        known = ", ".join(f"'{kind.name}'" for kind in field.kinds if not kind.published)
        has = f"it has {known}" if known else f"evobench run --suite transfer --target {target} does"
        raise NotComparable(f"this run measured no accuracy on '{target}'; {has}")
    return max(kinds, key=lambda kind: sum(ACCURACY in item.figures for item in field.by_kind[kind.name]))


def _device(field: Field, device: str | None) -> str:
    from reports.hosts import device_of

    on = [name for name in field.devices if device and device == device_of(name) != name]
    if len(on) > 1:
        hosts = " or ".join(f"'{name}'" for name in on)
        raise NotComparable(f"costs on '{device}' are of several hosts of this run: name {hosts}")
    if on:
        return on[0]
    if device is not None and device.partition(":")[0] in _DEVICES and device not in field.devices:
        known = ", ".join(f"'{name}'" for name in field.devices) or "no device"
        raise NotComparable(f"this run measured nothing on '{device}'; it has {known}")
    if device is not None and device not in field.devices:
        raise UnknownName("device of this run", device, field.devices)
    return device or next(iter(field.devices), "")


def _require(field: Field, kind: Kind | None, device: str, limits: Mapping[str, float]) -> None:
    """A limit on what this run has no figure of cannot be judged."""
    from reports.candidates.choice import ACCURACY, RESPECTS
    from reports.candidates.figures import key_of

    candidates = field.by_kind[_name(kind)]
    if not candidates:
        raise NotComparable("this run has no figures to choose by: evobench run --suite evolution measures them")
    for respect in RESPECTS:
        key = key_of(respect.name, device)
        if respect.name in limits and not field.has(_name(kind), key):
            trained = respect.name == ACCURACY or (kind and not kind.published)
            suite = "transfer" if trained else _SUITES.get(respect.name, "evolution")
            what = respect.lacks.removeprefix("no ")
            known = [item.lacks[key] for item in candidates if key in item.lacks and (item.accuracy or not kind)]
            of_any = f"to choose by ({known[0]})" if known else "of any architecture"
            raise NotComparable(f"this run has no {what} {of_any}: evobench run --suite {suite} measures it")


def _name(kind: Kind | None) -> str:
    return kind.name if kind else ""


def _asked(run: str, device: str, kind: Kind | None, limits: Mapping[str, float]) -> list[str]:
    """What was understood: the run, and the limits with their units."""
    from reports import formats
    from reports.candidates.choice import respects_of

    words = [f"run {run}", *([f"costs on {device}"] if device else [])]
    words += [f"accuracy on {kind.title}"] if kind else []
    asked = [
        f"{_lower(respect.title)} at {'least' if respect.better == 'higher' else 'most'} "
        + formats.quantity(limits[respect.name] * (100 if kind_of else 1), "%" if kind_of else respect.unit)
        for respect in respects_of(limits)
        for kind_of in [respect.name == "top1"]
    ]
    return ["; ".join(words), *([f"asked: {', '.join(asked)}"] if asked else [])]


def _conditions(chosen: Iterable[Candidate], device: str) -> list[str]:
    """Under what the latency of those shown was measured: what they have in common."""
    from reports.candidates.figures import key_of

    key = key_of("latency", device)
    notes = [item.figures[key].note.split(", ") for item in chosen if key in item.figures]
    shared = [word for word in notes[0] if all(word in other for other in notes)] if notes else []
    return [f"latency: {', '.join(shared)}"] if shared else []


def _tell(lines: Iterable[str], form: str) -> None:
    """Words, beside data that go to stdout."""
    told = sys.stdout if form == "table" else sys.stderr
    wrapped = (textwrap.fill(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in lines)
    told.write("".join(f"{line}\n" for line in wrapped))


def _show(
    field: Field, kind: Kind | None, device: str, found: Answer, limits: Mapping[str, float], form: str
) -> None:
    by_name = {item.name: item for item in field.by_kind[_name(kind)]}
    chosen = [by_name[name] for name in found.chosen]
    if form in ("json", "csv"):
        emit(*_raw(field, chosen, kind, device), form)
    elif chosen or form == "markdown":
        emit(*_words(field, chosen, kind, device), form, _title(found))
    said = _conditions(chosen, device) if chosen else [_nothing(by_name, found, device, limits)]
    reasons = sorted(found.left_out.items(), key=lambda item: -len(item[1]))
    _tell([*said, *(f"{len(names)} left out: {reason}" for reason, names in reasons)], form)


def _title(found: Answer) -> str:
    from reports.candidates.choice import respects_of

    wanted = ", ".join(_lower(respect.title) for respect in respects_of(found.wanted))
    return f"{len(found.chosen)} that no other beats in {wanted}"


def _nothing(by_name: Mapping[str, Candidate], found: Answer, device: str, limits: Mapping[str, float]) -> str:
    """What is nearest to the limits, and how far it is beyond them."""
    from reports.candidates.choice import respects_of
    from reports.candidates.figures import key_of

    if not found.nearest:
        return "no architecture of this run has all that is wanted"
    figures = by_name[found.nearest].figures
    far = [
        f"{_lower(respect.title)} {figures[key].text}"
        for respect in respects_of(limits)
        if (key := key_of(respect.name, device)) in figures
    ]
    far.append(f"at {by_name[found.nearest].resolution} px")
    return f"no architecture of this run keeps these limits; the nearest is {found.nearest}: {', '.join(far)}"


def _words(
    field: Field, chosen: Iterable[Candidate], kind: Kind | None, device: str
) -> tuple[list[str], list[list[object]]]:
    """Columns and rows for people: those of which the run has a figure, without intervals."""
    keys = _keys(field, kind, device)
    rows: list[list[object]] = [
        [
            item.name,
            *(_brief(item, key) for key in keys.values()),
            f"{item.resolution} px" if item.resolution else None,
        ]
        for item in chosen
    ]
    return ["architecture", *(name.replace("memory", "peak memory") for name in keys), "input"], rows


def _brief(item: Candidate, key: str) -> str | None:
    """A figure without its interval, or in short why there is none."""
    if key in item.figures:
        return item.figures[key].text.partition(" [")[0]
    return item.lacks.get(key, "").partition(",")[0] or None


def _raw(
    field: Field, chosen: Iterable[Candidate], kind: Kind | None, device: str
) -> tuple[list[str], list[list[object]]]:
    """The same in SI units, an accuracy as a share, with where the accuracy comes from."""
    keys = _keys(field, kind, device)
    accuracy = next(iter(keys.values()), "")
    rows: list[list[object]] = []
    for item in chosen:
        values = [item.figures[key].value if key in item.figures else None for key in keys.values()]
        source = item.figures[accuracy].note if kind and accuracy in item.figures else None
        bounds = " ".join(name for name, key in keys.items() if key in item.figures and item.figures[key].bound)
        noisy = " ".join(name for name, key in keys.items() if key in item.figures and item.figures[key].status)
        of = kind.name if kind else None
        told = [source, bounds or None, noisy or None]
        rows.append([item.name, *values, item.resolution, device or None, of, *told])
    columns = [_RAW.get(name, name) for name in keys]
    last = ("resolution", "device", "accuracy_of", "accuracy_source", "lower_bounds", "noisy")
    return ["architecture", *columns, *last], rows


def _keys(field: Field, kind: Kind | None, device: str) -> dict[str, str]:
    """Where the figures of a candidate are, by the respect's name."""
    from reports.candidates.choice import RESPECTS
    from reports.candidates.figures import key_of

    keys = {respect.name: key_of(respect.name, device) for respect in RESPECTS}
    return {name: key for name, key in keys.items() if field.has(_name(kind), key)}


def _lower(title: str) -> str:
    """A title within a sentence: abbreviations keep their capitals."""
    return title if title[1:2].isupper() else title[0].lower() + title[1:]


VERB = Verb("recommend", "the architectures that keep your limits and that no other beats", configure, run)
