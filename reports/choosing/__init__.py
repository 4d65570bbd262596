"""Choice among candidates: the user's limits, the answer, its evidence, and what more measuring would settle."""
