"""Results of trainings: scenarios, effects, strategies, quadrants and curves."""
