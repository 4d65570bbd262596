"""Work of a job's process."""
