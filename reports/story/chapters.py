"""The chapters of the evolution, with the figures that a run has of their networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.declare.groups import Side
from bench.declare.lessons.chapter import CHAPTERS, KIND, Chapter, Step
from bench.words import listed
from reports import formats
from reports.figures import at_inference, auxiliary_heads
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.sizes import headline

Row = Mapping[str, Any]
USUAL = 224
"""Side of the inputs, in pixels, that multiply-adds are of where nothing else is said."""
_NOUNS = {"parameters": "parameters", "macs": "multiply-adds"}
_ERRORS = {"top5_error": "top-5", "top1_error": "top-1"}
"""Published errors, that which is compared where both have it first."""


@dataclass(frozen=True)
class ChapterLine:
    """Statement of a run about a network, and about the earlier one that it is compared with."""

    side: Side
    before: Side | None
    """Side of the earlier network; None: the figures stand alone, or the run has nothing of it."""
    figures: str
    """Behind `has`."""


@dataclass(frozen=True)
class ToldChapter:
    """A chapter with its figures."""

    chapter: Chapter
    years: str
    """Years in which its networks first appeared: `2014`, `2015 to 2016`; empty where none is known."""
    papers: tuple[str, ...]
    drawn: Side | None
    """Side whose block shows the idea, with the caption; None where the run recorded none."""
    lines: tuple[ChapterLine, ...]
    sources: tuple[str, ...]
    """Sources of the published errors in the lines."""


@dataclass(frozen=True)
class _Words:
    """A part of a sentence."""

    text: str = ""
    compared: bool = False
    """Whether the words have a figure of the earlier network, too."""


@dataclass(frozen=True)
class _Known:
    """The figures of a run that chapters can say."""

    lineage: Mapping[str, Row]
    cells: Mapping[tuple[str, str], Sequence[Row]]
    """Cells with a figure that chapters compare, by measure and architecture."""
    published: Mapping[str, Sequence[Row]]

    def cell(self, measure: str, side: Side) -> Row | None:
        """The side's cell at its own size; parameters are the same at any size."""
        found = self.cells.get((measure, side.architecture), ())
        size = side.resolution or self.lineage[side.architecture]["resolution"]
        at_size = [row for row in found if row["resolution"] == size]
        return next(iter(at_size or (found if measure == "parameters" else ())), None)

    def error(self, quantity: str, protocol: str, side: Side) -> Row | None:
        """The side's first published error of that protocol."""
        rows = self.published.get(side.architecture, ())
        return next((row for row in rows if (row["quantity"], row["protocol"]) == (quantity, protocol)), None)


def chapters(frames: Frames) -> tuple[ToldChapter, ...]:
    """The chapters of which the run has a figure, the oldest first.

    They are those that the run keeps; for one that keeps none, those of the catalogues that are loaded.
    """
    known = _known(frames)
    told = [_told(item, known, frames) for item in declared(frames)]
    return tuple(sorted((item for item in told if item.lines), key=lambda item: item.years or "9999"))


def declared(frames: Frames) -> list[Chapter]:
    """All chapters that could be told, with or without figures: the run's own, else those of loaded catalogues."""
    kept = frames.declared(KIND) or [item.to_dict() for item in CHAPTERS]
    return [Chapter.from_dict(content) for content in kept]


def has_own(frames: Frames) -> bool:
    """Whether the run keeps chapters: if not, their words come from whoever makes the report."""
    return bool(frames.declared(KIND))


def _known(frames: Frames) -> _Known:
    cells: dict[tuple[str, str], list[Row]] = {}
    shown = headline(frames)
    for measure in ("parameters", "macs", "latency"):
        for row in rows_of(frames.measured(measure, mode="infer", batch=1)):
            if row["key"] in shown:
                cells.setdefault((measure, row["architecture"]), []).append(row)
    published: dict[str, list[Row]] = {}
    for row in rows_of(frames.published):
        published.setdefault(row["architecture"], []).append(row)
    return _Known({row["name"]: row for row in rows_of(frames.architectures)}, cells, published)


