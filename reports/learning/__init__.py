"""What is said of trainings: scenarios, effects, strategies, quadrants, curves."""
