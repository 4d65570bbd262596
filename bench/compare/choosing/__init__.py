"""What a choice between architectures rests on, and what more measuring would settle of it."""
