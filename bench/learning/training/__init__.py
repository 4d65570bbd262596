"""The training loop, heads on frozen features, and how a killed training is resumed."""
