"""What a lecture teaches: lessons as hypotheses, chapters and milestones as a history."""
