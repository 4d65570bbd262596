"""Choice of an architecture for a user: the figures of the candidates, and the selection among them."""
