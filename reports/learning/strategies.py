"""Ways of transfer against each other: recipes, heads, statistics of BatchNorm, activations, tuning or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.cell import USUAL_RECIPE
from bench.compare.experiment import corrected
from bench.transfer import transfer_of
from reports.learning.effects import OWN, SAME_TASK, Effect, against, trained
from reports.learning.scenarios import Row, groups, joined, without
from reports.tidy.frame import Frames
from reports.tidy.once import once

_SAME_BUT_RECIPE = without("recipe", "pipeline", *OWN)
_FIXED = ("features+softmax", "features+svm")
"""Fixed features, the first of which tuning is compared with."""


@once
def strategy_effects(frames: Frames) -> tuple[Effect, ...]:
    """Every such comparison of the run; verdicts corrected for the number of all of them."""
    rows = trained(frames)
    kinds = {
        "tuning": _tunings,
        "recipe": _recipes,
        "head": _heads,
        "statistics": _statistics,
        "activations": _activations,
    }
    return corrected(replace(effect, kind=kind) for kind, find in kinds.items() for effect in find(rows))


def _tunings(rows: Sequence[Row]) -> Iterator[Effect]:
    """Fine-tuning against a head on fixed features of the same weights, each with its own recipe."""
    for group in groups(rows, (*SAME_TASK, "weights")):
        fixed = next((mode for mode in _FIXED if any(row["mode"] == mode for row in group)), "")
        base = [row for row in group if row["mode"] == fixed]
        tuned = [row for row in group if transfer_of(row["mode"]).kind == "finetune"]
        for same in groups(tuned, ["mode"]):
            yield from against(base, same, _condition(same[0]), f"{same[0]['mode']} instead of {fixed}")


def _recipes(rows: Sequence[Row]) -> Iterator[Effect]:
    """Another recipe against the harness's, each with its own steps and learning rate."""
    for group in groups(rows, _SAME_BUT_RECIPE):
        base = [row for row in group if row["recipe"] == USUAL_RECIPE]
        for same in groups((row for row in group if row["recipe"] != USUAL_RECIPE), ["recipe"]):
            treatment = f"{same[0]['recipe']} recipe instead of the {USUAL_RECIPE}'s"
            yield from against(base, same, joined(same[0]["mode"], _condition(same[0])), treatment)


def _heads(rows: Sequence[Row]) -> Iterator[Effect]:
    """A linear SVM against a softmax head on the same features, which folds and seeds pair."""
    for group in groups(rows, (*SAME_TASK, "weights")):
        for treated in groups((row for row in group if transfer_of(row["mode"]).head == "svm"), ["mode"]):
            other = treated[0]["mode"].removesuffix("svm") + "softmax"
            base = [row for row in group if row["mode"] == other]
            yield from against(base, treated, _condition(treated[0]), f"{treated[0]['mode']} instead of {other}")


def _statistics(rows: Sequence[Row]) -> Iterator[Effect]:
    """BatchNorm re-estimated on the target's training images against the statistics of the source."""
    for group in groups(rows, without("mode")):
        for treated in groups((row for row in group if transfer_of(row["mode"]).reestimated), ["mode"]):
            mode = treated[0]["mode"]
            plain = mode.replace("features-bn", "features", 1)
            base = [row for row in group if row["mode"] == plain]
            yield from against(base, treated, joined(plain, _condition(treated[0])), "BatchNorm re-estimated")


def _activations(rows: Sequence[Row]) -> Iterator[Effect]:
    """Activations of an earlier stage against those that the model's own head is given."""
    for group in groups(rows, without("mode")):
        staged = (row for row in group if transfer_of(row["mode"]).frozen and transfer_of(row["mode"]).stage)
        for treated in groups(staged, ["mode"]):
            mode = treated[0]["mode"]
            stage = transfer_of(mode).stage
            last = mode.replace(f"@{stage}", "", 1)
            base = [row for row in group if row["mode"] == last]
            yield from against(base, treated, joined(last, _condition(treated[0])), f"activations of {stage}")


def _condition(row: Row) -> str:
    return joined(row["weights"], f"augmentation {row['augmentation']}", row["rare"])
