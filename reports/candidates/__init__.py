"""Which architecture for me: figures of candidates, and the choice among them."""
