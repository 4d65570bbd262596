"""The training loop, and how a killed training is resumed."""
