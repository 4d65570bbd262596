"""What a run shows at a glance: its findings, and a card an architecture."""
