"""Transfer learning: data, weights, features, heads and fine-tuning."""
