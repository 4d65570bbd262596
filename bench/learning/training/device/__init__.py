"""What keeps a device busy while a network trains, how long it waits, and which of its kernels are sound."""
