"""Pictures of what a trained network has inside: how each is found and drawn. Only workers import it."""
