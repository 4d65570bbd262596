"""The verdicts of a gate: base and head, measured in turn, told and kept."""
