"""The parts of the schedule: works, what is free on a host, the order of works, and what is ready. All are pure."""
