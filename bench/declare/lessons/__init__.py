"""What a lecture teaches, in lessons as hypotheses and in chapters as a history, as it is declared and kept."""
