"""What a job's process does."""
