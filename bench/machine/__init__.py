"""This machine and its processes: the fingerprint, its state, what disturbs it, want of memory."""
