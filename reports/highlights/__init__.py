"""A run at a glance: its findings, and a card per architecture."""
