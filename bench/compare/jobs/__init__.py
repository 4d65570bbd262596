"""Results of a gate in its store, and the judgements of several jobs as one."""
