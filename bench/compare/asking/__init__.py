"""Questions of a run, and the trainings that would decide those that are open."""
