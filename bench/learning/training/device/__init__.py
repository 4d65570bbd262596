"""Use of a device while a network trains: feeding it, how long it waits, and which of its kernels are sound."""
