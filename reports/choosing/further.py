"""What ten more minutes of measuring would settle of a choice, estimated from the durations of this run's
trainings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from bench.compare.choosing.settling import CandidateArm, More, Standing, more, standings, yardstick
from bench.transfer import AS_IS, transfer_of
from reports.candidates.choice import ACCURACY
from reports.candidates.figures import Kind
from reports.candidates.found import Candidate, Field
from reports.choosing.again import command_for
from reports.choosing.rests import questions_of
from reports.learning.effects import design, training_of
from reports.learning.scenarios import trainings
from reports.tidy.frame import Frames, rows_of

Row = Mapping[str, Any]
_HEADS = "heads architecture={} "
"""Names of the artifacts that an architecture's heads on fixed features need."""


@dataclass(frozen=True)
class Further:
    """State of the comparisons that a choice rests on, and the further trainings that would settle some."""

    standings: tuple[Standing, ...]
    more: More
    command: tuple[str, ...]
    """Words of the command that trains them, an option with its values each; empty where nothing is to be
    trained."""


def further(
    frames: Frames, field: Field, kind: Kind, device: str, limits: Mapping[str, float], store: tuple[str, ...] = ()
) -> Further:
    """The further trainings that would settle a choice made from measured trainings.

    Args:
        frames: the run.
        field: candidates of the run.
        kind: kind of accuracy that ranks them; not a published one.
        device: device of the costs.
        limits: limits by the name of the respect.
        store: the option that names the store of the run; none of the usual one.
    """
    candidates = {item.name: item for item in field.by_kind[kind.name] if item.trainings}
    questions = questions_of(field.options(kind.name, device), limits, field.respects)
    arms = _arms(frames, candidates.values())
    of_images = field.merit.name == ACCURACY
    by = yardstick(design(frames), len(arms), is_share=field.merit.share, of_images=of_images)
    found = standings(questions, arms, by)
    soon = more(found, arms)
    wanted = dict.fromkeys(name for item in soon.standings for name in item.question.names)
    keys = [row["key"] for name in wanted for row in candidates[name].trainings]
    rows = rows_of(frames.records[frames.records["key"].isin(keys)])
    settings = frames.run.settings
    command = command_for(frames.run.command, settings, rows, kind.whole, soon.seeds, store) if rows else ()
    return Further(found, soon, command)


def _arms(frames: Frames, candidates: Iterable[Candidate]) -> dict[str, CandidateArm]:
    lanes = at_once(frames)
    return {
        item.name: CandidateArm(
            tuple(training_of({**row, "value": row["merit"]}) for row in item.trainings),
            _seconds(frames, item.name, item.trainings) / lanes,
            grows=item.trainings[0]["mode"] != AS_IS,
        )
        for item in candidates
    }


def _seconds(frames: Frames, name: str, rows: Sequence[Row]) -> float:
    """Wall time of a process of one training, with its share of heads that were trained for several at once."""
    one = median(float(row["seconds"]) for row in rows)
    if not _is_read_by_shared_heads(rows[0]["mode"]):
        return one
    made = frames.artifacts[frames.artifacts["description"].str.startswith(_HEADS.format(name))]
    cells = trainings(frames)
    own = cells[(cells["architecture"] == name) & cells["value"].notna() & (cells["reused_from"] == "")]
    heads = sum(map(_is_read_by_shared_heads, own["mode"]))
    return one + (float(made["seconds"].sum()) / heads if heads else 0.0)


def _is_read_by_shared_heads(mode: str) -> bool:
    """Whether heads of several folds or seeds are trained together, before the trainings that they belong to."""
    return mode != AS_IS and transfer_of(mode).head == "softmax"


def at_once(frames: Frames) -> float:
    """Average number of trainings that went on at once, while at least one did: 1 where none was measured here."""
    attempts = frames.attempts[frames.attempts["key"].isin(trainings(frames)["key"])]
    own = [row for row in rows_of(attempts) if not row["reused_from"] and row["started"] and row["seconds"] > 0]
    busy, last = 0.0, float("-inf")
    for begun, seconds in sorted(
        (datetime.fromisoformat(row["started"]).timestamp(), row["seconds"]) for row in own
    ):
        busy += max(0.0, begun + seconds - max(begun, last))
        last = max(last, begun + seconds)
    return max(1.0, sum(row["seconds"] for row in own) / busy) if busy else 1.0
