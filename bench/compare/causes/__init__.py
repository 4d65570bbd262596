"""Origin of a difference: the profiles of both sides, compared layer by layer."""
