"""This machine: its fingerprint, its devices, what disturbs it, and its limits of memory."""
