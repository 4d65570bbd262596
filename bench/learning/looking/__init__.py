"""Pictures of what a network has inside, found and drawn in the worker alone."""
