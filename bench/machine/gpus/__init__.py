"""GPUs of a machine: identity, state, and other processes on them."""
