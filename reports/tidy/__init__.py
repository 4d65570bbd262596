"""From the store to tidy pandas tables: the only reader for display."""
