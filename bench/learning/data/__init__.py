"""Images for learning: decoded, split, augmented, and brought into a model's shape."""
