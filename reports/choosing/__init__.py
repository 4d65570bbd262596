"""What people ask of the candidates, what is chosen, what that rests on, and what more measuring would settle."""
