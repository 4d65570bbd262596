"""Given weights: their answers to pictures, without any training."""
