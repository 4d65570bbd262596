"""Names of comparisons of trainings: what is equal on both sides, and the treatment."""

from __future__ import annotations

from bench.cell import USUAL_RECIPE
from bench.compare.experiments.contrasts import Kind
from bench.transfer import transfer_of
from reports.learning.scenarios import Row, joined


def words_of(kind: Kind, base: Row, treated: Row) -> tuple[str, str]:
    """Condition and treatment of a comparison, from a training of either side."""
    mode = treated["mode"]
    match kind:
        case "augmentation":
            return joined(treated["weights"], mode, treated["rare"]), treated["augmentation"]
        case "pretraining":
            words = joined(f"augmentation {treated['augmentation']}", treated["rare"])
            return words, f"{treated['weights']}, {mode}"
        case "recipe":
            return (
                joined(mode, _condition(treated)),
                f"{treated['recipe']} recipe instead of the {USUAL_RECIPE}'s",
            )
        case "statistics":
            return joined(base["mode"], _condition(treated)), "BatchNorm re-estimated"
        case "activations":
            return joined(base["mode"], _condition(treated)), f"activations of {transfer_of(mode).stage}"
        case "tuning" | "head":
            return _condition(treated), f"{mode} instead of {base['mode']}"


def _condition(row: Row) -> str:
    return joined(row["weights"], f"augmentation {row['augmentation']}", row["rare"])
