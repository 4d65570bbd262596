"""Pictures of a trained network's inner state, made in workers alone."""
