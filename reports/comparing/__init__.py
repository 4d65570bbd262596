"""Two runs side by side, and how their verdicts are told."""
