"""Text from elsewhere, made harmless for where it is shown."""
