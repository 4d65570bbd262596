"""What keeps a device busy while a network trains, and tells how long it waits."""
