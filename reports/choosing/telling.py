"""A choice in words: what was asked, what is chosen, trained how, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.transfer import AS_IS
from bench.words import few
from reports.candidates.accuracies import validation
from reports.candidates.choice import ChoiceAnswer, Respect, respects_of
from reports.candidates.figures import Kind, key_of
from reports.candidates.found import Candidate, Field
from reports.learning.recipe_note import recipe_note

_SHOWN = 6
"""Architectures whose trainings are told."""
_DIGITS = 8
"""Digits of a cell's key that are shown."""
_NAMED = 20
"""Architectures that are named as left out for one reason."""
_NOISE = "noisy:"
"""Beginning of the words about a disturbance in the note of a figure."""
_TRIED = 3
"""Architectures that one is told to measure."""


def asked_words(run: str, device: str, kind: Kind | None, field: Field, limits: Mapping[str, float]) -> list[str]:
    """The request as understood: the run, and the limits with their units."""
    words = [f"run {run}", *([f"costs on {device}"] if device else [])]
    words += [f"{in_sentence(field.merit)} on {kind.title}"] if kind else []
    asked = [
        f"{in_sentence(respect)} at {'least' if respect.better == 'higher' else 'most'} "
        + respect.told(limits[respect.name])
        for respect in respects_of(limits, field.respects)
    ]
    return ["; ".join(words), *([f"asked: {', '.join(asked)}"] if asked else [])]


def title_of(found: ChoiceAnswer, field: Field) -> str:
    """Title of the chosen ones."""
    wanted = ", ".join(map(in_sentence, respects_of(found.wanted, field.respects)))
    return (
        f"{len(found.chosen)} architecture{'' if len(found.chosen) == 1 else 's'} that no other beats in {wanted}"
    )


def best_in(chosen: Sequence[Candidate], found: ChoiceAnswer, field: Field, device: str) -> Iterator[str]:
    """Lines on which of several is best in what; of equal ones the first."""
    best: dict[str, list[str]] = {}
    for respect in respects_of(found.wanted, field.respects) if len(chosen) > 1 else ():
        key = key_of(respect.name, device)
        least = min(chosen, key=lambda item: respect.badness(item.figures[key].value))
        best.setdefault(least.name, []).append(in_sentence(respect))
    if best:
        yield "best in " + "; in ".join(f"{', '.join(titles)}: {name}" for name, titles in best.items())


def conditions(chosen: Iterable[Candidate], device: str) -> Iterator[str]:
    """Under what the latency of those shown was measured: what they have in common."""
    key = key_of("latency", device)
    notes = [item.figures[key].note.split(", ") for item in chosen if key in item.figures]
    shared = [word for word in notes[0] if all(word in other for other in notes)] if notes else []
    told = [word for word in shared if not word.startswith(_NOISE)]
    if told:
        yield f"latency: {', '.join(told)}"
    if any(word.startswith(_NOISE) for words in notes for word in words):
        yield "noisy: other programs ran meanwhile; evobench run --fresh measures anew"


def trained_how(chosen: Sequence[Candidate], merit: Respect) -> Iterator[str]:
    """Lines on how the chosen were trained and how good each is, with its interval; none for published figures."""
    trained = [item for item in chosen if item.trainings]
    for item in trained[:_SHOWN]:
        figure = item.figures[merit.name]
        alone = "" if figure.low is not None else ", no interval"
        yield f"{item.name}: {figure.text}{alone}, {figure.note.removeprefix('measured, ')}"
    if len(trained) > _SHOWN:
        yield f"and {len(trained) - _SHOWN} more, whose trainings --format csv lists"
    if note := recipe_note([row for item in trained for row in item.trainings]):
        yield note


def to_take_away(run: str, chosen: Sequence[Candidate], field: Field, kind: Kind) -> tuple[str, ...]:
    """The command that trains the best of the chosen anew, to be kept; none where none was trained for its steps.

    That command takes by itself what validation images find best of a run on one target; another training it is
    told by its cell.
    """
    rows = chosen[0].trainings if chosen else ()
    if not rows or rows[0]["mode"] == AS_IS or rows[0]["duration"]:
        return ()
    trained = [item for item in field.by_kind[kind.name] if item.trainings]
    is_best = chosen[0] is max(trained, key=lambda item: validation(item.trainings))
    is_alone = sum(not item.published for item in field.kinds) == 1
    which = "--best" if is_best and is_alone else f"--scenario {rows[0]['key'][:_DIGITS]}"
    return ("evobench save-model", run, "DIR", which)


def on_own_images(chosen: Sequence[Candidate]) -> Iterator[str]:
    """Lines on how to get measured figures in place of published ones."""
    if chosen:
        names = ",".join(item.name for item in chosen[:_TRIED])
        command = f"evobench run --arch {names} --weights pretrained --target folder:PATH"
        yield f"to measure them on your own images: {command}"


def nearest(
    by_name: Mapping[str, Candidate], found: ChoiceAnswer, field: Field, device: str, limits: Iterable[str]
) -> str:
    """Sentence on the option nearest to the limits, and how far it is beyond them."""
    if not found.nearest:
        return "no architecture of this run has a figure for every criterion"
    figures = by_name[found.nearest].figures
    far = [
        f"{in_sentence(respect)} {figures[key].text}"
        for respect in respects_of(limits, field.respects)
        if (key := key_of(respect.name, device)) in figures
    ]
    far.append(f"at {by_name[found.nearest].resolution} px")
    return f"no architecture of this run keeps these limits; the nearest is {found.nearest}: {', '.join(far)}"


def left_out(found: ChoiceAnswer) -> Iterator[str]:
    """Lines on who is left out, by reason, the most frequent first."""
    for reason, names in sorted(found.left_out.items(), key=lambda item: -len(item[1])):
        yield f"{len(names)} left out: {reason} \N{EN DASH} {few(names, _NAMED)}"


def in_sentence(respect: Respect) -> str:
    """A title within a sentence: abbreviations keep their capitals."""
    title = respect.title
    return title if title[1:2].isupper() else title[0].lower() + title[1:]