def _told(item: Chapter, known: _Known, frames: Frames) -> ToldChapter:
    steps = [step for step in item.steps() if step.side.architecture in known.lineage]
    found = [(step, *_line(step, known)) for step in steps]
    lines = tuple(line for _, line, _ in found if line.figures)
    rows = [known.lineage[step.side.architecture] for step, line, _ in found if line.figures]
    years = sorted({int(row["year"]) for row in rows if not pd.isna(row["year"])})
    recorded = {name for name, network in frames.networks.items() if network.block}
    return ToldChapter(
        chapter=item,
        years=" to ".join(str(year) for year in dict.fromkeys((years[0], years[-1]))) if years else "",
        papers=tuple(dict.fromkeys(row["paper"] for row in rows if row["paper"])),
        drawn=next((side for side in item.drawn if side.architecture in recorded), None),
        lines=lines,
        sources=tuple(dict.fromkeys(source for _, line, sources in found if line.figures for source in sources)),
    )


def _line(step: Step, known: _Known) -> tuple[ChapterLine, list[str]]:
    """Line about a step, and the sources of its published errors."""
    before = step.before if step.before and step.before.architecture in known.lineage else None
    said, sources = [], []
    for figure in step.figures:
        if figure == "error":
            words, found = _error(step, before, known)
            sources += found
        elif figure == "latency":
            words = _latency(step.side, before, known)
        else:
            words = _count(figure, step.side, before, known)
        said.append(words)
    held = before if any(words.compared for words in said) else None
    return ChapterLine(step.side, held, listed([words.text for words in said if words.text])), sources


def _count(measure: str, side: Side, before: Side | None, known: _Known) -> _Words:
    """`25.6 M instead of 138 M parameters`; of inputs of other sizes multiply-adds stand each with its own."""
    new, old = known.cell(measure, side), known.cell(measure, before) if before else None
    if new is None:
        return _Words()
    noun, size = _NOUNS[measure], "" if measure == "parameters" else _size(new)
    if before is None or old is None:
        return _Words(f"{_number(new)} {noun}{size}")
    if measure == "macs" and new["resolution"] != old["resolution"]:
        new_size, old_size = (f"{cell['resolution']} × {cell['resolution']}" for cell in (new, old))
        each = f"{_number(new)} {noun} at {new_size} ({before.label}: {_number(old)} at {old_size})"
        return _Words(each, compared=True)
    if _number(new) == _number(old):
        return _Words(f"as many {noun} ({_number(new)}){size}", compared=True)
    return _Words(f"{_number(new)} instead of {_number(old)} {noun}{size}", compared=True)


def _number(cell: Row) -> str:
    heads = " (without auxiliary heads)" if auxiliary_heads(cell) else ""
    return formats.quantity(at_inference(cell), "1", cell["bound"]) + heads


def _size(cell: Row) -> str:
    """Behind multiply-adds, where their input is not `USUAL` pixels a side."""
    return "" if cell["resolution"] == USUAL else f" at {cell['resolution']} × {cell['resolution']}"


def _latency(side: Side, before: Side | None, known: _Known) -> _Words:
    """Words on the latency of one input, where both networks were measured undisturbed on one host at one size and
    are surely apart."""
    new, old = known.cell("latency", side), known.cell("latency", before) if before else None
    if new is None or old is None or not (_is_quiet(new) and _is_quiet(old)):
        return _Words()
    alike = all(new[name] == old[name] for name in ("resolution", "host", "device"))
    apart = new["high"] < old["low"] or old["high"] < new["low"]
    if not (alike and apart):
        return _Words()
    return _Words(f"a latency of {_seconds(new)} instead of {_seconds(old)}", compared=True)


def _is_quiet(cell: Row) -> bool:
    return not any((cell["bound"], pd.notna(cell["noisy"]), pd.isna(cell["low"])))


def _seconds(cell: Row) -> str:
    return formats.quantity(cell["value"], cell["unit"])


def _error(step: Step, before: Side | None, known: _Known) -> tuple[_Words, list[str]]:
    """The published error that both have by the protocol; where only the new network has one, that alone."""
    found = {name: known.error(name, step.protocol, step.side) for name in _ERRORS}
    held = {name: known.error(name, step.protocol, before) if before else None for name in _ERRORS}
    order = sorted(_ERRORS, key=lambda name: not (found[name] and held[name]))
    for name in order:
        new, old = found[name], held[name]
        if new is not None:
            rows = [row for row in (new, old) if row is not None]
            words = " instead of ".join(formats.quantity(row["value"], "%") for row in rows)
            sources = [f"{row['architecture']}: {row['source']}, {row['resolution']} px" for row in rows]
            protocol = f" ({step.protocol})" if step.protocol != SINGLE_CROP else ""
            text = f"a {_ERRORS[name]} error of {words}{protocol}"
            return _Words(text, compared=old is not None), sources
    return _Words(), []
