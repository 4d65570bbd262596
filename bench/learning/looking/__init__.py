"""Pictures of what a network has inside: how each is found and drawn. Used in the worker alone."""
