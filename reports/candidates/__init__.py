"""Which architecture suits a user: the figures of the candidates, and the choice among them."""
