"""What a gate told, kept in its store, and the judgements of several jobs told together."""
