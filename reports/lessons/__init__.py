"""Lessons in words: their verdicts, their effects in their units, and the figures of their arms."""
