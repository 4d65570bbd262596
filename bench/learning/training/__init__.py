"""The training loop, and the resumption of a killed training."""
