"""What a run is to find out, and the trainings that would decide what is open."""
