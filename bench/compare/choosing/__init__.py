"""Evidence behind a choice between architectures, and what more measuring would settle of it."""
