"""The verdicts of experiments: trainings that differ in one condition, and which of them are still wanted."""
