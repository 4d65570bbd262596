"""Every verdict: of two runs, of a gate, of a history, of an experiment; and what counts as red."""
