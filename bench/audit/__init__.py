"""The lecture's claims, and the verdict on each."""
