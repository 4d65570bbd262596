"""The parts of the schedule: works, their order, what is ready, and what is free on a host."""
