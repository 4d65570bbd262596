"""What the learning cells run: data, weights, features, heads and fine-tuning."""
