"""What is said and written of a network that is taken away."""
