"""Pictures of what a trained network has inside, found and drawn in workers alone."""
